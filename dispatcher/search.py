"""The verb of auditors who look for something. Each search is an act, without what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.email import canonical_email
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.domain.model import AddressKind
from dispatcher.domain.period import ALWAYS, Period
from dispatcher.domain.phone import canonical_phone
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import desk, pages, people, registry
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.search import deliveries, dispatches
from dispatcher.ledger.search.deliveries import Found
from dispatcher.ledger.search.dispatches import Wanted
from dispatcher.ledger.store import Ledger

#: No address has this number: what is sent to nobody is not found.
_NOBODY = -(2**62)


@dataclass(frozen=True, slots=True)
class Question:
    """What an auditor asks for, as typed; what is empty does not matter.

    ``agency``: its number, and those below it; ``area``: a code; ``approver``: a person's name;
    ``recipient``: a telephone number, mail address or Zalo id, never stored or logged.
    """

    symbol: str = ""
    agency: int | None = None
    area: str = ""
    period: Period = ALWAYS
    approver: str = ""
    recipient: str = ""
    outcomes: Sequence[Status] = ()
    evidence: Sequence[Evidence] = ()
    channel: str = ""


def search_dispatches(
    ledger: Ledger, actor: Actor, question: Question, before: dispatches.Spot, limit: int
) -> list[Row[Any]]:
    """Dispatches of the actor's part of the tree by start, newest first.

    Raises Forbidden, BadInput, NotFound.
    """
    if question.evidence or question.channel:
        raise BadInput(
            "of_deliveries",
            "Căn cứ và kênh là của từng lượt gửi: hãy tìm lượt gửi.",
            "Evidence and channel belong to deliveries: search for deliveries.",
            field="evidence" if question.evidence else "channel",
        )
    with ledger.begin() as conn:
        wanted = _ask(ledger, conn, actor, question, "dispatches")
    with ledger.read() as conn:
        return dispatches.find(conn, wanted, before, limit)


def search_deliveries(
    ledger: Ledger, actor: Actor, question: Question, before: deliveries.Spot, limit: int
) -> Found:
    """Deliveries of such dispatches. Raises Forbidden, BadInput, NotFound."""
    with ledger.begin() as conn:
        wanted = _ask(ledger, conn, actor, question, "deliveries")
    with ledger.read() as conn:
        return deliveries.find(conn, wanted, before, limit)


def _ask(ledger: Ledger, conn: Connection, actor: Actor, question: Question, what: str) -> Wanted:
    authority.require("audit", actor.roles)
    wanted = _understood(ledger, conn, actor, question)
    pages.record(
        conn,
        "search",
        f"agency:{actor.agency}",
        actor=actor.account,
        at=desk.now(conn),
        facts={"what": what, **_facts(question, wanted)},
    )
    return wanted


def _facts(question: Question, wanted: Wanted) -> dict[str, object]:
    """What was asked for; of a recipient only that somebody was."""
    facts: dict[str, object] = {
        "symbol": question.symbol,
        "agency": question.agency,
        "area": question.area,
        "approvers": wanted.approvers,
        "outcomes": [each.word for each in question.outcomes],
        "evidence": [each.word for each in question.evidence],
        "channel": question.channel,
        "recipient": bool(question.recipient),
    }
    if question.period != ALWAYS:
        facts |= {"since": question.period.since, "until": question.period.until}
    return {name: value for name, value in facts.items() if value}


def _understood(ledger: Ledger, conn: Connection, actor: Actor, question: Question) -> Wanted:
    return Wanted(
        path=_path(conn, actor, question.agency),
        mode=actor.mode,
        period=question.period,
        symbol=question.symbol,
        areas=dispatches.around(conn, question.area) if question.area else None,
        approvers=dispatches.accounts_named(conn, question.approver) if question.approver else None,
        recipient=_address(ledger, conn, question.recipient) if question.recipient else None,
        outcomes=question.outcomes,
        evidence=question.evidence,
        channel=question.channel,
    )


def _path(conn: Connection, actor: Actor, agency: int | None) -> str:
    """Never above the actor's own place: an agency elsewhere does not exist for them."""
    if agency is None:
        return actor.path
    found = registry.load_agency(conn, agency)
    if found is None or not authority.below(actor.path, found.path):
        raise NotFound("no_agency", "Không có cơ quan này.", "There is no such agency.")
    return str(found.path)


def _address(ledger: Ledger, conn: Connection, typed: str) -> int:
    kind, value = _canonical(typed)
    return people.find_address(conn, ledger.vault, kind, value) or _NOBODY


#: Zalo's ids of users are numbers longer than any telephone number.
_ZALO_DIGITS = 16


def _canonical(typed: str) -> tuple[AddressKind, str]:
    """Raises BadAddress, in words without the address."""
    text = typed.strip()
    if "@" in text:
        return AddressKind.EMAIL, canonical_email(text)
    if text.isascii() and text.isdigit() and len(text) >= _ZALO_DIGITS:
        return AddressKind.ZALO, text
    return AddressKind.PHONE, canonical_phone(text)
