"""A backup is copied back: the engine holds everything by itself until somebody reconciles."""

from __future__ import annotations

import shutil
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from dispatcher import bootstrap
from dispatcher.domain.printed_line import PrintedLine
from dispatcher.pulse import beat
from tests.doors.conftest import AGENCY, Loa
from tests.doors.test_command_line import count, refused
from tests.servers.smtp import SmtpServer

ADMINISTRATOR = "Nguyễn Thị Mai"
WHY = "khôi phục bản sao lúc 02:00"


def work() -> None:
    """One beat of a process that has just started, and its errand to the places outside.

    The one before it has long gone: nobody holds the lease of the sealer.
    """
    runtime = bootstrap.build()
    try:
        with runtime.ledger.begin() as conn:
            conn.execute(text("DELETE FROM lease"))
        beat(runtime.verbs)
        runtime.verbs["anchor"](0)
    finally:
        runtime.close()


def backup(folder: Path, name: str) -> Path:
    copied = folder / name
    shutil.copyfile(folder / "data" / "loa.db", copied)
    return copied


@pytest.fixture
def installed(begin: Loa, loa: Loa) -> Loa:
    begin("--kind", "test")
    work()
    return loa


@pytest.fixture
def gone_back(installed: Loa, tmp_path: Path) -> Loa:
    """A database that has forgotten its last page."""
    kept = backup(tmp_path, "backup.db")
    installed("stop", "agency:1", "--why", "thử", "--as", ADMINISTRATOR)
    work()
    for each in (tmp_path / "data").glob("loa.db*"):
        each.unlink()
    shutil.copyfile(kept, tmp_path / "data" / "loa.db")
    return installed


def test_a_process_that_starts_on_a_restored_database_holds_everything(
    gone_back: Loa, tmp_path: Path
) -> None:
    signed = count(tmp_path, "checkpoint")
    work()
    assert count(tmp_path, "stop", "scope = 'all'") == 1
    assert count(tmp_path, "alarm", "code = 'log_went_back'") == 1
    assert count(tmp_path, "checkpoint") == signed
    checked = gone_back("check")
    assert (checked.status, "loa audit reconcile" in checked.out) == (1, True)
    refused(gone_back("stop", "all", "--lift", "--as", ADMINISTRATOR), "loa audit reconcile")


def test_reconciling_goes_on_as_the_next_generation_and_says_what_was_lost(
    gone_back: Loa, tmp_path: Path
) -> None:
    older = (tmp_path / "data" / "checkpoints" / "newest.txt").read_text()
    (tmp_path / "thu.txt").write_text(older)
    work()
    ended = gone_back("audit", "reconcile", "--why", WHY, "--as", ADMINISTRATOR)
    assert (ended.status, "Thế hệ 2 của sổ" in ended.out) == (0, True)
    work()
    assert count(tmp_path, "stop") == 0
    newest = (tmp_path / "data" / "checkpoints" / "newest.txt").read_text()
    assert newest.startswith("loa.local/log/2\n")
    assert len(gone_back("audit", "key").out.splitlines()) == 2
    told = gone_back("audit", "verify", "--checkpoint", "thu.txt", "--json").told
    assert told["verified"] is True
    assert [each["code"] for each in told["notices"]] == ["outside_lost", "generation_lost"]


def test_a_printed_line_is_typed_back(installed: Loa, tmp_path: Path) -> None:
    line = installed("audit", "line", "--page", "in.html", "--as", ADMINISTRATOR).out.strip()
    page = (tmp_path / "in.html").read_text()
    assert line in page
    # Scaled whole: without a viewBox the code would be cut off at the figure's edge.
    assert "viewBox=" in page.split("<svg")[1].split(">")[0]
    assert count(tmp_path, "anchor", "kind = 'paper'") == 1
    assert installed("audit", "check-line", line.lower().replace("-", " ")).status == 0
    slip = line.replace("#", "0#", 1)
    refused(installed("audit", "check-line", slip))


def test_a_line_of_a_longer_log_is_wrong_and_leaves_an_event(
    gone_back: Loa, installed: Loa, tmp_path: Path
) -> None:
    before = count(tmp_path, "act", "name = 'refuse'")
    other = "loa.local/log 999 22/11/2026 " + "0000-" * 12 + "0000"
    ended = installed("audit", "check-line", f"{other} #{_check(other)}", "--json")
    assert (ended.status, ended.told["answer"]) == (1, "beyond")
    assert count(tmp_path, "act", "name = 'refuse'") == before + 1


def _check(line: str) -> str:
    name, size, _, _ = line.split()
    return PrintedLine(name, int(size), date(2026, 11, 22), bytes(32)).check


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, smtp_server: SmtpServer) -> SmtpServer:
    """An auditors' mailbox and a folder."""
    (tmp_path / "worm").mkdir()
    for name, value in (
        ("DIR", str(tmp_path / "worm")),
        ("MAIL", "kiemtra@thanhtra.example.gov.vn"),
        ("SMTP", f"smtp://{smtp_server.host}:{smtp_server.port}"),
        ("FROM", "loa@xa.example.gov.vn"),
    ):
        monkeypatch.setenv(f"LOA_ANCHOR_{name}", value)
    return smtp_server


def test_a_checkpoint_a_day_goes_to_mailbox_and_folder(
    outside: SmtpServer, installed: Loa, tmp_path: Path
) -> None:
    work()
    (note,) = [each.read_text() for each in (tmp_path / "worm").iterdir()]
    (mail,) = outside.messages
    assert mail.rcpt_tos == ["kiemtra@thanhtra.example.gov.vn"]
    assert _attached(mail.content) == note
    (tmp_path / "worm" / "kept").write_text(note)
    assert installed("audit", "verify", "--checkpoint", "worm/kept").status == 0
    assert count(tmp_path, "anchor") == 2
    assert count(tmp_path, "act", "name = 'anchor'") == 2


def _attached(content: Any) -> str:
    message = message_from_bytes(content, policy=policy.default)
    (part,) = message.iter_attachments()  # type: ignore[attr-defined]
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_place_that_refuses_is_named_and_the_others_go_on(
    outside: SmtpServer, installed: Loa, tmp_path: Path
) -> None:
    outside.reply_to = lambda _address: "550 5.1.1 no"
    ended = installed("audit", "anchor", "--as", ADMINISTRATOR)
    assert ended.status == 1
    assert "✓ folder" in ended.out
    assert "✗ mail: the mail server refused every recipient" in ended.out
    # One of each from the day's first beat, and the folder's of now.
    assert count(tmp_path, "anchor", "kind = 'mail'") == 1
    assert count(tmp_path, "anchor", "kind = 'folder'") == 2


def test_another_installation_s_checkpoint_stops_the_start(
    installed: Loa, begin: Loa, tmp_path: Path
) -> None:
    for each in (tmp_path / "data").glob("loa.db*"):
        each.unlink()
    begin("--kind", "test", agency=AGENCY)
    checked = installed("check")
    assert (checked.status, "LOA_CHECKPOINT_DIR" in checked.out) == (1, True)
