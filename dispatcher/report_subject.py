"""The verb that answers a person: everything known of them, sent to them, and who looked.

Luật 91/2025/QH15: who processes personal data answers the person within two working days.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatcher.domain import authority, personal
from dispatcher.domain.model import AddressKind, Traits
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import desk, entries, opt_outs, pages, people, sealed, subjects
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Record:
    """A contact as an agency keeps it. Times in epoch ms; ``addresses``: masked."""

    agency: str
    name: str
    area: str
    locality: str
    language: str
    office: str
    responsible: bool
    addresses: tuple[str, ...]
    lists: tuple[str, ...]
    source: str
    checked_at: int
    removed_at: int | None


@dataclass(frozen=True, slots=True)
class Wish:
    """An opt-out: ``channel`` ``*`` is every channel; ``how``: of ``personal.OPT_OUT_WAYS``."""

    channel: str
    how: str
    since: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery: codes of status, reason and evidence as the API has them."""

    dispatch: int
    delivery: int
    at: int
    agency: str
    title: str
    channel: str
    provider: str
    status: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Who had a value shown, and why."""

    at: int
    person: str
    office: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """What an agency knows of the person at one address."""

    agency: str
    kind: str
    address: str
    made_at: int
    made_by: str
    erased_at: int | None
    records: tuple[Record, ...]
    wishes: tuple[Wish, ...]
    sent: tuple[Sent, ...]
    shown: tuple[Shown, ...]


def report_subject(
    ledger: Ledger,
    traits: Mapping[str, Traits],
    actor: Actor,
    kind: AddressKind,
    value: str,
    why: str,
) -> SubjectReport:
    """Everything about an address in the actor's part of the tree, also when that is nothing.

    Making it is the act ``export``. Raises Forbidden without the role, BadInput, BadAddress.
    """
    authority.require("report", actor.roles)
    reason = personal.check_reason(why)
    canonical, _ = personal.canonical(kind, value)
    with ledger.begin() as conn:
        now = desk.now(conn)
        known = people.find_address(conn, ledger.vault, kind, canonical)
        digest = opt_outs.suppressed_digest(ledger.vault, kind, canonical)
        persons = subjects.contacts_of(conn, actor.path, known) if known else []
        sent = _sent(conn, traits, actor, kind, known)
        wishes = opt_outs.of_address(conn, known) if known else opt_outs.suppressions(conn, digest)
        report = SubjectReport(
            agency=subjects.agency_name(conn, actor.agency),
            kind=kind.value,
            address=canonical,
            made_at=now,
            made_by=actor.name,
            erased_at=next((row.since for row in wishes if row.how == "erased"), None),
            records=_records(conn, ledger, persons),
            wishes=tuple(Wish(row.channel, row.how, row.since) for row in wishes),
            sent=sent,
            shown=_shown(conn, persons),
        )
        subject = f"address:{known}" if known else f"suppression:{digest.hex()[:16]}"
        facts = {"what": "subject", "why": reason, "records": len(persons), "sent": len(sent)}
        pages.record(conn, "export", subject, actor=actor.account, at=now, facts=facts)
    return report


def _records(conn: Connection, ledger: Ledger, persons: Sequence[Row[Any]]) -> tuple[Record, ...]:
    lists = subjects.lists_of(conn, [row.id for row in persons])
    masked = {row.id: row.masked for row in subjects.addresses(conn, _addresses(persons))}
    return tuple(
        Record(
            agency=row.agency_name,
            name=sealed.name_of(ledger.vault, row),
            area=row.area_name,
            locality=row.locality or "",
            language=row.lang,
            office=row.office,
            responsible=row.responsible,
            addresses=tuple(masked[each] for each in _addresses([row])),
            lists=tuple(each.name for each in lists if each.contact_id == row.id),
            source=row.source,
            checked_at=row.checked_at,
            removed_at=row.removed_at,
        )
        for row in persons
    )


def _addresses(persons: Sequence[Row[Any]]) -> list[int]:
    return [
        each
        for row in persons
        for each in (row.phone_id, row.email_id, row.zalo_id)
        if each is not None
    ]


def _sent(
    conn: Connection,
    traits: Mapping[str, Traits],
    actor: Actor,
    kind: AddressKind,
    address: int | None,
) -> tuple[Sent, ...]:
    if address is None:
        return ()
    channels = [name for name, each in traits.items() if each.address is kind]
    return tuple(
        Sent(
            dispatch=row.dispatch_id,
            delivery=row.id,
            at=row.updated_at,
            agency=row.agency_name,
            title=json.loads(row.content)["title"]["vi"],
            channel=row.channel,
            provider=row.provider or "",
            status=Status(row.status).word,
            reason=Reason(row.reason).code,
            evidence=Evidence(row.evidence).word,
        )
        for row in subjects.deliveries(conn, actor.path, [address], channels)
    )


def _shown(conn: Connection, persons: Sequence[Row[Any]]) -> tuple[Shown, ...]:
    about = [f"address:{each}" for each in _addresses(persons)]
    about += [f"contact:{row.id}" for row in persons]
    return tuple(
        Shown(row.at, row.actor_name or "", row.office or "", facts["field"], facts["why"])
        for row in subjects.acts_about(conn, about, ["reveal"])
        for facts in [_facts(row.body)]
    )


def _facts(body: bytes) -> dict[str, Any]:
    """The facts of a page's one act."""
    (entry,) = entries.unpack(body)
    facts: dict[str, Any] = json.loads(bytes(entry)[1:])["facts"]
    return facts
