"""What happens at the same moment, or by the wrong door."""

import threading

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.cancel import cancel
from dispatcher.domain.model import Level, Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import backlog, batches, desk, expansions, leaves, receipts
from dispatcher.ledger.store import Ledger
from tests.verbs.office import HOUR_MS, Office, ending

NOWHERE = "http://127.0.0.1:9/"


def test_an_approval_that_two_start_at_once_starts_once(office: Office) -> None:
    office.people(3)
    office.route(NOWHERE)
    approval = office.approved()
    started: list[int] = []
    gate = threading.Barrier(4)

    def start() -> None:
        gate.wait(10)
        started.append(office.submit(approval))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 4
    assert len(set(started)) == 1


def test_the_first_dispatches_of_a_month_make_its_leaves_together(postgres_ledger: Ledger) -> None:
    gate, wrong = threading.Barrier(6), list[BaseException]()

    def make() -> None:
        gate.wait(10)
        try:
            with postgres_ledger.begin() as conn:
                leaves.ensure(conn, 9_999)
        except SQLAlchemyError as error:
            wrong.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def first_bulletin(office: Office) -> int:
    query = "SELECT v.bulletin_id FROM dispatch d JOIN version v ON v.id = d.version_id"
    with office.ledger.read() as conn:
        return int(conn.execute(text(query)).scalar_one())


def test_an_end_that_is_scheduled_ends_nothing_before_its_hour(office: Office) -> None:
    office.people(3)
    office.route(NOWHERE)
    first = office.start(office.content(Level.EMERGENCY, kind="evacuation"))
    over = office.content(Level.EMERGENCY, kind="evacuation_end", related=ending())
    later = office.now() + HOUR_MS // 2
    approval = office.approved(over, relates_to=first_bulletin(office), start_at=later)
    second = office.place(office.submit(approval))
    assert (office.state(first), office.state(second)) == ("running", "scheduled")
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE dispatch SET start_at = 0 WHERE state = 'scheduled'"))
    office.tick()
    assert (office.state(first), office.state(second)) == ("cancelled", "running")


def test_what_ends_a_drill_does_not_end_the_storm(office: Office) -> None:
    office.people(3)
    office.route(NOWHERE)
    storm = office.start(office.content(Level.EMERGENCY, kind="evacuation"))
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE dispatch SET drill = NOT drill"))
    over = office.content(Level.EMERGENCY, kind="evacuation_end", related=ending())
    office.submit(office.approved(over, relates_to=first_bulletin(office)))
    assert office.state(storm) == "running"


def test_nobody_is_left_behind_by_a_chunk_that_is_cut_while_all_is_called_off(
    office: Office,
) -> None:
    office.people(5)
    office.route(NOWHERE)
    place = office.start()
    office.expand()
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE expansion SET done_at = NULL, cursor = 0, lease_until = 0"))
        lot = expansions.claim(conn, 15_000)
    assert lot is not None
    cancel(office.ledger, office.queue, office.operator, place.dispatch, "")
    office.tick()
    with office.ledger.begin() as conn:
        assert not expansions.advance(conn, lot, stage=1, cursor=9, done_at=None)
    assert office.expand() == 0


def test_a_word_counts_only_by_the_route_its_delivery_went_by(office: Office) -> None:
    office.people(1)
    own, other = office.route(NOWHERE), office.route(NOWHERE, name="khác")
    place = office.started()
    (row,) = office.rows(place)
    with office.ledger.begin() as conn:
        leaf = leaves.delivery_leaf(conn, place.part)
        conn.execute(leaf.update().values(route_id=own, status=int(Status.ACCEPTED)))
        conn.execute(text("UPDATE batch SET state = 2"))
    for route, status in ((other, Status.ACCEPTED), (own, Status.DELIVERED)):
        ref = Reference(place.dispatch, row.id, 1)
        word = StatusEvent(ref, Status.DELIVERED, evidence=Evidence.CARRIER, at=office.now())
        with office.ledger.begin() as conn:
            vault, now = office.ledger.vault, desk.now(conn)
            receipts.store(conn, vault, route, [word], b"", now)
        office.track()
        assert [each.status for each in office.rows(place)] == [status]


def test_a_recipient_that_brings_workers_down_ends_alone(office: Office) -> None:
    office.people(1)
    office.route(NOWHERE)
    place = office.started()
    for _ in range(4):
        with office.ledger.begin() as conn:
            claimed = batches.claim(conn, 2, "doomed", 15_000)
            backlog.void_leases(conn)
        if claimed is None:
            break
    office.deliver(holder="next")
    (row,) = office.rows(place)
    assert (row.status, row.reason) == (Status.FAILED, Reason.POISON)
