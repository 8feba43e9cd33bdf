"""Keys are exchanged while the engine works: everything opens, and what is old opens nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from dispatcher.domain.errors import Forbidden, Misconfigured
from dispatcher.domain.status import Status
from dispatcher.ledger import keyring, resealing, sealed
from dispatcher.ledger.keyring import Roots
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.ledger.tables import address, contact, key_ring
from dispatcher.ledger.vault import derive
from dispatcher.rotate_keys import rotate_keys, rotate_root
from tests.ledger.databases import ROOTS
from tests.verbs.office import Office
from tests.verbs.provider import Provider

NEW_ROOT = bytes(reversed(range(32)))
PHONE = "+84912340000"


def top(office: Office) -> Actor:
    """An administrator of the agency above all."""
    return replace(office.world.centre_operator, roles=frozenset({"administrator"}))


@contextmanager
def opened_anew(office: Office, roots: Roots = ROOTS) -> Iterator[Ledger]:
    """The same database as another process with these root keys finds it."""
    url = office.ledger.engine.url.render_as_string(hide_password=False)
    with closing(open_ledger(url, roots)) as ledger:
        yield ledger


def found_anew(office: Office, roots: Roots = ROOTS) -> dict[int, tuple[str, str]]:
    with opened_anew(office, roots) as ledger:
        return everybody(ledger)


def everybody(ledger: Ledger) -> dict[int, tuple[str, str]]:
    """Names and addresses, opened."""
    with ledger.read() as conn:
        rows = conn.execute(
            select(contact, address.c.kind, address.c.digest, address.c.sealed).join(
                address, address.c.id == contact.c.phone_id
            )
        )
        return {
            row.id: (
                sealed.name_of(ledger.vault, row),
                ledger.vault.open(sealed.address(row.kind, row.digest), row.sealed).decode(),
            )
            for row in rows
        }


@pytest.mark.timeout(120)
def test_the_engine_sends_while_keys_are_exchanged(office: Office, provider: Provider) -> None:
    office.route(provider.url)
    office.people(200)
    place = office.started()
    failures: list[Exception] = []

    def work() -> None:
        try:
            for number in range(5):
                office.people(20, first=1_000 + 20 * number)
                office.deliver()
        except Exception as failure:  # noqa: BLE001 - judged below, in the test's own thread
            failures.append(failure)

    working = threading.Thread(target=work)
    rotation = rotate_keys(office.ledger, top(office), wait=lambda _s: working.start(), settle_s=0)
    working.join()
    again = rotate_keys(office.ledger, top(office), wait=lambda _s: None)
    assert failures == []
    assert (rotation.key, again.key) == (2, 3)
    assert again.retired[-1] == 2
    assert office.statuses(place) == {Status.ACCEPTED: 200}
    found = found_anew(office)
    assert len(found) == 300
    assert all(phone.startswith("+84") for _, phone in found.values())


def test_everything_sealed_is_sealed_again_and_the_old_key_is_gone(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    office.people(3)
    before = everybody(office.ledger)
    rotation = rotate_keys(office.ledger, top(office), wait=lambda _s: None)
    assert rotation.sealed == {"address": 3, "contact": 3, "route": 1}
    assert rotation.retired == (1,)
    assert found_anew(office) == before
    with office.ledger.read() as conn:
        assert resealing.remaining(conn, office.ledger.vault) == {}
        kept = conn.execute(select(key_ring).order_by(key_ring.c.number)).all()
    assert [(row.number, row.wrapped is None) for row in kept] == [
        (0, False),
        (1, True),
        (2, False),
    ]


def test_a_key_stays_while_somebody_still_seals_with_it(office: Office) -> None:
    office.people(2)
    with office.ledger.read() as conn:
        first = conn.execute(select(address).order_by(address.c.id)).first()
    assert first is not None
    old = bytes(first.sealed)

    def put_back(_rows: int) -> None:
        """A process that was asleep and has not heard of the new key."""
        with office.ledger.begin() as conn:
            conn.execute(address.update().where(address.c.id == first.id).values(sealed=old))

    rotation = rotate_keys(office.ledger, top(office), wait=lambda _s: None, progress=put_back)
    assert rotation.retired == ()
    assert len(found_anew(office)) == 2


def test_a_value_copied_to_another_row_does_not_open(office: Office) -> None:
    office.people(2)
    with office.ledger.begin() as conn:
        first, second = conn.execute(select(address).order_by(address.c.id)).all()
        conn.execute(
            address.update().where(address.c.id == second.id).values(sealed=bytes(first.sealed))
        )
    with pytest.raises(InvalidTag):
        everybody(office.ledger)


def test_after_exchanging_the_root_key_the_old_one_opens_nothing(office: Office) -> None:
    office.people(2)
    before = everybody(office.ledger)
    signs = office.ledger.vault.secret("log")
    finds = office.ledger.vault.digest("address|phone", PHONE)
    with opened_anew(office, Roots(NEW_ROOT, ROOTS.present)) as both:
        assert rotate_root(both, top(office)) == 2
    with opened_anew(office, Roots(NEW_ROOT)) as new:
        assert everybody(new) == before
        assert new.vault.secret("log") == signs
        assert new.vault.digest("address|phone", PHONE) == finds
    with pytest.raises(Misconfigured) as refused:
        found_anew(office)
    assert refused.value.code == "wrong_root_key"


def test_only_an_administrator_at_the_top_exchanges_keys(office: Office) -> None:
    commune = replace(office.operator, roles=frozenset({"administrator"}))
    for actor in (commune, office.world.centre_operator):
        with pytest.raises(Forbidden):
            rotate_keys(office.ledger, actor, wait=lambda _s: None)


def test_values_of_the_first_layout_open_until_they_are_sealed_again(office: Office) -> None:
    """A database from before there were rings: one key derived from the root, no row bound."""
    office.people(1)
    with office.ledger.begin() as conn:
        conn.execute(key_ring.delete())
        keyring.begin(conn, ROOTS, 1)
        conn.execute(address.update().values(sealed=first_layout("address|phone", PHONE)))
        conn.execute(contact.update().values(name=first_layout("contact|name", "Đinh Thị Mẫu")))
    office.ledger.vault.reload()
    assert list(everybody(office.ledger).values()) == [("Đinh Thị Mẫu", PHONE)]
    rotation = rotate_keys(office.ledger, top(office), wait=lambda _s: None)
    assert rotation.retired == (1,)
    with opened_anew(office) as later:
        assert list(everybody(later).values()) == [("Đinh Thị Mẫu", PHONE)]
        assert later.vault.secret("log") == derive(ROOTS.present, "log")


def first_layout(place: str, value: str) -> bytes:
    key = derive(derive(ROOTS.present, "vault"), "seal")
    return b"\x01" + bytes(12) + AESGCM(key).encrypt(bytes(12), value.encode(), place.encode())
