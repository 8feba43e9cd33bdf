"""The database's clock: still within a statement, so that indexes can be compared with it."""

from __future__ import annotations

import time

from sqlalchemy import select, text

from dispatcher.ledger.store import CLOCK, NOW, Ledger, db_now
from dispatcher.ledger.tables import receipt


def ticked(ledger: Ledger, clock: str) -> int:
    """By how many ms a clock goes on while a statement of 50 ms runs."""
    query = f"SELECT {clock} AS a, pg_sleep(0.05), {clock} AS b"
    with ledger.read() as conn:
        row = conn.execute(text(query)).one()
    return int(row.b - row.a)


def test_due_times_stand_still_within_a_statement_and_slots_go_on(postgres_ledger: Ledger) -> None:
    assert ticked(postgres_ledger, NOW["postgresql"]) == 0
    assert ticked(postgres_ledger, CLOCK["postgresql"]) >= 50


def test_an_index_is_compared_with_the_clock(postgres_ledger: Ledger) -> None:
    query = select(receipt.c.id).where(receipt.c.id > db_now())
    with postgres_ledger.read() as conn:
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        written = query.compile(conn)
        plan = "\n".join(conn.scalars(text(f"EXPLAIN {written}")))
    assert "Index Cond" in plan


def test_the_clock_goes_on_within_a_transaction(ledger: Ledger) -> None:
    with ledger.begin() as conn:
        first = conn.scalar(select(db_now()))
        time.sleep(0.01)
        assert conn.scalar(select(db_now())) != first
