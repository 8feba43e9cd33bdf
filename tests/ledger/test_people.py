"""People and addresses in the ledger."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from dispatcher.domain.model import AddressKind
from dispatcher.ledger import people, sealed
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import address, contact
from tests.ledger import world
from tests.ledger.world import NOW


def count_addresses(ledger: Ledger) -> int:
    with ledger.read() as conn:
        return conn.scalar(select(func.count()).select_from(address)) or 0


def test_an_address_shared_by_a_household_exists_once(ledger: Ledger) -> None:
    home = world.make(ledger)
    phone = "+84912345678"
    world.add_people(ledger, [world.person(home, n, phone=phone) for n in (1, 2, 3)])
    assert (world.count_people(ledger), count_addresses(ledger)) == (3, 1)


def test_an_address_is_sealed_and_found_by_its_value(ledger: Ledger) -> None:
    home = world.make(ledger)
    world.add_people(ledger, [world.person(home, 1, phone="+84912345678")])
    with ledger.read() as conn:
        found = people.find_address(conn, ledger.vault, AddressKind.PHONE, "+84912345678")
        row = conn.execute(select(address).where(address.c.id == found)).one()
        other = people.find_address(conn, ledger.vault, AddressKind.PHONE, "+84912345679")
    assert other is None
    assert ledger.vault.open(sealed.address("phone", row.digest), row.sealed) == b"+84912345678"
    assert b"912345678" not in bytes(row.sealed)
    assert row.masked == "+84•••678"


def test_who_has_an_external_id_is_replaced_and_comes_back_if_removed(ledger: Ledger) -> None:
    home = world.make(ledger)
    world.add_people(ledger, [world.person(home, 1, external_id="HD-01")])
    with ledger.begin() as conn:
        conn.execute(contact.update().values(removed_at=NOW))
    world.add_people(ledger, [world.person(home, 2, external_id="HD-01")], NOW + 1)
    with ledger.read() as conn:
        row = conn.execute(select(contact)).one()
    assert sealed.name_of(ledger.vault, row) == "Nguyễn Văn 2"
    assert (row.removed_at, row.checked_at) == (None, NOW + 1)


def test_of_people_with_one_external_id_the_last_counts(ledger: Ledger) -> None:
    home = world.make(ledger)
    same_id = [world.person(home, n, external_id="HD-01") for n in (1, 2)]
    assert world.add_people(ledger, same_id) == 1
    assert world.count_people(ledger) == 1


def test_who_has_no_external_id_is_added_each_time(ledger: Ledger) -> None:
    home = world.make(ledger)
    for _ in range(2):
        assert world.add_people(ledger, [world.person(home, 1)]) == 1
    assert (world.count_people(ledger), count_addresses(ledger)) == (2, 1)


def test_nobody_is_no_work(ledger: Ledger) -> None:
    assert world.add_people(ledger, []) == 0


def test_known_counts_the_ids_of_one_agency_only(ledger: Ledger) -> None:
    home = world.make(ledger)
    world.add_people(ledger, [world.person(home, n, external_id=f"HD-{n}") for n in range(3)])
    with ledger.read() as conn:
        assert people.known(conn, home.commune, ["HD-0", "HD-2", "HD-9"]) == 2
        assert people.known(conn, home.province, ["HD-0", "HD-2", "HD-9"]) == 0


def test_last_id_is_the_newest_contact(ledger: Ledger) -> None:
    home = world.make(ledger)
    with ledger.read() as conn:
        assert people.last_id(conn) == 0
    world.add_people(ledger, [world.person(home, n) for n in range(5)])
    with ledger.read() as conn:
        assert people.last_id(conn) == conn.scalar(select(func.max(contact.c.id)))


@pytest.mark.timeout(60)
def test_two_imports_of_the_same_people_at_once_wait_for_each_other(ledger: Ledger) -> None:
    home = world.make(ledger)
    crowd = [world.person(home, n, external_id=f"HD-{n}") for n in range(2_000)]
    failures: list[Exception] = []
    start = threading.Barrier(2)

    def bring(order: int) -> None:
        start.wait()
        try:
            world.add_people(ledger, crowd[::order])
        except Exception as failure:  # noqa: BLE001 - judged below, in the test's own thread
            failures.append(failure)

    both = [threading.Thread(target=bring, args=(order,)) for order in (1, -1)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert failures == []
    assert (world.count_people(ledger), count_addresses(ledger)) == (2_000, 2_000)
