"""The verb by which a person is forgotten: their address and name are emptied, the record stays.

Luật 91/2025/QH15 gives the right; the log stays verifiable because it never had the address.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatcher.domain import authority, personal
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.domain.model import AddressKind, Traits
from dispatcher.ledger import desk, erasures, pages, people, subjects
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Asked:
    """The request on paper: who answers for it is the actor. ``on``: its date, ``2026-11-19``.

    ``symbol``: the incoming document's number and symbol; ``why``: at least ten characters.
    """

    why: str
    on: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done. ``kept``: addresses that other agencies' records still refer to."""

    contacts: tuple[int, ...]
    addresses: tuple[int, ...]
    kept: tuple[int, ...]


def erase(
    ledger: Ledger,
    traits: Mapping[str, Traits],
    actor: Actor,
    kind: AddressKind,
    value: str,
    asked: Asked,
) -> Erased:
    """Forget the person of an address, in all records of the actor's part of the tree.

    Their other addresses are emptied too, unless another record refers to them. Lists, deliveries
    and pages stay. The address is suppressed: a list that brings it back does not reach it.
    Raises NotFound when no record of the actor's has it, Forbidden without the role.
    """
    authority.require("erase", actor.roles)
    facts = {"why": personal.check_reason(asked.why), "on": _date(asked.on)}
    if asked.symbol:
        facts["symbol"] = asked.symbol
    canonical, _ = personal.canonical(kind, value)
    with ledger.begin() as conn:
        now = desk.now(conn)
        known = people.find_address(conn, ledger.vault, kind, canonical)
        persons = subjects.contacts_of(conn, actor.path, known) if known else []
        if not persons:
            raise NotFound(
                "no_person", "Không có người nhận này.", "There is no such person in your lists."
            )
        own = {row.id for row in persons}
        gone, kept = _addresses(conn, persons, own)
        erasures.empty_contacts(conn, persons, now)
        for row in erasures.rows(conn, gone):
            erasures.suppress(conn, ledger.vault, row, now)
            erasures.empty_receipts(conn, row.id, _channels(traits, AddressKind(row.kind)))
            erasures.empty_address(conn, row, actor=actor.account, now=now, facts=facts)
        for number in sorted(own):
            pages.record(
                conn, "erase", f"contact:{number}", actor=actor.account, at=now, facts=facts
            )
    return Erased(tuple(sorted(own)), tuple(sorted(gone)), tuple(sorted(kept)))


def _addresses(
    conn: Connection, persons: Sequence[Row[Any]], own: Collection[int]
) -> tuple[set[int], set[int]]:
    """Addresses of these contacts: (nobody else's, somebody else's too)."""
    theirs = {
        each
        for row in persons
        for each in (row.phone_id, row.email_id, row.zalo_id)
        if each is not None
    }
    others = [
        row
        for row in erasures.holders(conn, theirs)
        if row.id not in own and row.removed_at is None
    ]
    shared = {
        each
        for row in others
        for each in (row.phone_id, row.email_id, row.zalo_id)
        if each in theirs
    }
    return theirs - shared, shared


def _channels(traits: Mapping[str, Traits], kind: AddressKind) -> list[str]:
    return [name for name, each in traits.items() if each.address is kind]


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadInput(
            "bad_date",
            "Ngày của đơn phải viết dạng 2026-11-19.",
            "The request's date must be written like 2026-11-19.",
            field="on",
        ) from error
