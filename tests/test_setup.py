"""What `make demo` and `make test` install is pinned, complete and from nowhere in particular."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"


def wanted(name: str) -> dict[str, Requirement]:
    """The requirements of an .in file by canonical name."""
    lines = (REQUIREMENTS / name).read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {canonicalize_name(each.name): each for each in found}


def pins(name: str) -> dict[str, str]:
    """The versions in a lock file by canonical name."""
    found = re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==([^\s;\\]+)", (REQUIREMENTS / name).read_text())
    return {canonicalize_name(package): version for package, version in found}


def test_no_requirements_file_says_where_packages_are_downloaded() -> None:
    files = list(REQUIREMENTS.iterdir())
    assert len(files) == 6
    assert [each.name for each in files if "://" in each.read_text()] == []


@pytest.mark.parametrize("name", ["uv.txt", "run.txt", "dev.txt"])
def test_every_pin_has_a_hash(name: str) -> None:
    entries = re.split(r"(?m)^(?=\w)", (REQUIREMENTS / name).read_text())[1:]
    assert len(entries) >= len(pins(name)) > 0
    assert [each for each in entries if "--hash=sha256:" not in each] == []


@pytest.mark.parametrize(("asked", "lock"), [("run.in", "run.txt"), ("dev.in", "dev.txt")])
def test_the_lock_has_everything_that_is_asked_for(asked: str, lock: str) -> None:
    locked = pins(lock)
    unmet = [
        str(requirement)
        for name, requirement in wanted(asked).items()
        if name not in locked or not requirement.specifier.contains(locked[name], prereleases=True)
    ]
    assert unmet == []


def test_what_is_tested_is_what_runs() -> None:
    assert pins("run.txt").items() <= pins("dev.txt").items()


def test_pyproject_and_the_run_time_requirements_are_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = {*project["project"]["dependencies"], *project["build-system"]["requires"]}
    assert declared == {str(requirement) for requirement in wanted("run.in").values()}


@pytest.mark.parametrize(
    ("arguments", "command"),
    [(["demo"], ".venv/bin/loa demo"), (["demo", "ONCE=1"], ".venv/bin/loa demo --once")],
)
def test_make_demo_ends_in_the_demo(arguments: list[str], command: str) -> None:
    plan = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert plan[-1].strip() == command


def test_who_may_not_install_is_told_what_to_ask_for(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    refused = subprocess.run(
        ["/bin/bash", ROOT / "tools" / "system-deps"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "apt-get install --no-install-recommends chromium-headless-shell" in refused.stderr
