"""Whatever is changed in a bundle is found, and the first wrong thing is named."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from dispatcher.domain.printed_line import PrintedLine
from dispatcher.domain.status import Reason
from dispatcher.evidence import verify
from dispatcher.evidence.verify import Brought, judge
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import delivery, seal
from dispatcher.ledger.verifying import decoding
from tests.evidence import forging
from tests.evidence import story as stories
from tests.evidence.conftest import Made
from tests.ledger.chronicle import KEY, STRANGER

NO_KEY = ""


def said(path: Path, made: Made, *, key: str = NO_KEY) -> tuple[int, str]:
    status, lines = judge(path, Brought(key, str(made.old)))
    return status, "\n".join(lines)


@pytest.fixture
def bundle(made: Made, tmp_path: Path) -> Path:
    """A copy to be spoilt, with the log it came from beside it."""
    shutil.copyfile(made.database, tmp_path / "original.db")
    return stories.copy(made.bundle, tmp_path / "bundle")


FILES = st.sampled_from([
    "README.txt", "checkpoint", "consistency.json", "deliveries.csv", "deliveries.xlsx",
    "events.jsonl", "key", "manifest.json", "manifest.note", "pages.jsonl", "report.html",
    "verify.py", "versions/1/content.json", "versions/1/sms.vi.json",
])  # fmt: skip


@given(name=FILES, place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_changed_byte_anywhere_is_found(
    made: Made, bundle: Path, name: str, place: float, mask: int
) -> None:
    path = bundle / name
    whole = path.read_bytes()
    spoilt = bytearray(whole)
    spoilt[int(place * len(whole))] ^= mask
    path.write_bytes(bytes(spoilt))
    try:
        assert said(bundle, made)[0] == 1
    finally:
        path.write_bytes(whole)


def test_the_property_knows_every_file(made: Made) -> None:
    names = {each.relative_to(made.bundle).as_posix() for each in made.bundle.rglob("*.*")}
    names |= {"checkpoint", "key"}
    assert names == set(FILES.elements)  # type: ignore[attr-defined]


def test_each_missing_file_is_named(made: Made, bundle: Path) -> None:
    for path in [each for each in sorted(bundle.rglob("*")) if each.is_file()]:
        whole = path.read_bytes()
        path.unlink()
        status, words = said(bundle, made)
        assert status == 1
        assert path.name in words
        path.write_bytes(whole)


def test_a_file_slipped_in_is_named(made: Made, bundle: Path) -> None:
    (bundle / "sửa.txt").write_text("x", encoding="utf-8")
    assert said(bundle, made) == (1, verify.Wrong("unlisted", "sửa.txt").told())


Values = list[Any]


@dataclass(frozen=True)
class Forgery:
    """A change after which the manifest is signed anew with the real key, and what is named."""

    name: str
    forge: Callable[[Path], None]
    named: str


def forge_entries(bundle: Path, old: bytes, new: bytes) -> None:
    """Other bytes in whichever entries have these, in the pages alone."""

    def forged(value: dict[str, Any]) -> dict[str, Any]:
        listed = [each.replace(old, new) for each in verify.split(base64.b64decode(value["body"]))]
        body = b"".join(len(each).to_bytes(2, "big") + each for each in listed)
        return {**value, "body": base64.b64encode(body).decode()}

    forging.lines(bundle, "pages.jsonl", lambda values: [forged(each) for each in values])


def approve_oneself(bundle: Path) -> None:
    forge_entries(bundle, b'{"act":"approve","actor":2', b'{"act":"approve","actor":1')


def approve_other_words(bundle: Path) -> None:
    digest = json.loads((bundle / "events.jsonl").read_bytes().splitlines()[0])["facts"]["digest"]
    forge_entries(bundle, digest.encode(), b"0" * 64)


def drop_event(bundle: Path) -> None:
    forging.lines(bundle, "events.jsonl", lambda values: values[:-1])


def add_event(bundle: Path) -> None:
    forging.lines(bundle, "events.jsonl", lambda values: [*values, values[-1]])


def better_word(bundle: Path) -> None:
    """A failure becomes a delivery in the words, not in the pages."""

    def change(values: Values) -> Values:
        return [{**each, "to": "delivered"} if each.get("to") == "failed" else each
                for each in values]  # fmt: skip

    forging.lines(bundle, "events.jsonl", change)


def drop_pages(*kinds: str) -> Callable[[Path], None]:
    """Leave out the last page that has such an event, with its events."""

    def forge(bundle: Path) -> None:
        told = (bundle / "events.jsonl").read_bytes().splitlines()
        events = [json.loads(line) for line in told]
        last = max(each["page"] for each in events if each.get("act", each["event"]) in kinds)
        for name in ("pages.jsonl", "events.jsonl"):
            forging.lines(bundle, name, lambda values: [v for v in values if v["page"] != last])
        forging.find_paths(bundle)

    return forge


def swap_pages(bundle: Path) -> None:
    for name in ("pages.jsonl", "events.jsonl"):
        forging.lines(bundle, name, lambda values: [values[1], values[0], *values[2:]])
    forging.find_paths(bundle)


def other_words(bundle: Path) -> None:
    path = bundle / "versions" / "1" / "sms.vi.json"
    path.write_bytes(path.read_bytes().replace(b"De nghi", b"Yeu cau"))


def other_language(bundle: Path) -> None:
    (bundle / "versions" / "1" / "sms.vi.json").rename(bundle / "versions" / "1" / "sms.en.json")


def cell(delivery: str, column: int, value: str) -> Callable[[Path], None]:
    def change(told: list[forging.Row]) -> list[forging.Row]:
        return [
            [*row[:column], value, *row[column + 1 :]] if row[0] == delivery else row
            for row in told
        ]

    return lambda bundle: forging.rows(bundle, change)


def only_spreadsheet(bundle: Path) -> None:
    text = (bundle / "deliveries.csv").read_bytes()
    cell("1.3", 5, "delivered")(bundle)
    (bundle / "deliveries.csv").write_bytes(text)


def later_checkpoint(bundle: Path) -> None:
    """A note of a size that the log has not reached, over the root there is."""
    told = (bundle / "checkpoint").read_text(encoding="utf-8").split("\n")
    note = KEY.checkpoint(int(told[1]) + 5, base64.b64decode(told[2]))
    (bundle / "checkpoint").write_text(note, encoding="utf-8")


def other_log(bundle: Path) -> None:
    def change(told: str) -> str:
        old = json.loads(told)
        note = STRANGER.checkpoint(old[0]["size"], bytes(32))
        return json.dumps([{**old[0], "note": note}, *old[1:]])

    path = bundle / "consistency.json"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


FORGERIES = [
    Forgery("the author approves", approve_oneself, "không thuộc sổ đã ký"),
    Forgery("other words were approved", approve_other_words, "không thuộc sổ đã ký"),
    Forgery("the last event is dropped", drop_event, "events.jsonl:$"),
    Forgery("an event is told twice", add_event, "events.jsonl:"),
    Forgery("a failure is told as a delivery", better_word, "events.jsonl:"),
    Forgery("the approval is left out", drop_pages("approve"), "approval:1"),
    Forgery("the start is left out", drop_pages("start"), "không có mục bắt đầu"),
    Forgery("the births are left out", drop_pages("birth"), "phải là birth"),
    Forgery("the last word is left out", drop_pages("change"), "số liệu chốt"),
    Forgery("pages change places", swap_pages, "thứ tự"),
    Forgery("the words are others", other_words, "versions/1/"),
    Forgery("the words are for others", other_language, "versions/1/"),
    Forgery("a failure is a delivery in the tables", cell("1.3", 5, "delivered"), "Mã trạng thái"),
    Forgery("in Vietnamese alone", cell("1.3", 6, "đã đến"), "Trạng thái"),
    Forgery("evidence is stronger", cell("1.4", 7, "person"), "Căn cứ"),
    Forgery("a reason is milder", cell("1.3", 8, "107"), "Mã lý do"),
    Forgery("an attempt is forgotten", cell("1.2", 10, "1"), "Lần thử"),
    Forgery("parts are added", cell("1.5", 11, "2"), "Số phần"),
    Forgery("another route", cell("1.5", 12, "2"), "Kết nối"),
    Forgery("another message of the provider", cell("1.5", 13, "SM-6-1"), "Mã của nhà cung cấp"),
    Forgery("an earlier hour", cell("1.5", 14, "2026-01-01T00:00:00.000+07:00"), "Ghi lúc"),
    Forgery("another delivery's row", cell("1.5", 0, "1.6"), "Trang sổ|cột|deliveries.csv"),
    Forgery("a row of nobody", cell("1.5", 0, "1.77"), "1.77"),
    Forgery("a row less", lambda path: forging.rows(path, lambda told: told[:-1]), "1.9"),
    Forgery("a row twice", lambda path: forging.rows(path, lambda r: [*r, r[0]]), "1.1"),
    Forgery("the spreadsheet alone", only_spreadsheet, "deliveries.xlsx:4"),
    Forgery("a checkpoint of the future", later_checkpoint, "không thuộc sổ đã ký"),
    Forgery("an older checkpoint of another key", other_log, "consistency.json[0]"),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.name)
def test_what_is_forged_and_signed_anew_is_named(
    made: Made, bundle: Path, forgery: Forgery
) -> None:
    forgery.forge(bundle)
    forging.resign(bundle)
    status, words = said(bundle, made, key=KEY.vkey())
    assert status == 1, words
    assert any(each in words for each in forgery.named.split("|")), words


def test_an_honest_bundle_signed_anew_is_still_honest(made: Made, bundle: Path) -> None:
    forging.rows(bundle, lambda told: told)
    forging.lines(bundle, "pages.jsonl", lambda values: values)
    forging.resign(bundle)
    assert said(bundle, made, key=KEY.vkey())[0] == 0


# --- what the auditor brings


def test_without_anything_from_elsewhere_there_is_no_verdict(made: Made) -> None:
    status, words = judge(made.bundle, Brought("", ""))
    assert status == 2
    assert "CHƯA KẾT LUẬN" in words[-1]
    assert "NO VERDICT" in words[-1]


def test_another_key_is_refused(made: Made) -> None:
    assert judge(made.bundle, Brought(STRANGER.vkey(), "")) == (
        1,
        [verify.Wrong("key", "key").told()],
    )


def test_a_checkpoint_of_another_log_is_refused(made: Made, tmp_path: Path) -> None:
    other = replace(KEY, origin="loa.elsewhere.gov.vn/log")
    path = tmp_path / "old"
    path.write_text(other.checkpoint(3, bytes(32)), encoding="utf-8")
    status, words = judge(made.bundle, Brought("", str(path)))
    assert (status, "của sổ khác" in words[0]) == (1, True)


def test_a_checkpoint_by_another_key_is_refused(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_text(STRANGER.checkpoint(3, bytes(32)), encoding="utf-8")
    assert judge(made.bundle, Brought("", str(path)))[0] == 1


@pytest.mark.parametrize(("size", "hint"), [(2, "--since"), (10_000, "mới hơn")])
def test_a_checkpoint_that_cannot_be_compared_brings_no_verdict(
    made: Made, tmp_path: Path, size: int, hint: str
) -> None:
    path = tmp_path / "old"
    path.write_text(KEY.checkpoint(size, bytes(32)), encoding="utf-8")
    status, words = judge(made.bundle, Brought("", str(path)))
    assert (status, hint in words[0]) == (2, True)


def test_a_printed_line_is_as_good_as_a_file(made: Made) -> None:
    note = made.story.old.split("\n")
    root = base64.b64decode(note[2])
    line = str(PrintedLine(note[0], int(note[1]), date(2026, 11, 22), root))
    assert judge(made.bundle, Brought("", line))[0] == 0
    assert judge(made.bundle, Brought("", line.lower().replace("-", " ")))[0] == 0
    slip = line[:-1] + ("A" if line[-1] != "A" else "B")
    assert judge(made.bundle, Brought("", slip))[0] == 2
    other = str(PrintedLine(note[0], int(note[1]), date(2026, 11, 22), root[::-1]))
    assert judge(made.bundle, Brought("", other))[0] == 1


def test_a_checkpoint_of_what_a_restore_lost_is_told_from_a_rewritten_history() -> None:
    now = verify.Checkpoint(f"{KEY.origin}/2", 8, bytes(32))
    proofs = [{"size": 5, "path": []}]
    for origin, code in ((KEY.origin, "lost"), (now.origin, "rewritten")):
        with pytest.raises(verify.Wrong) as found:
            verify.check_contains(verify.Checkpoint(origin, 5, bytes(32)), now, proofs)
        assert found.value.code == code
        assert found.value.told()


@pytest.mark.parametrize("given", ["không có", __file__])
def test_what_is_no_bundle_brings_no_verdict(given: str) -> None:
    assert judge(Path(given), Brought(KEY.vkey(), ""))[0] == 2


# --- the log itself, rewritten by whoever holds database and key


def test_history_rewritten_with_the_real_key_is_caught_by_the_older_checkpoint_alone(
    told: Ledger, made: Made, tmp_path: Path
) -> None:
    """Number 3's failure becomes a delivery, from the page to the seals: all signed anew."""
    rewritten_history(told, made.story)
    path = stories.whole(told, made.story, tmp_path / "bundle")
    assert judge(path, Brought(KEY.vkey(), ""))[0] == 0
    status, words = said(path, made)
    assert (status, "đã bị viết lại" in words) == (1, True)


def rewritten_history(ledger: Ledger, story: stories.Story) -> None:
    with ledger.read() as conn:
        row = conn.execute(select(delivery).where(delivery.c.id == 3)).one()
        seals = conn.scalars(select(seal.c.page_id)).all()
    old = (6, Reason.UNKNOWN_SUBSCRIBER)

    def arrived(entry: bytes) -> bytes:
        change = decoding.change(entry) if entry[0] == decoding.CHANGE else None
        if change is None or change.delivery != 3:
            return entry
        assert (change.after, change.reason) == old
        return entry[:22] + bytes([7, 0, 0]) + entry[25:]

    def counted(entry: bytes) -> bytes:
        for delivered, text in ((6, b'"delivered":6'), (5, b'"delivered":5')):
            more = b'"delivered":%d' % (delivered + 1)
            entry = entry.replace(text + b',"failed":1', more)
        return entry

    forging.rewrite(ledger, row.page_id, arrived)
    for page_id in seals:
        forging.rewrite(ledger, page_id, counted)
    with ledger.begin() as conn:
        conn.execute(update(delivery).where(delivery.c.id == 3).values(status=7, reason=0))
