"""Turning an audience into deliveries: nobody forgotten, nobody twice, resumable anywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import event, insert, text

from dispatcher.bootstrap import _batch_size
from dispatcher.domain.audience import Audience
from dispatcher.domain.model import AddressKind, Level, Mode, Traits
from dispatcher.domain.status import Reason, Status
from dispatcher.expand import expand
from dispatcher.ledger import desk, expansions
from dispatcher.ledger.tables import address, contact, contact_list, list_member, opt_out
from tests.ledger import world as worlds
from tests.ledger.world import COMMUNE
from tests.verbs.office import Office
from tests.verbs.provider import Provider


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    office.route(provider.url)
    return office


def reached(office: Office, *phones: str) -> None:
    """One contact per number; the same number again is another person with the same telephone."""
    worlds.add_people(
        office.ledger,
        [worlds.person(office.world, n, phone=phone) for n, phone in enumerate(phones)],
    )


def test_each_channel_adds_up_to_the_audience(ready: Office, provider: Provider) -> None:
    ready.people(5)
    mail = AddressKind.EMAIL, "dan@dientap.example", "d***@dientap.example"
    worlds.add_people(ready.ledger, [replace(worlds.person(ready.world, 5), addresses=(mail,))])
    ready.route(provider.url, channel="email", provider="smtp", name="thư")
    place = ready.started(channels=("sms", "email"))
    assert ready.counts(place) == {
        "sms": {Status.PENDING: 5, Status.SUPPRESSED: 1},
        "email": {Status.PENDING: 1, Status.SUPPRESSED: 5},
    }
    assert ready.reasons(place) == {Reason.NONE: 6, Reason.NO_ADDRESS: 6}


def test_who_is_meant_in_two_ways_is_meant_once(ready: Office) -> None:
    ready.people(3, locality=ready.world.localities[0])
    with ready.ledger.begin() as conn:
        row = {"agency_id": ready.world.commune, "name": "Hộ ven sông"}
        number = conn.execute(
            insert(contact_list).values(row).returning(contact_list.c.id)
        ).scalar_one()
        members = [{"list_id": number, "contact_id": each} for each in (1, 2)]
        conn.execute(insert(list_member), members)
    everywhere = Audience((COMMUNE,), (ready.world.localities[0],), (number,))
    place = ready.started(audience=everywhere)
    assert [row.contact_id for row in ready.rows(place)] == [1, 2, 3]


def test_a_telephone_shared_by_a_family_rings_once(ready: Office) -> None:
    reached(ready, "+84912000001", "+84912000002", "+84912000001", "+84912000001")
    place = ready.started()
    assert [row.contact_id for row in ready.rows(place)] == [1, 2]


def test_a_telephone_shared_across_chunks_rings_once(
    ready: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expansions, "CHUNK", 2)
    reached(ready, "+84912000001", "+84912000002", "+84912000003", "+84912000001")
    place = ready.started()
    assert [row.contact_id for row in ready.rows(place)] == [1, 2, 3]
    assert [(each.lo, each.hi, each.count) for each in ready.cut(place)] == [(1, 2, 2), (3, 3, 1)]


def _without_address(office: Office) -> None:
    lonely = replace(worlds.person(office.world, 1), addresses=())
    worlds.add_people(office.ledger, [lonely])


def _opted_out(office: Office, channel: str = "sms") -> None:
    office.people(1, first=1)
    with office.ledger.begin() as conn:
        row = {"address_id": 1, "channel": channel, "how": "tin nhắn", "since": worlds.NOW}
        conn.execute(insert(opt_out).values(row))


def _erased(office: Office) -> None:
    office.people(1, first=1)
    with office.ledger.begin() as conn:
        conn.execute(address.update().values(sealed=None))


@pytest.mark.parametrize(
    ("how", "level", "reason"),
    [
        (_without_address, Level.NORMAL, Reason.NO_ADDRESS),
        (_without_address, Level.EMERGENCY, Reason.NO_ADDRESS),
        (_erased, Level.NORMAL, Reason.ERASED),
        (_opted_out, Level.NORMAL, Reason.OPTED_OUT),
        (_opted_out, Level.PRIORITY, Reason.OPTED_OUT),
        (_opted_out, Level.EMERGENCY, Reason.NONE),
        (lambda office: _opted_out(office, "*"), Level.NORMAL, Reason.OPTED_OUT),
        (lambda office: _opted_out(office, "email"), Level.NORMAL, Reason.NONE),
    ],
)
def test_who_cannot_or_must_not_be_addressed_is_born_suppressed_with_the_reason(
    ready: Office, how, level: Level, reason: Reason
) -> None:
    how(ready)
    place = ready.started(ready.content(level))
    (row,) = ready.rows(place)
    assert (Reason(row.reason), row.status == Status.SUPPRESSED) == (
        reason,
        reason is not Reason.NONE,
    )


def test_nobody_invented_is_written_to_by_a_live_route(office: Office, provider: Provider) -> None:
    office.people(2)
    real = replace(worlds.person(office.world, 9), synthetic=False)
    worlds.add_people(office.ledger, [real])
    office.route(provider.url, mode="live")
    with office.ledger.begin() as conn:
        desk.set_mark(conn, "kind", "production")
    approval = office.approved(mode=Mode.LIVE)
    place = office.place(office.submit(approval, office.world.operator))
    office.expand()
    assert office.reasons(place) == {Reason.SYNTHETIC: 2, Reason.NONE: 1}


def test_who_comes_after_the_start_is_not_in_it(ready: Office) -> None:
    ready.people(3)
    place = ready.start()
    ready.people(3, first=100)
    assert ready.expand() == 3
    assert max(row.contact_id for row in ready.rows(place)) == 3


def test_who_was_removed_before_his_chunk_is_not_in_it(ready: Office) -> None:
    ready.people(3)
    place = ready.start()
    with ready.ledger.begin() as conn:
        conn.execute(contact.update().where(contact.c.id == 2).values(removed_at=worlds.NOW))
    ready.expand()
    assert [row.contact_id for row in ready.rows(place)] == [1, 3]


def test_ids_batches_and_pages_agree(ready: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansions, "CHUNK", 700)
    ready.size = 130
    ready.people(1_500)
    place = ready.started()
    rows, cut = ready.rows(place), ready.cut(place)
    assert [row.id for row in rows] == list(range(1, 1_501))
    assert [each.id for each in cut] == list(range(1, len(cut) + 1))
    assert sum(each.count for each in cut) == 1_500
    assert [(a.hi + 1) for a, b in pairwise(cut)] == [b.lo for _, b in pairwise(cut)]
    assert all(each.count == each.hi - each.lo + 1 <= 130 for each in cut)
    with ready.ledger.read() as conn:
        pages = dict(
            conn.execute(
                text("SELECT id, count FROM page WHERE dispatch_id = :id AND count > 1"),
                {"id": place.dispatch},
            ).all()
        )
    assert Counter(row.page_id for row in rows) == pages
    assert sorted(pages.values()) == [100, 200, 200, 500, 500]


class PlugPulled(Exception):
    """The worker's machine lost its power."""


@pytest.mark.parametrize("statement", ["INSERT INTO batch", "INSERT INTO page", "SET stage"])
@pytest.mark.parametrize("which", [1, 2, 3])
def test_a_crash_inside_any_chunk_leaves_nothing_half_done_and_the_next_goes_on_from_there(
    ready: Office, monkeypatch: pytest.MonkeyPatch, statement: str, which: int
) -> None:
    monkeypatch.setattr(expansions, "CHUNK", 10)
    ready.size = 4
    ready.people(35)
    place = ready.start()
    seen = Counter[str]()

    def pull(conn, cursor, sql, parameters, context, many) -> None:
        if statement in sql:
            seen[statement] += 1
            if seen[statement] == which:
                raise PlugPulled

    with ready.ledger.begin() as conn:
        conn.execute(text("SELECT 1"))
    event.listen(ready.ledger.engine, "before_cursor_execute", pull)
    with pytest.raises(PlugPulled):
        ready.expand()
    event.remove(ready.ledger.engine, "before_cursor_execute", pull)
    half = len(ready.rows(place))
    assert half % 10 == 0
    assert sum(each.count for each in ready.cut(place)) == half
    lapse(ready)
    assert ready.expand() == 35 - half
    assert [row.contact_id for row in ready.rows(place)] == list(range(1, 36))
    assert [row.id for row in ready.rows(place)] == list(range(1, 36))


def lapse(office: Office) -> None:
    """All leases run out now."""
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE expansion SET lease_until = 0"))
        conn.execute(text("UPDATE batch SET lease_until = 0 WHERE state = 1"))


class Thief(dict[str, Traits]):
    """Channels' traits; whoever looks one up has lost his lease by then."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.traits)
        self._ledger = office.ledger

    def __getitem__(self, channel: str) -> Traits:
        with self._ledger.begin() as conn:
            conn.execute(text("UPDATE expansion SET epoch = epoch + 1"))
        return super().__getitem__(channel)


def test_who_lost_his_lease_undoes_his_chunk(ready: Office) -> None:
    ready.people(5)
    place = ready.start()
    born = expand(ready.ledger, ready.queue, Thief(ready), lambda lot, channel: 100)
    assert born == 0
    assert (ready.rows(place), ready.cut(place)) == ([], [])
    lapse(ready)
    assert ready.expand() == 5


@pytest.mark.parametrize(
    ("rates", "size"), [([12.0], 120), ([0.05], 1), ([1_000.0], 500), ([100.0, 3.0], 30)]
)
def test_a_batch_is_ten_seconds_of_the_slowest_route(
    office: Office, provider: Provider, rates: list[float], size: int
) -> None:
    office.people(1)
    for number, rate in enumerate(rates):
        office.route(provider.url, rate=rate, name=f"SMS {number}")
    place = office.start()
    with office.ledger.begin() as conn:
        lot = expansions.claim(conn, 1_000)
    assert lot is not None
    assert lot.place == place
    assert _batch_size(office.ledger, office.traits, lot, "sms") == size


def test_the_most_urgent_dispatch_is_expanded_first(ready: Office) -> None:
    ready.people(2)
    ready.start()
    second = ready.start(ready.content(Level.EMERGENCY))
    with ready.ledger.begin() as conn:
        lot = expansions.claim(conn, 1_000)
    assert lot is not None
    assert lot.place == second


@pytest.mark.parametrize("scope", ["all", "agency:{agency}", "dispatch:{dispatch}"])
def test_a_stop_keeps_an_audience_unresolved(ready: Office, scope: str) -> None:
    ready.people(2)
    place = ready.start()
    named = scope.format(agency=ready.world.commune, dispatch=place.dispatch)
    with ready.ledger.begin() as conn:
        desk.set_stop(conn, named, "diễn tập dừng", None, worlds.NOW)
    assert ready.expand() == 0
    with ready.ledger.begin() as conn:
        desk.lift_stop(conn, named)
    assert ready.expand() == 2
