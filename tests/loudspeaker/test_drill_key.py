"""Drills have a key of their own, with which nobody can sound or silence what is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.loudspeaker.signing import Signer, Signers
from dispatcher.domain.model import Level
from dispatcher.domain.playlist import Cancel, Manifest, PlayItem, build
from dispatcher.player.clock import Clock
from dispatcher.player.config import Config, read_trust
from dispatcher.player.journal import Journal
from dispatcher.player.orders import Orders
from dispatcher.player.store import Store
from tests.loudspeaker.station import draft, item, now_ms, tone

DEVICE = "06862-C01"
SIGNERS = Signers(
    Signer("loa-1", Ed25519PrivateKey.from_private_bytes(bytes(32))),
    Signer("loa-1-drill", Ed25519PrivateKey.from_private_bytes(b"d" * 32)),
)


def told(seq: int, items: Sequence[PlayItem] = (), cancels: Sequence[Cancel] = ()) -> Manifest:
    return replace(draft(DEVICE, now_ms()), seq=seq, items=items, cancels=cancels)


def sound(ref: str, *, drill: bool) -> PlayItem:
    return replace(item(ref, Level.EMERGENCY, tone(1, 440), now_ms()), drill=drill)


#: What a manifest tells → the key that signs it.
KEYS = [
    ([], [], "loa-1"),
    ([False], [], "loa-1"),
    ([True], [], "loa-1-drill"),
    ([True, True], [True], "loa-1-drill"),
    ([True, False], [], "loa-1"),
    ([True], [False], "loa-1"),
    ([], [True], "loa-1-drill"),
]


@pytest.mark.parametrize(("items", "cancels", "kid"), KEYS)
def test_the_key_for_drills_signs_exactly_what_names_drills_alone(
    items: list[bool], cancels: list[bool], kid: str
) -> None:
    manifest = told(
        1,
        [sound(f"1.{n}.1", drill=drill) for n, drill in enumerate(items, start=1)],
        [Cancel(f"2.{n}.1", drill=drill) for n, drill in enumerate(cancels, start=1)],
    )
    assert f";kid={kid};" in SIGNERS.header(manifest, build(manifest))


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    trust = read_trust(SIGNERS.trust())
    config = Config("http://127.0.0.1", DEVICE, bytes(32), trust, tmp_path)
    store, clock = Store(tmp_path, "b1"), Clock(lambda: now_ms() / 1000, rtc=True)
    return Orders(config, store, clock, Journal(store, clock))


def obeyed(orders: Orders, manifest: Manifest, signer: Signer) -> bool:
    body = build(manifest)
    return orders.consider(body, signer.header(body))


def test_a_drill_does_not_silence_what_is_real(orders: Orders) -> None:
    assert obeyed(orders, told(1, [sound("1.1.1", drill=False)]), SIGNERS.real)
    assert not obeyed(orders, told(2, [sound("1.2.1", drill=True)]), SIGNERS.drill)
    assert not obeyed(orders, told(2), SIGNERS.drill)
    assert orders.seq == 1


def test_a_drill_follows_when_the_real_is_over_or_the_real_key_says_so(orders: Orders) -> None:
    over = sound("1.1.1", drill=False)
    over = replace(over, plays=tuple(replace(play, until=now_ms() - 1) for play in over.plays))
    assert obeyed(orders, told(1, [over]), SIGNERS.real)
    assert obeyed(orders, told(2, [sound("1.2.1", drill=True)]), SIGNERS.drill)
    assert obeyed(orders, told(3, [sound("1.3.1", drill=False)]), SIGNERS.real)
    assert obeyed(orders, told(4), SIGNERS.real)
    assert obeyed(orders, told(5, [sound("1.4.1", drill=True)]), SIGNERS.drill)
