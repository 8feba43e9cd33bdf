"""Searches and books reach their rows by indexes: no plan reads all deliveries or all dispatches.

The plans are the databases' own, on tables with rows in them and statistics about them.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Select, select, text

from dispatcher.domain.period import Period
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import leaves
from dispatcher.ledger.search import deliveries, dispatches
from dispatcher.ledger.search.dispatches import Wanted
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import delivery
from dispatcher.ledger.transition import Place
from tests.ledger import world as worlds
from tests.ledger.world import COMMUNE, NOW

#: Dispatches, and deliveries of each: enough that reading them all costs more than an index does.
DISPATCHES, DELIVERIES = 3_000, 10
DAY = 86_400_000
PART = 30

PERIOD = Period(NOW + 100 * DAY, NOW + 101 * DAY)

WANTED: dict[str, dict[str, Any]] = {
    "everything": {},
    "period": {"period": PERIOD},
    "symbol": {"symbol": "17/TB-UBND"},
    "area": {"areas": [COMMUNE]},
    "approver": {"approvers": [1]},
    "recipient": {"recipient": 7},
    "outcome": {"outcomes": [Status.FAILED]},
    "symbol and period": {"symbol": "17/TB-UBND", "period": PERIOD},
    "area and approver": {"areas": [COMMUNE], "approvers": [1]},
    "recipient, period and outcome": {
        "recipient": 7,
        "period": PERIOD,
        "outcomes": [Status.FAILED],
    },
}


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """Many dispatches by two people of many agencies; each in an area of its own but for a few."""
    worlds.make(ledger)
    with ledger.begin() as conn:
        leaves.ensure(conn, PART)
        for statement in _SEED:
            conn.execute(text(statement.format(numbers=_numbers(conn))), _SIZES)
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    return ledger


_SIZES = {"dispatches": DISPATCHES, "deliveries": DELIVERIES, "now": NOW, "day": DAY,
          "part": PART}  # fmt: skip


def _numbers(conn: Connection) -> str:
    """A query for 1 … :dispatches, as each database writes it."""
    if conn.dialect.name == "postgresql":
        return "SELECT n FROM generate_series(1, CAST(:dispatches AS BIGINT)) AS n"
    return (
        "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many "
        "WHERE n < :dispatches) SELECT n FROM many"
    )


_SEED = (
    "INSERT INTO kind (code, name, rules) VALUES ('notice', 'Thông báo', '{{}}')",
    (
        "INSERT INTO bulletin (id, agency_id, kind, created_by, created_at) "
        "SELECT n, 3, 'notice', 1, :now FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO version (id, bulletin_id, number, content, digest, created_by, created_at) "
        "SELECT n, n, 1, '', '', 1, :now FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO document_symbol (key, bulletin_id) "
        "SELECT n || '/tb-ubnd', n FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO approval (id, version_id, digest, terms, submitted_by, submitted_at, state, "
        "decided_by, decided_at) SELECT n, n, '', '', 1, :now, 'approved', "
        "CASE WHEN n % 500 = 0 THEN 1 ELSE 2 END, :now FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO dispatch (id, part, agency_id, version_id, approval_id, mode, drill, level, "
        "state, plan, start_at, valid_until, max_contact_id, created_by, created_at) "
        "SELECT n, :part, 3, n, n, 'test', false, 'normal', 'done', '{{}}', :now + n * :day, "
        "0, 0, 1, :now FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO dispatch_area (area_code, dispatch_id) "
        "SELECT CASE WHEN n % 500 = 0 THEN '14464' ELSE '14329' END, n FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO tally (dispatch_id, channel, status, reason, count, parts) "
        "SELECT n, 'sms', CASE WHEN n % 500 = 0 THEN 6 ELSE 7 END, 0, 10, 10 "
        "FROM ({numbers}) AS numbers"
    ),
    (
        "INSERT INTO delivery (part, dispatch_id, id, step, channel, target_kind, target_id, lang, "
        "status, reason, evidence, attempt, n, page_id, parts, word_at, updated_at) "
        "SELECT :part, d.n, i.n, 0, 'sms', 1, d.n * :deliveries + i.n, 'vi', 7, 0, 2, "
        "1, 2, 1, 1, 0, :now FROM ({numbers}) AS d, ({numbers}) AS i WHERE i.n <= :deliveries"
    ),
)


def plan(conn: Connection, query: Select[Any]) -> list[str]:
    """The steps of a query's plan, one a line."""
    explain = "EXPLAIN" if conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    compiled = query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    rows = conn.exec_driver_sql(f"{explain} {str(compiled).replace('%%', '%')}").all()
    return [str(row[-1]).strip() for row in rows]


def whole(steps: list[str], *tables: str) -> list[str]:
    """Steps that read all of one of these tables (or of a leaf of it), in any order of rows."""
    return [
        step
        for step in steps
        for table in tables
        if (f"Seq Scan on {table}" in step or f"SCAN {table}" in step)
        and not step.split(table)[1].startswith("_area")
    ]


@pytest.mark.parametrize("wanted", WANTED.values(), ids=list(WANTED))
def test_no_search_for_dispatches_reads_all_of_them(full: Ledger, wanted: dict[str, Any]) -> None:
    with full.read() as conn:
        query = dispatches.query(Wanted("/1/2/3/", "test", **wanted), dispatches.NEWEST, 50)
        assert whole(plan(conn, query), "dispatch", "delivery", "version", "approval") == []


@pytest.mark.parametrize(
    "wanted", [each for each in WANTED.values() if "recipient" in each], ids=str
)
def test_what_a_person_was_sent_is_found_by_the_address(
    full: Ledger, wanted: dict[str, Any]
) -> None:
    with full.read() as conn:
        query = deliveries.recipient_query(
            Wanted("/1/2/3/", "test", **wanted), deliveries.NEWEST, 50
        )
        steps = plan(conn, query)
        assert whole(steps, "dispatch", "delivery") == []
        assert any("target_id" in step or "ix_delivery_address" in step for step in steps)


def test_a_plan_that_reads_everything_would_be_seen(full: Ledger) -> None:
    everywhere = select(delivery.c.id).where(delivery.c.provider_ref == "SM1")
    with full.read() as conn:
        assert whole(plan(conn, everywhere), "delivery")


def test_outcomes_are_looked_for_within_a_window_of_one_dispatch(full: Ledger) -> None:
    wanted = Wanted("/1/", "test", outcomes=[Status.FAILED], evidence=[Evidence.CARRIER])
    with full.read() as conn:
        query = deliveries.window_query(conn, Place(7, PART), wanted, (0, 5), 50)
        steps = plan(conn, query)
        assert whole(steps, "delivery") == []
        assert any("part" in step and "dispatch_id" in step for step in steps)


def test_a_rare_outcome_is_found_though_each_answer_looks_at_few(
    full: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "EXAMINED", 7)
    with full.begin() as conn:
        conn.execute(text("UPDATE delivery SET status = 6 WHERE dispatch_id = 500 AND id = 9"))
        conn.execute(
            text(
                "INSERT INTO expansion (dispatch_id, stage, cursor, next_delivery, next_batch, "
                "epoch, lease_until) SELECT id, 0, 0, 11, 1, 0, 0 FROM dispatch"
            )
        )
    spot, found, answers = deliveries.NEWEST, [], 0
    with full.read() as conn:
        while spot:
            answer = deliveries.find(conn, Wanted("/1/", "test", outcomes=[Status.FAILED]), spot, 5)
            found += [(row.dispatch_id, row.id) for row in answer.rows]
            spot, answers = answer.next, answers + 1
    assert found == [(500, 9)]
    assert answers > 6, "sixty deliveries of six dispatches, seven at a time"
