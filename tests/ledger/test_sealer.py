"""The sealer: nothing slips under it, nothing depends on its memory, nothing sealed can change."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.exc import DBAPIError

from dispatcher.ledger import merkle, pages, routes, sealer
from dispatcher.ledger.routes import NewRoute
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import (
    APPEND_ONLY,
    account,
    anchor,
    generation,
    leaf,
    retirement,
    tile,
)
from dispatcher.ledger.verifying import tree, verify
from tests.ledger import chronicle
from tests.ledger.chronicle import KEY, NOW


def write_page(conn: Connection, number: int) -> None:
    page_id = pages.record(conn, "note", f"note:{number}", actor=0, at=NOW, facts={})
    assert page_id > 0


def positions(ledger: Ledger) -> list[int]:
    with ledger.read() as conn:
        return list(conn.scalars(text("SELECT page_id FROM leaf ORDER BY position")))


def test_a_slow_transaction_with_a_lower_page_is_sealed_later(postgres_ledger: Ledger) -> None:
    steady = Sealer(postgres_ledger, KEY, "a")
    with postgres_ledger.begin() as slow:
        low = pages.record(slow, "note", "note:1", actor=0, at=NOW, facts={})
        with postgres_ledger.begin() as quick:
            high = pages.record(quick, "note", "note:2", actor=0, at=NOW, facts={})
        assert low < high
        assert steady.seal() == 1
        assert verify(postgres_ledger, public_key=KEY.public, origin=KEY.origin).verified
    assert steady.seal() == 1
    assert positions(postgres_ledger) == [high, low]
    assert verify(postgres_ledger, public_key=KEY.public, origin=KEY.origin).verified


def test_a_page_that_is_committed_while_others_are_sealed_waits_for_the_next_turn(
    postgres_ledger: Ledger,
) -> None:
    """The sealer's statements each see a newer moment: only the first may choose pages."""
    steady = Sealer(postgres_ledger, KEY, "a")
    slow = postgres_ledger.engine.connect()
    late = slow.begin()
    pages.record(slow, "note", "note:1", actor=0, at=NOW, facts={})
    with postgres_ledger.begin() as conn:
        write_page(conn, 2)

    def commit_late(*told: Any) -> None:
        if "INSERT INTO leaf" in told[2] and late.is_active:
            late.commit()

    event.listen(postgres_ledger.engine, "after_cursor_execute", commit_late)
    assert [steady.seal(), steady.seal(), steady.seal()] == [1, 1, 0]
    slow.close()
    assert verify(postgres_ledger, public_key=KEY.public, origin=KEY.origin).verified


def test_only_one_of_two_sealers_has_the_lease(ledger: Ledger) -> None:
    with ledger.begin() as conn:
        write_page(conn, 1)
    assert Sealer(ledger, KEY, "a").seal() == 1
    with ledger.begin() as conn:
        write_page(conn, 2)
    assert Sealer(ledger, KEY, "b").seal() == 0
    assert Sealer(ledger, KEY, "a").seal() == 1


def test_with_nothing_to_seal_there_is_no_checkpoint(ledger: Ledger) -> None:
    assert Sealer(ledger, KEY, "a").seal() == 0
    with ledger.read() as conn:
        assert sealer.latest(conn) is None


def test_an_aborted_transaction_leaves_nothing_to_seal(ledger: Ledger) -> None:
    def fails() -> None:
        with ledger.begin() as conn:
            write_page(conn, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert Sealer(ledger, KEY, "a").seal() == 0


def test_the_merge_delay_is_that_of_the_oldest_page_that_waits(ledger: Ledger) -> None:
    with ledger.begin() as conn:
        write_page(conn, 1)
    with ledger.read() as conn:
        assert sealer.oldest_open(conn) == NOW
    Sealer(ledger, KEY, "a").seal()
    with ledger.read() as conn:
        assert sealer.oldest_open(conn) is None


def test_a_note_is_in_the_form_that_others_verify() -> None:
    note = KEY.checkpoint(9, bytes(32)).split("\n")
    assert note[:4] == [KEY.origin, "9", "A" * 43 + "=", ""]
    assert note[4].startswith(f"— {KEY.origin} ")
    assert KEY.vkey().startswith(f"{KEY.origin}+{KEY.key_id.hex()}+")


def digests(first: int, count: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest() for number in range(first, first + count)]


def append(conn: Connection, tree_: merkle.Tree, leaves: list[bytes]) -> None:
    """Leaf hashes put into the database as the sealer stores them, without pages behind them."""
    first = tree_.size
    done = tree_.append(leaves)
    rows = [
        {"position": first + place, "page_id": first + place + 1, "digest": digest}
        for place, digest in enumerate(leaves)
    ]
    conn.execute(insert(leaf), rows)
    tiles = [{"level": level, "number": at, "hashes": hashes} for level, at, hashes in done]
    if tiles:
        conn.execute(insert(tile), tiles)


#: Around where tiles of the first and the second level become complete.
SIZES = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793]


def test_a_sealer_without_memory_has_the_same_root(sqlite_ledger: Ledger) -> None:
    remembered, proof = merkle.Tree(), tree.Frontier()
    for size in SIZES:
        leaves = digests(remembered.size, size - remembered.size)
        with sqlite_ledger.begin() as conn:
            append(conn, remembered, leaves)
            for digest in leaves:
                proof.push(digest)
            restarted = sealer.load_tree(conn)
        assert restarted.edges[: len(remembered.edges)] == remembered.edges
        assert restarted.root() == remembered.root() == proof.root(), size


def test_sealing_counts_no_leaves(ledger: Ledger) -> None:
    asked: list[str] = []
    steady = Sealer(ledger, KEY, "a")
    with ledger.begin() as conn:
        write_page(conn, 1)
    steady.seal()
    event.listen(ledger.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with ledger.begin() as conn:
        write_page(conn, 2)
    assert steady.seal() == 1
    bounded = ("max(", "position >=")
    assert [
        each for each in asked if "FROM leaf" in each and not any(part in each for part in bounded)
    ] == []
    assert not any("count(" in each for each in asked)


def test_restarting_at_every_page_changes_nothing(ledger: Ledger) -> None:
    made = chronicle.write(ledger)
    for _ in range(3):
        with ledger.begin() as conn:
            chronicle.note(conn, made.approval)
        Sealer(ledger, KEY, "a").seal()
    assert verify(ledger, public_key=KEY.public, origin=KEY.origin).verified


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """A ledger with a row in every append-only table."""
    chronicle.write(ledger)
    with ledger.begin() as conn:
        agency = conn.execute(select(account.c.agency_id).limit(1)).scalar_one()
        routes.add(conn, ledger.vault, NewRoute(agency, "sms", "twilio", "Một", "test", {}, 1.0))
        conn.execute(insert(tile).values(level=0, number=0, hashes=bytes(8192)))
        conn.execute(insert(anchor).values(kind="file", place="ngoài máy", size=1, note="", at=NOW))
        conn.execute(
            insert(generation).values(
                number=2, origin="loa.test/log/2", size=1, former="", why="thử", began_at=1
            )
        )
        conn.execute(
            insert(retirement).values(
                first_page=1, last_page=1, bundle=bytes(32), entries=1, by=1, at=1
            )
        )
    return ledger


def refuses(ledger: Ledger, statement: str) -> bool:
    try:
        with ledger.begin() as conn:
            conn.execute(text(statement))
    except DBAPIError as error:
        return "append-only" in str(error.orig)
    return False


#: Dialect → what nobody may do to a table whose key is ``{key}``. On PostgreSQL REPLACE is spelt
#: ON CONFLICT DO UPDATE.
FORBIDDEN = {
    "sqlite": (
        "UPDATE {table} SET {first} = {first}",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ),
    "postgresql": (
        "UPDATE {table} SET {first} = {first}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        (
            "INSERT INTO {table} SELECT * FROM {table} "
            "ON CONFLICT ({key}) DO UPDATE SET {first} = excluded.{first}"
        ),
    ),
}


def test_append_only_tables_take_no_update_delete_truncate_or_replace(full: Ledger) -> None:
    for table in APPEND_ONLY:
        keys = [column.name for column in table.primary_key]
        for form in FORBIDDEN[full.dialect]:
            statement = form.format(table=table.name, first=keys[0], key=", ".join(keys))
            assert refuses(full, statement), statement


#: A new primary key with an old row's unique columns would push that row out.
PUSHING_OUT = [
    "INSERT OR REPLACE INTO leaf SELECT position + 1000, page_id, digest FROM leaf",
    (
        "INSERT OR REPLACE INTO version SELECT id + 1000, bulletin_id, number, content, digest, "
        "created_by, created_at FROM version"
    ),
    (
        "INSERT OR REPLACE INTO rendition SELECT id + 1000, version_id, channel, lang, body, "
        "digest FROM rendition"
    ),
]


@pytest.mark.parametrize("statement", PUSHING_OUT)
def test_replace_by_another_unique_key_is_refused_too(
    sqlite_ledger: Ledger, statement: str
) -> None:
    chronicle.write(sqlite_ledger)
    assert refuses(sqlite_ledger, statement)


def test_replication_mode_does_not_open_the_tables(postgres_ledger: Ledger) -> None:
    chronicle.write(postgres_ledger)
    with postgres_ledger.begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        with pytest.raises(DBAPIError, match="append-only"):
            conn.execute(text("DELETE FROM page"))
        conn.rollback()
