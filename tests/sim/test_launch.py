"""Simulators start from the command line, say where they are, and leave nothing behind."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sim.asking import get

SIM = Path(__file__).parents[2] / "dispatcher" / "sim"
ORPHAN = """
import time
from dispatcher.sim.launch import start
print(start("twilio").process.pid, flush=True)
time.sleep(60)
"""


def test_all_of_them_fit_into_one_process() -> None:
    command = [sys.executable, "-m", "dispatcher.sim", "all"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        ready = [json.loads(process.stdout.readline()) for _ in range(4)]
        seen = [get(f"{one['control']}/_sim/seen").json()["requests"] for one in ready]
        process.terminate()
    assert [one["name"] for one in ready] == ["twilio", "smtp", "zalo", "carrier"]
    assert seen == [0, 0, 0, 0]
    assert process.returncode == 0


def test_a_wrong_option_ends_with_a_message() -> None:
    command = [sys.executable, "-m", "dispatcher.sim", "twilio", "--manners", '{"eror": 1}']
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "--manners" in ended.stderr


def test_a_simulator_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while is_running(child):
        assert time.monotonic() < deadline, "the simulator outlived its parent"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether the process exists and is not waiting to be reaped."""
    try:
        os.kill(pid, 0)
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.parametrize("path", sorted(SIM.glob("*.py")), ids=lambda path: path.name)
def test_simulators_import_nothing_of_ours(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    absolute = {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    absolute |= {node.module or "" for node in froms if node.level == 0}
    assert not {name for name in absolute if name.split(".")[0] in ("dispatcher", "channels")}
    assert all(node.level <= 1 for node in froms)
