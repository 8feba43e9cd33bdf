"""Proofs: what RFC 9162 defines by recursion, for every size, by tiles."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import insert

from dispatcher.evidence import verify
from dispatcher.ledger import merkle
from dispatcher.ledger.proofs import Log, Paths
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import leaf, tile


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


def fill(ledger: Ledger, count: int) -> list[bytes]:
    """A log of so many leaves, with its complete tiles."""
    hashes = leaves(count)
    rows = [{"position": n, "page_id": n + 1, "digest": each} for n, each in enumerate(hashes)]
    tiles = merkle.Tree().append(hashes)
    with ledger.begin() as conn:
        conn.execute(insert(leaf), rows)
        for level, number, joined in tiles:
            conn.execute(insert(tile).values(level=level, number=number, hashes=joined))
    return hashes


def defined(old: int, hashes: list[bytes], *, known: bool = True) -> list[bytes]:
    """SUBPROOF as RFC 9162 §2.1.4.1 writes it."""
    if old == len(hashes):
        return [] if known else [merkle.root(hashes)]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if old <= split:
        return [*defined(old, hashes[:split], known=known), merkle.root(hashes[split:])]
    return [*defined(old - split, hashes[split:], known=False), merkle.root(hashes[:split])]


SIZES = (1, 2, 3, 5, 8, 255, 256, 257, 300, 511, 512, 700)


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_is_that_of_the_standard(sqlite_ledger: Ledger, size: int) -> None:
    hashes = fill(sqlite_ledger, 700)[:size]
    with sqlite_ledger.read() as conn:
        log = Log(conn, size)
        assert log.root() == merkle.root(hashes)
        for position in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
            path = log.inclusion(position)
            assert path == merkle.inclusion(hashes, position)
            assert verify.Proven(size, log.root()).has(hashes[position], position, path)


@pytest.mark.parametrize("size", SIZES)
def test_consistency_is_that_of_the_standard(sqlite_ledger: Ledger, size: int) -> None:
    hashes = fill(sqlite_ledger, 700)[:size]
    now = verify.Checkpoint("log", size, merkle.root(hashes))
    with sqlite_ledger.read() as conn:
        log = Log(conn, size)
        for old in sorted({1, 2, 3, size // 2, size - 1} & set(range(1, size))):
            path = log.consistency(old)
            then = verify.Checkpoint("log", old, merkle.root(hashes[:old]))
            assert path == defined(old, hashes)
            assert verify.consistent(then, now, path)
            assert not verify.consistent(then._replace(root=hashes[0][::-1]), now, path)


def test_a_proof_holds_on_a_tree_of_three_levels_of_tiles(sqlite_ledger: Ledger) -> None:
    size = 256 * 256 + 3
    hashes = fill(sqlite_ledger, size)
    with sqlite_ledger.read() as conn:
        log = Log(conn, size)
        proven = verify.Proven(size, log.root())
        assert log.root() == merkle.root(hashes)
        assert proven.has(hashes[70], 70, log.inclusion(70))


def test_paths_of_neighbours_repeat_nothing(ledger: Ledger) -> None:
    hashes = fill(ledger, 300)
    with ledger.read() as conn:
        log, sent = Log(conn, 300), 0
        paths, proven = Paths(log), verify.Proven(300, log.root())
        for position in (0, 1, 2, 3, 90, 91, 255, 256, 298, 299):
            path = paths.to(position)
            sent += len(path)
            assert proven.has(hashes[position], position, path)
        assert sent < 10 * len(log.inclusion(0)) / 2


def test_a_leaf_that_is_not_there_is_refused_wherever_it_claims_to_be(ledger: Ledger) -> None:
    fill(ledger, 40)
    stranger = hashlib.sha256(b"stranger").digest()
    with ledger.read() as conn:
        log = Log(conn, 40)
        proven = verify.Proven(40, log.root())
        for position in range(40):
            path = log.inclusion(position)
            assert not proven.has(stranger, position, path)
            assert not proven.has(stranger, position, [])
            assert not proven.has(stranger, position, [*path, stranger])
