"""What reaches citizens is not run with defaults, and secrets need not be in the environment."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from dispatcher.config import Settings, root_key
from dispatcher.domain.errors import Misconfigured
from dispatcher.safety import dangers, refuse_dangers

GOOD = {
    "public_url": "https://loa.ninhbinh.gov.vn",
    "origin": "loa.ninhbinh.gov.vn/log",
    "root_key": b64encode(bytes(range(7, 39))).decode(),
}


def settings(folder: Path, **changed: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, **GOOD, **changed})


def test_a_well_kept_installation_is_let_be(tmp_path: Path) -> None:
    assert dangers(settings(tmp_path)) == []


DANGERS = [
    ({"public_url": "http://loa.ninhbinh.gov.vn"}, "not_https"),
    ({"root_key": b64encode(bytes(32)).decode()}, "known_root_key"),
    ({"root_key": b64encode(bytes(range(32))).decode()}, "known_root_key"),
    ({"origin": "loa.local/log"}, "default_origin"),
    ({"loopback_routes": True}, "loopback_routes"),
]


@pytest.mark.parametrize(("changed", "code"), DANGERS)
def test_a_default_or_an_open_door_is_refused_in_production_alone(
    tmp_path: Path, changed: dict[str, object], code: str
) -> None:
    it = settings(tmp_path, **changed)
    assert [each.code for each in dangers(it)] == [code]
    with pytest.raises(Misconfigured):
        refuse_dangers(it, "production")
    refuse_dangers(it, "demo")


@pytest.mark.parametrize(("mode", "codes"), [(0o600, []), (0o640, ["open_root_key"])])
def test_a_root_key_that_others_can_read_is_refused(
    tmp_path: Path, mode: int, codes: list[str]
) -> None:
    it = settings(tmp_path, root_key="")
    root_key(it)
    (tmp_path / "root.key").chmod(mode)
    assert [each.code for each in dangers(it)] == codes


@pytest.mark.parametrize("variable", ["LOA_SECRETS_DIR", "CREDENTIALS_DIRECTORY"])
def test_a_secret_comes_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    (tmp_path / "loa_root_key").write_text(GOOD["root_key"] + "\n")
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.delenv("LOA_ROOT_KEY", raising=False)
    assert root_key(Settings(data_dir=tmp_path)) == bytes(range(7, 39))


def test_a_folder_of_secrets_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_SECRETS_DIR", "/khong/co")
    with pytest.raises(Misconfigured, match="LOA_SECRETS_DIR"):
        Settings()


def test_no_secret_is_shown_with_the_settings(tmp_path: Path) -> None:
    assert GOOD["root_key"] not in repr(settings(tmp_path))
