"""The one door: what a move leaves in the row, in ``attempt`` and in the log."""

from __future__ import annotations

from sqlalchemy import select

from dispatcher.domain.status import Reason, Standing, Status
from dispatcher.ledger import entries, history, reading
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import page
from dispatcher.ledger.transition import Effect, Move, Place
from dispatcher.ledger.verifying import verify
from tests.ledger import chronicle
from tests.ledger.chronicle import KEY, NOW


def told(ledger: Ledger, place: Place, delivery: int) -> list[tuple[int, int, Status, Status]]:
    """(n, attempt, before, after) of each change of a delivery."""
    with ledger.read() as conn:
        row = reading.delivery_row(conn, place, delivery)
        assert row is not None
        found = history.of_delivery(conn, row)
    return [(each.n, each.attempt, each.before, each.after) for each in found if each.n]


def test_a_retry_is_the_end_of_one_attempt_and_the_beginning_of_another(ledger: Ledger) -> None:
    made = chronicle.write(ledger)
    assert told(ledger, made.place, 2) == [
        (1, 1, Status.PENDING, Status.FAILED),
        (2, 2, Status.FAILED, Status.PENDING),
        (3, 2, Status.PENDING, Status.DELIVERED),
    ]


def again(delivery: int, attempt: int, status: Status = Status.FAILED) -> Move:
    word = Standing(attempt, status, Reason.TIMEOUT)
    return Move(delivery, word, Effect.RETRY, retry_at=NOW, route=attempt)


def test_two_attempts_that_end_in_one_flush_are_both_kept(ledger: Ledger) -> None:
    made = chronicle.begin(ledger)
    chronicle.move(ledger, made.place, [again(1, 1), again(1, 2, Status.UNKNOWN)], NOW + 5)
    with ledger.read() as conn:
        rows = reading.attempts_of(conn, made.place, 1)
    assert [(row.attempt, row.status, row.route_id) for row in rows] == [
        (1, Status.FAILED, 1),
        (2, Status.UNKNOWN, 2),
    ]
    assert [each[3] for each in told(ledger, made.place, 1)] == [
        Status.FAILED,
        Status.UNKNOWN,
        Status.PENDING,
    ]
    assert verify(ledger, public_key=KEY.public, origin=KEY.origin).verified


def test_many_retries_fill_as_many_pages_as_they_need(ledger: Ledger) -> None:
    many = 600
    made = chronicle.begin(ledger, many)
    chronicle.move(ledger, made.place, [again(each, 1) for each in range(1, many)], NOW + 5)
    with ledger.read() as conn:
        counts = list(conn.scalars(select(page.c.count).where(page.c.created_at == NOW + 5)))
    assert sum(counts) == 2 * (many - 1)
    assert max(counts) == entries.MAX_ENTRIES
    assert verify(ledger, public_key=KEY.public, origin=KEY.origin).verified
