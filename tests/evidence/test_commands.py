"""loa audit prove, export, consistency: as an operator types them, and what an auditor sees."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from dispatcher import bootstrap
from dispatcher.author import Desk
from dispatcher.bootstrap import Runtime
from dispatcher.domain.printed_line import PrintedLine
from dispatcher.evidence.words import HANOI
from dispatcher.ledger.tables import lease
from tests.doors.conftest import Ended, Loa, loa
from tests.evidence import story as stories
from tests.evidence.conftest import open_office
from tests.evidence.story import Story, judge

__all__ = ["loa"]

AUDITOR = ("--as", "Vũ Thị Thanh Tra")


@pytest.fixture
def installed(loa: Loa) -> Iterator[Runtime]:
    """An installation in the test's folder, which `loa` finds."""
    opened = bootstrap.build()
    bootstrap.prepare(opened, kind="test")
    yield opened
    opened.close()


@pytest.fixture
def story(installed: Runtime, desk: Desk) -> Story:
    office = open_office(installed.ledger, desk)
    told = stories.tell(office, installed.log_key)
    office.board.close()
    with installed.ledger.begin() as conn:  # the story's sealer has gone home
        conn.execute(delete(lease))
    return told


@pytest.fixture
def old(story: Story, tmp_path: Path) -> str:
    """The file that an auditor kept."""
    path = tmp_path / "march"
    path.write_text(story.old, encoding="utf-8")
    return str(path)


def fine(ended: Ended) -> Ended:
    assert ended.status == 0, ended.err
    return ended


def test_a_zip_of_one_dispatch_holds_against_an_older_checkpoint(
    loa: Loa, story: Story, old: str, tmp_path: Path
) -> None:
    target = str(tmp_path / "evidence.zip")
    told = fine(loa("audit", "export", "1", target, "--since", old, *AUDITOR, "--json")).told
    assert (told["dispatches"], told["deliveries"]) == (1, 9)
    assert judge(tmp_path / "evidence.zip", "--checkpoint", old).status == 0
    assert judge(tmp_path / "evidence.zip").status == 2


@pytest.mark.parametrize("which", [("--period", "2020-01-01", "2099-12-31"), ("--all",)])
def test_a_folder_of_many_holds_too(
    loa: Loa, story: Story, old: str, tmp_path: Path, which: tuple[str, ...]
) -> None:
    actor = ("--as", "Hoàng Gia Bảo")  # of the centre, above all
    fine(loa("audit", "export", *which, str(tmp_path / "all"), "--since", old, *actor))
    assert judge(tmp_path / "all", "--checkpoint", old).status == 0


def test_the_whole_log_is_not_a_commune_s_to_hand_out(
    loa: Loa, story: Story, tmp_path: Path
) -> None:
    ended = loa("audit", "export", "--all", str(tmp_path / "all"), *AUDITOR)
    assert (ended.status, (tmp_path / "all").exists()) == (1, False)


def test_evidence_overwrites_nothing(loa: Loa, story: Story, old: str) -> None:
    assert loa("audit", "export", "1", old, *AUDITOR).status == 1
    assert Path(old).read_text(encoding="utf-8") == story.old


def test_handing_out_evidence_is_an_act(loa: Loa, story: Story, tmp_path: Path) -> None:
    fine(loa("audit", "export", "1", str(tmp_path / "one"), *AUDITOR))
    fine(loa("audit", "export", "--all", str(tmp_path / "all"), "--as", "Hoàng Gia Bảo"))
    events = (tmp_path / "all" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    acts = [json.loads(line) for line in events if '"export"' in line]
    assert [act["subject"] for act in acts] == ["dispatch:1", "agency:1"]


def test_one_delivery_is_told_and_proved(loa: Loa, story: Story, old: str, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    told = fine(loa("audit", "prove", "1.2", "--output", str(path), "--since", old, *AUDITOR))
    assert "trình duyệt (approval:1" in told.out
    assert "không thành công (timeout)" in told.out
    assert "đã đến; căn cứ: nhà mạng; lần thử 2" in told.out
    status, said = judge(path, "--checkpoint", old)
    assert status == 0, said


@pytest.mark.parametrize("delivery", ["1.99", "9.1", "hai"])
def test_a_delivery_that_is_not_there_is_said_so(loa: Loa, story: Story, delivery: str) -> None:
    assert loa("audit", "prove", delivery, *AUDITOR).status == 1


def test_the_log_says_whether_it_contains_a_checkpoint(
    loa: Loa, story: Story, old: str, tmp_path: Path
) -> None:
    told: Any = fine(loa("audit", "consistency", old, "--json")).told
    assert (told["answer"], told["old"]) == ("contained", stories.size_of(story.old))
    assert told["proof"]


def test_the_log_says_that_it_does_not_contain_another(
    loa: Loa, story: Story, old: str, tmp_path: Path
) -> None:
    origin, size, root = story.old.split("\n")[:3]
    today = datetime.now(HANOI).date()
    other = PrintedLine(origin, int(size), today, base64.b64decode(root)[::-1])
    said = loa("audit", "consistency", str(other), "--json")
    assert (said.status, said.told["answer"], said.told["proof"]) == (1, "differs", [])
    same = PrintedLine(origin, int(size), today, base64.b64decode(root))
    assert loa("audit", "consistency", str(same)).status == 0


def test_a_forged_checkpoint_is_not_compared(loa: Loa, story: Story, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    forged.write_text(story.old.replace("\n", "\n1", 1), encoding="utf-8")
    ended = loa("audit", "consistency", str(forged))
    assert (ended.status, "không phải điểm kiểm do sổ này ký" in ended.err) == (1, True)
