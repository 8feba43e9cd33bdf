"""The bytes of the log: what the writer packs is what the documentation describes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.domain.status import Status
from dispatcher.ledger import entries, merkle
from dispatcher.ledger.verifying import decoding, tree

digests = st.binary(min_size=32, max_size=32)
small, wide = st.integers(0, 255), st.integers(0, 2**63 - 1)
words = st.integers(0, 65_535)


def naive(hashes: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    joined = b"\x01" + naive(hashes[:split]) + naive(hashes[split:])
    return hashlib.sha256(joined).digest()


@given(st.lists(digests, max_size=70))
def test_writer_verifier_and_the_rfc_agree_on_the_root(hashes: list[bytes]) -> None:
    assert merkle.root(hashes) == tree.root(hashes) == naive(hashes)


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 §2.1.3.2: the root that an audit path leads to."""
    number, last, reached = index, size - 1, leaf
    for each in path:
        if number & 1 or number == last:
            reached = hashlib.sha256(b"\x01" + each + reached).digest()
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            reached = hashlib.sha256(b"\x01" + reached + each).digest()
        number, last = number >> 1, last >> 1
    return reached


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 33])
def test_an_audit_path_leads_to_the_root(size: int) -> None:
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
    for index in range(size):
        path = merkle.inclusion(hashes, index)
        assert climb(hashes[index], index, size, path) == merkle.root(hashes)


def test_the_bytes_of_a_change_are_fixed_for_ever() -> None:
    change = entries.Change(
        dispatch=1,
        delivery=2,
        attempt=3,
        n=4,
        before=2,
        after=7,
        reason=0,
        evidence=2,
        route=5,
        parts=6,
        actor=7,
        at=8,
        word_at=10,
        previous=9,
    )
    assert change.to_bytes().hex() == (
        "02"
        "0000000000000001"
        "0000000000000002"
        "0003"
        "0004"
        "02"
        "07"
        "0000"
        "02"
        "00000005"
        "0006"
        "00000007"
        "0000000000000008"
        "000000000000000a"
        "0000000000000009"
        "00000000000000000000000000000000"
    )


def test_the_bytes_of_a_birth_are_fixed_for_ever() -> None:
    born = entries.birth(
        1,
        2,
        step=0,
        channel="sms",
        target=(1, -3),
        contact=3,
        state=(9, 101),
        at=8,
        address_digest=b"",
    )
    assert born.hex() == (
        "01"
        "0000000000000001"
        "0000000000000002"
        "00"
        "01"
        "01"
        "fffffffffffffffd"
        "0000000000000003"
        "09"
        "0065"
        "0000000000000008"
        "00000000000000000000000000000000"
    )


def test_an_act_is_canonical_json() -> None:
    entry = entries.act("approve", "approval:4", 7, 8, {"z": "Gia Viễn", "a": 1})
    assert entry == (
        b"\x03"
        + '{"act":"approve","actor":7,"at":8,'
        '"facts":{"a":1,"z":"Gia Viễn"},"subject":"approval:4"}'.encode()
    )


@given(wide, wide, words, words, small, small, words, small, words)
def test_a_verifier_reads_what_the_writer_packed(
    dispatch: int,
    delivery: int,
    attempt: int,
    n: int,
    before: int,
    after: int,
    reason: int,
    evidence: int,
    parts: int,
) -> None:
    moved = (attempt, n, before, after, reason, evidence)
    packed = entries.Change(dispatch, delivery, *moved, 3, parts, 4, 5, 7, 6, "SM-1").to_bytes()
    read = decoding.change(packed)
    assert read == (
        *(2, dispatch, delivery, attempt, n, before, after, reason, evidence),
        *(3, parts, 4, 5, 7, 6, decoding.commitment(b"SM-1")),
    )


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_target_without_an_address_keeps_its_sign(target: int) -> None:
    packed = entries.birth(
        1,
        2,
        step=0,
        channel="email",
        target=(1, target),
        contact=4,
        state=(0, 0),
        at=5,
        address_digest=b"x",
    )
    assert decoding.birth(packed).target_id == target


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_page_comes_apart_as_it_was_packed(items: list[bytes]) -> None:
    body = entries.pack(items)
    assert list(entries.unpack(body)) == decoding.split(body) == items


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=5), st.data())
def test_a_page_cut_short_is_refused(items: list[bytes], data: st.DataObject) -> None:
    cut = entries.pack(items)[: -data.draw(st.integers(1, len(items[-1]) + 1))]
    with pytest.raises(ValueError, match="ends in"):
        list(entries.unpack(cut))
    with pytest.raises(ValueError, match="ends inside"):
        decoding.split(cut)


@given(wide, wide, wide, st.lists(st.binary(max_size=80), min_size=1, max_size=9))
def test_both_sides_hash_a_page_alike(
    page: int, dispatch: int, at: int, items: list[bytes]
) -> None:
    ours = entries.page_digest(page, dispatch, at, items)
    assert ours == decoding.page_leaf(page, dispatch, at, items)


def test_both_sides_know_the_same_channels_and_statuses() -> None:
    assert {number: name for name, number in entries.CHANNEL_NUMBERS.items()} == decoding.CHANNELS
    assert tuple(status.word for status in Status) == decoding.STATUSES


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"act":"a","actor":1,"at":2,"facts":{},"subject":"s", "more":1}',
        b'{"actor":1,"act":"a","at":2,"facts":{},"subject":"s"}',
        b'{"act":"a","actor":"1","at":2,"facts":{},"subject":"s"}',
        b'{"act":"a","actor":1,"at":9223372036854775808,"facts":{},"subject":"s"}',
        b"\xff",
    ],
)
def test_an_act_in_any_other_spelling_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - three kinds of wrong, one answer
        decoding.act(b"\x03" + body)
