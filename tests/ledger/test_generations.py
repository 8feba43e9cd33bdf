"""A log that went back: found out by what is kept outside, owned up to, and never hidden."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger import generations, pages, sealer
from dispatcher.ledger.kept import NEWEST, Kept, Point, point
from dispatcher.ledger.sealer import LogKey, Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.verifying import Report, verify
from tests.ledger.chronicle import KEY, NOW, STRANGER
from tests.ledger.guards import drop_guards

#: Pages that the log has, and that the lost log had.
KEPT, LOST = 3, 5


def grow(ledger: Ledger, kept: Kept | None, count: int) -> None:
    """Pages with one harmless act each, sealed one after the other."""
    for _ in range(count):
        with ledger.begin() as conn:
            pages.record(conn, "note", "note:1", actor=0, at=NOW, facts={})
        Sealer(ledger, KEY, "a", kept).seal()


def newest(ledger: Ledger) -> str:
    with ledger.read() as conn:
        row = sealer.latest(conn)
    assert row is not None
    return str(row.note)


def lost(size: int = LOST, origin: str = KEY.origin) -> str:
    """A checkpoint of a log that was once there."""
    return LogKey(origin, KEY.key).checkpoint(size, bytes([size]) * 32)


def as_point(note: str) -> Point:
    found = point(note, KEY.origin, KEY.public)
    assert found is not None
    return found


def contains(ledger: Ledger, note: str) -> bool:
    with ledger.read() as conn:
        return generations.contains(conn, KEY.origin, as_point(note))


def begin(ledger: Ledger, former: str) -> int:
    """The next generation, as reconciling begins it."""
    with ledger.begin() as conn:
        size = sealer.size(conn)
        return generations.begin(
            conn,
            KEY.origin,
            tree=(size, sealer.tree_at(conn, size).root()),
            former=as_point(former),
            why="khôi phục bản sao lúc 02:00",
            actor=7,
            at=NOW,
        )


def check(ledger: Ledger, **outside: str) -> Report:
    return verify(ledger, public_key=KEY.public, origin=KEY.origin, outside=outside)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "checkpoints", KEY.origin, KEY.public)


# --- what is kept outside


def test_a_newer_checkpoint_replaces_an_older_and_never_the_other_way_round(kept: Kept) -> None:
    for size, taken in ((3, True), (3, False), (2, False), (4, True)):
        assert kept.keep(lost(size), NOW) is taken
    found = kept.newest()
    assert found is not None
    assert (found.size, found.root) == (4, bytes([4]) * 32)


def test_the_history_has_a_file_a_day_and_a_checkpoint_a_minute(kept: Kept) -> None:
    day_ms = 86_400_000
    for size, at in ((1, NOW), (2, NOW + 1_000), (3, NOW + 61_000), (4, NOW + day_ms)):
        kept.keep(lost(size), at)
    days = sorted(kept.folder.glob("2*.txt"))
    assert [each.read_text() for each in days] == [f"{lost(1)}\n{lost(3)}\n", f"{lost(4)}\n"]


@pytest.mark.parametrize("note", [STRANGER.checkpoint(9, bytes(32)), "", lost()[:-9], lost() + "x"])
def test_beside_another_log_s_checkpoint_nothing_is_known_and_nothing_kept(
    kept: Kept, note: str
) -> None:
    kept.folder.mkdir()
    (kept.folder / NEWEST).write_text(note)
    with pytest.raises(Misconfigured, match="another log"):
        kept.newest()
    with pytest.raises(Misconfigured):
        kept.keep(lost(), NOW)
    assert (kept.folder / NEWEST).read_text() == note


def test_only_the_log_s_own_checkpoints_are_kept(kept: Kept) -> None:
    with pytest.raises(ValueError, match="not a checkpoint"):
        kept.keep(STRANGER.checkpoint(9, bytes(32)), NOW)


# --- whether the log contains it


def test_a_log_contains_every_checkpoint_of_its_own(ledger: Ledger) -> None:
    for _ in range(KEPT):
        grow(ledger, None, 1)
        assert contains(ledger, newest(ledger))


@pytest.mark.parametrize("size", [KEPT, LOST])
def test_a_log_does_not_contain_a_longer_or_a_different_one(ledger: Ledger, size: int) -> None:
    grow(ledger, None, KEPT)
    assert not contains(ledger, lost(size))


def test_a_log_that_went_back_is_not_signed_on(ledger: Ledger, kept: Kept) -> None:
    grow(ledger, kept, KEPT)
    kept.keep(lost(), NOW)
    grow(ledger, kept, 1)
    with ledger.read() as conn:
        assert (sealer.size(conn), sealer.oldest_open(conn)) == (KEPT, NOW)


def test_the_next_generation_contains_what_it_declared_lost_and_nothing_longer(
    ledger: Ledger,
) -> None:
    grow(ledger, None, KEPT)
    begin(ledger, lost())
    assert [contains(ledger, lost(size)) for size in (LOST - 1, LOST, LOST + 1)] == [
        True,
        True,
        False,
    ]


def test_a_different_log_of_the_same_size_is_declared_by_its_very_checkpoint(
    ledger: Ledger,
) -> None:
    grow(ledger, None, KEPT)
    begin(ledger, lost(KEPT))
    assert contains(ledger, lost(KEPT))
    assert not contains(ledger, lost(KEPT - 1))


def test_a_generation_signs_under_its_own_name(ledger: Ledger, kept: Kept) -> None:
    grow(ledger, kept, KEPT)
    kept.keep(lost(), NOW)
    assert begin(ledger, lost()) == 2
    grow(ledger, kept, 1)
    assert newest(ledger).startswith(f"{KEY.origin}/2\n{KEPT + 1 + 1}\n")
    assert kept.keep(newest(ledger), NOW)


def test_a_name_that_was_signed_under_is_not_used_again(ledger: Ledger) -> None:
    grow(ledger, None, KEPT)
    assert not contains(ledger, lost(origin=f"{KEY.origin}/2"))
    assert begin(ledger, lost(origin=f"{KEY.origin}/2")) == 3
    grow(ledger, None, 1)
    assert check(ledger).verified


def test_dispatches_are_numbered_behind_a_gap(ledger: Ledger) -> None:
    with ledger.begin() as conn:
        generations.leave_lost_numbers(conn)
        if conn.dialect.name == "sqlite":
            assert generations.next_number(conn) == 1_000_001
        else:
            name = "pg_get_serial_sequence('dispatch', 'id')"
            assert conn.scalar(text(f"SELECT nextval({name})")) > 1_000_000


# --- what the verifier says


@pytest.fixture
def restored(ledger: Ledger) -> Ledger:
    """A log of two generations."""
    grow(ledger, None, KEPT)
    begin(ledger, lost())
    grow(ledger, None, 2)
    return ledger


def test_a_declared_loss_is_no_error_and_is_named(restored: Ledger) -> None:
    report = check(restored)
    assert report.findings == ()
    (loss,) = report.notices
    assert (loss.code, loss.where, loss.since) == ("generation_lost", "generation(number=2)", NOW)
    assert f"the last {LOST - KEPT} pages of {KEY.origin} were lost" in loss.en
    assert "tài khoản 7" in loss.vi
    assert "khôi phục bản sao lúc 02:00" in loss.vi


def test_a_log_without_a_loss_has_no_notice(ledger: Ledger) -> None:
    grow(ledger, None, KEPT)
    assert check(ledger).notices == ()


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (lost(LOST), "outside_lost"),
        (lost(LOST - 1), "outside_lost"),
        (lost(LOST + 1), "outside_beyond"),
        (lost(KEPT), "outside_root"),
        (lost(KEPT - 1), "outside_root"),
        (lost(LOST, f"{KEY.origin}/2"), "outside_root"),
        (lost(99, f"{KEY.origin}/2"), "outside_beyond"),
        (STRANGER.checkpoint(KEPT, bytes(32)), "outside_note"),
        ("", "outside_note"),
    ],
)
def test_an_older_checkpoint_is_contained_or_named(restored: Ledger, note: str, code: str) -> None:
    report = check(restored, thu=note)
    named = [each.code for each in (*report.findings, *report.notices)]
    assert sorted(named) == sorted([code, "generation_lost"])
    assert report.verified is (code == "outside_lost")


def test_the_log_s_own_checkpoints_are_contained(restored: Ledger) -> None:
    with restored.read() as conn:
        notes = list(conn.scalars(text("SELECT note FROM checkpoint")))
    report = check(restored, **{f"n{at}": note for at, note in enumerate(notes)})
    assert (report.verified, len(report.notices)) == (True, 1)


@dataclass(frozen=True)
class Tampering:
    name: str
    sql: str
    codes: set[str]


TAMPERINGS = [
    Tampering(
        "the generation forgotten",
        "DELETE FROM generation",
        {"generation_missing", "checkpoint_note"},
    ),
    Tampering(
        "more was kept",
        "UPDATE generation SET size = size + 1",
        {"generation_undeclared"},
    ),
    Tampering(
        "less was kept",
        "UPDATE generation SET size = size - 1",
        {"generation_undeclared", "checkpoint_note"},
    ),
    Tampering("another reason", "UPDATE generation SET why = 'x'", {"generation_undeclared"}),
    Tampering("somebody else", "UPDATE generation SET began_by = 8", {"generation_undeclared"}),
    Tampering("another time", "UPDATE generation SET began_at = 8", {"generation_undeclared"}),
    Tampering(
        "less was lost",
        "UPDATE generation SET former = (SELECT note FROM checkpoint WHERE size = 3)",
        {"generation_undeclared"},
    ),
    Tampering(
        "nothing was lost",
        "UPDATE generation SET former = ''",
        {"generation_former", "generation_undeclared"},
    ),
    Tampering(
        "another name",
        "UPDATE generation SET origin = origin || '0'",
        {"generation_number", "generation_undeclared"},
    ),
    Tampering(
        "another number",
        "UPDATE generation SET number = 4",
        {"generation_number", "generation_undeclared", "generation_missing", "checkpoint_note"},
    ),
]


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda each: each.name)
def test_a_loss_cannot_be_talked_away(restored: Ledger, tampering: Tampering) -> None:
    with restored.begin() as conn:
        drop_guards(conn)
        conn.execute(text(tampering.sql))
    assert {each.code for each in check(restored).findings} == tampering.codes


def _an_undeclared_generation(conn: Connection) -> None:
    """As somebody with database and key would: the row and the signatures, but no act."""
    note = LogKey(f"{KEY.origin}/2", KEY.key).checkpoint(4, sealer.tree_at(conn, 4).root())
    former = lost(9)
    conn.execute(
        text(
            "INSERT INTO generation (number, origin, size, former, why, began_by, began_at) "
            "VALUES (2, :origin, 3, :former, '', 7, 1)"
        ),
        {"origin": f"{KEY.origin}/2", "former": former},
    )
    conn.execute(text("UPDATE checkpoint SET note = :note WHERE size = 4"), {"note": note})


def test_a_generation_that_the_log_does_not_declare_is_found(ledger: Ledger) -> None:
    grow(ledger, None, KEPT + 1)
    with ledger.begin() as conn:
        drop_guards(conn)
        _an_undeclared_generation(conn)
    assert {each.code for each in check(ledger).findings} == {"generation_undeclared"}
