"""The vault and its ring: what opens what, and how soon a new key is known."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger import keyring
from dispatcher.ledger.keyring import Roots
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.ledger.tables import key_ring
from dispatcher.ledger.vault import REFRESH_S, Ring, Vault, key_of
from tests.ledger.databases import ROOTS


class Keys:
    """A ring that grows, and a clock that a test moves."""

    def __init__(self) -> None:
        self.data = {1: bytes(32)}
        self.reads = 0
        self.seconds = 0.0

    def load(self) -> Ring:
        self.reads += 1
        return Ring(b"b" * 32, dict(self.data), max(self.data))

    def vault(self) -> Vault:
        return Vault(self.load, clock=lambda: self.seconds)


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(data: bytes, row: str) -> None:
    vault = Keys().vault()
    assert vault.open(f"a|b|{row}", vault.seal(f"a|b|{row}", data)) == data


@pytest.mark.parametrize("place", ["a|b|2", "a|c|1", "c|b|1"])
def test_it_opens_nowhere_else(place: str) -> None:
    vault = Keys().vault()
    with pytest.raises(InvalidTag):
        vault.open(place, vault.seal("a|b|1", b"x"))


def test_every_changed_byte_is_noticed() -> None:
    keys = Keys()
    keys.data[2] = b"2" * 32
    vault = keys.vault()
    whole = vault.seal("a|b|1", b"data")
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1
        with pytest.raises((InvalidTag, ValueError)):
            vault.open("a|b|1", bytes(changed))


def test_a_new_key_seals_within_the_refresh_and_the_old_still_opens() -> None:
    keys = Keys()
    vault = keys.vault()
    old = vault.seal("a|b|1", b"x")
    keys.data[2] = b"2" * 32
    assert key_of(vault.seal("a|b|1", b"x")) == 1
    keys.seconds = REFRESH_S + 1
    assert key_of(vault.seal("a|b|1", b"x")) == 2
    assert vault.open("a|b|1", old) == b"x"
    assert keys.reads == 2


def test_what_another_process_sealed_with_a_new_key_opens_at_once() -> None:
    keys = Keys()
    slow, quick = keys.vault(), keys.vault()
    slow.seal("a|b|1", b"")
    keys.data[2] = b"2" * 32
    assert slow.open("a|b|1", quick.seal("a|b|1", b"x")) == b"x"


def test_a_retired_key_is_named() -> None:
    keys = Keys()
    vault = keys.vault()
    old = vault.seal("a|b|1", b"x")
    keys.data = {2: b"2" * 32}
    vault.reload()
    with pytest.raises(ValueError, match="data key 1"):
        vault.open("a|b|1", old)


def test_no_key_is_in_a_representation() -> None:
    assert "bbbb" not in repr(Keys().load())
    assert repr(Roots(b"r" * 32)) == "Roots()"


def test_a_new_installation_owes_nothing_to_its_root_key(empty_ledger: Ledger) -> None:
    with empty_ledger.begin() as conn:
        keyring.begin(conn, ROOTS, 1)
    ring = keyring.load(empty_ledger.engine, ROOTS)
    assert ROOTS.present not in (ring.base, *ring.data.values())


def test_a_ring_is_begun_once(ledger: Ledger) -> None:
    before = ledger.vault.reload()
    with ledger.begin() as conn:
        keyring.begin(conn, ROOTS, 1)
    assert ledger.vault.reload() == before


def test_without_a_ring_it_says_what_to_run(empty_ledger: Ledger) -> None:
    with pytest.raises(Misconfigured, match="loa migrate"):
        empty_ledger.vault.seal("a|b|1", b"")


def test_keys_cannot_change_places(ledger: Ledger) -> None:
    with ledger.begin() as conn:
        base = conn.scalar(select(key_ring.c.wrapped).where(key_ring.c.number == 0))
        conn.execute(update(key_ring).where(key_ring.c.number == 1).values(wrapped=base))
    with pytest.raises(InvalidTag):
        ledger.vault.seal("a|b|1", b"")


def test_no_key_stands_in_the_database(ledger: Ledger) -> None:
    ring = ledger.vault.reload()
    with ledger.read() as conn:
        rows = conn.execute(text("SELECT * FROM key_ring")).all()
    stored = [bytes(cell) for row in rows for cell in row if isinstance(cell, bytes | memoryview)]
    for key in (ring.base, *ring.data.values(), ROOTS.present):
        assert all(key not in cell for cell in stored)


@pytest.fixture
def empty_ledger(ledger: Ledger) -> Ledger:
    """A migrated database without keys."""
    with ledger.begin() as conn:
        conn.execute(key_ring.delete())
    return ledger


def test_a_root_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        open_ledger("sqlite://", Roots(b"short"))
