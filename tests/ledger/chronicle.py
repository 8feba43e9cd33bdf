"""A small ledger with a whole life in it, made through the writer's own functions.

One approved bulletin, one dispatch to nine synthetic people: delivered, retried, refused, opted
out; sealed, and sealed again after a late word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from channels.sms.twilio import TRAITS
from dispatcher.domain.approvals import State
from dispatcher.domain.content import Content, Issuer
from dispatcher.domain.model import DispatchState, Shape
from dispatcher.domain.rendition import Rendition
from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.ledger import approvals, bulletins, dispatches, expansions, pages, seals
from dispatcher.ledger.approvals import Decision
from dispatcher.ledger.audiences import Condition
from dispatcher.ledger.sealer import LogKey, Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Effect, Move, Place, transition
from tests.ledger import world
from tests.ledger.world import NOW

KEY = LogKey("loa.example.gov.vn/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = LogKey(KEY.origin, Ed25519PrivateKey.from_private_bytes(bytes(32)))

PEOPLE = 9


@dataclass(frozen=True)
class Chronicle:
    """What was made; the log is sealed up to its last page."""

    place: Place
    approval: int
    version: int


def write(ledger: Ledger) -> Chronicle:
    """Fill an empty ledger; seal the log after each of its days."""
    made = begin(ledger)
    sealer, place = Sealer(ledger, KEY, "a"), made.place
    _send(ledger, place)
    sealer.seal()
    _hear(ledger, place)
    _close(ledger, place, NOW + 60_000)
    sealer.seal()
    move(ledger, place, [word(1, Status.SEEN, evidence=Evidence.PERSON)], NOW + 70_000)
    _close(ledger, place, NOW + 80_000)
    sealer.seal()
    return made


def begin(ledger: Ledger, people: int = PEOPLE) -> Chronicle:
    """Only the bulletin, its approval and a dispatch of which nothing is sent yet."""
    home = world.make(ledger)
    world.add_people(ledger, [world.person(home, number) for number in range(people)])
    version, approval = _approve(ledger, home)
    Sealer(ledger, KEY, "a").seal()
    return Chronicle(_start(ledger, home, version, approval), approval, version)


def word(
    delivery: int,
    status: Status,
    *,
    attempt: int = 1,
    reason: Reason = Reason.NONE,
    evidence: Evidence = Evidence.NONE,
) -> Move:
    """Somebody's word about a delivery through route 1."""
    reference = f"SM-{delivery}-{attempt}"
    standing = Standing(attempt, status, reason, evidence, NOW)
    return Move(delivery, standing, route=1, provider_ref=reference, parts=2)


def move(ledger: Ledger, place: Place, moves: Iterable[Move], now: int) -> int:
    with ledger.begin() as conn:
        return transition(conn, place, list(moves), actor=0, now=now)


def _approve(ledger: Ledger, home: world.World) -> tuple[int, int]:
    author, approver = home.author.account, home.approver.account
    terms = {"areas": [world.COMMUNE], "channels": ["sms"]}
    content = Content(
        kind="notice",
        agency=Issuer({"vi": "Ủy ban nhân dân xã Gia Viễn"}, "UBND xã Gia Viễn", "0259 000 001"),
        title={"vi": "Lịch cấp nước"},
        body={"vi": "Ngừng cấp nước từ 8 giờ đến 11 giờ ngày 20/11/2026."},
    )
    rendition = Rendition("sms", "vi", Shape.TEXT, {"text": "{{ body }}"}, {"body": "Ngừng cấp."})
    with ledger.begin() as conn:
        bulletins.put_kinds(conn, {"notice": {"name": {"vi": "Thông báo"}, "daily_cap": 0}})
        bulletin = bulletins.new(
            conn,
            agency=home.commune,
            kind_code="notice",
            author=author,
            now=NOW,
            relation=None,
            relates_to=None,
        )
        saved = bulletins.add_version(conn, bulletin, content, [rendition], author, NOW)
        approval = approvals.submit_for_approval(conn, saved, terms, author, NOW)
        digest = saved.digest.hex()
        drafted = {"bulletin": bulletin, "digest": digest}
        agreed = {"version": saved.version, "digest": digest, "plan": terms}
        subject = f"approval:{approval}"
        draft = f"version:{saved.version}"
        pages.record(conn, "draft", draft, actor=author, at=NOW, facts=drafted)
        pages.record(conn, "propose", subject, actor=author, at=NOW, facts=agreed)
        decision = Decision(State.APPROVED, approver, NOW + 1)
        approvals.decide(conn, approval, decision)
        agreed |= decision.facts()
        pages.record(conn, "approve", subject, actor=approver, at=NOW + 1, facts=agreed)
    return saved.version, approval


def _start(ledger: Ledger, home: world.World, version: int, approval: int) -> Place:
    """A dispatch, expanded: the last person has opted out and is born suppressed."""
    new = dispatches.NewDispatch(
        agency=home.commune,
        version=version,
        approval=approval,
        mode="test",
        drill=False,
        level="normal",
        plan={},
        start_at=NOW,
        valid_until=0,
        max_contact=1_000_000,
        expected=PEOPLE,
        created_by=home.operator.account,
        state=DispatchState.RUNNING,
    )
    with ledger.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO opt_out (address_id, channel, how, since) "
                "SELECT phone_id, 'sms', 'tin nhắn từ chối', 0 FROM contact "
                "ORDER BY id DESC LIMIT 1"
            )
        )
        place = dispatches.add(conn, new, NOW)
        lot = expansions.claim(conn, 60_000)
        assert lot is not None
        who = Condition("1 = 1")
        expansions.people(conn, lot, TRAITS, who, last=lot.max_contact, size=500, now=NOW)
        pages.record(
            conn,
            "start",
            f"dispatch:{place.dispatch}",
            actor=home.operator.account,
            at=NOW,
            facts={"approval": approval},
            dispatch=place.dispatch,
        )
    return place


def _send(ledger: Ledger, place: Place) -> None:
    """All were accepted, but for two: number 2 is to be tried again, number 3 has no phone."""
    taken = (1, *range(4, 9))
    accepted = [word(each, Status.ACCEPTED, evidence=Evidence.PROVIDER) for each in taken]
    failed = Standing(1, Status.FAILED, Reason.TIMEOUT)
    again = Move(2, failed, Effect.RETRY, retry_at=NOW + 9_000, route=1, provider_ref="SM-2-1")
    dead = word(3, Status.FAILED, reason=Reason.UNKNOWN_SUBSCRIBER, evidence=Evidence.CARRIER)
    move(ledger, place, [*accepted, again, dead], NOW + 2_000)


def _hear(ledger: Ledger, place: Place) -> None:
    """What was accepted was delivered, number 2 at its second attempt."""
    taken = (1, *range(4, 9))
    arrived = [word(each, Status.DELIVERED, evidence=Evidence.CARRIER) for each in taken]
    second = word(2, Status.DELIVERED, attempt=2, evidence=Evidence.CARRIER)
    move(ledger, place, [*arrived, second], NOW + 10_000)


def _close(ledger: Ledger, place: Place, now: int) -> None:
    with ledger.begin() as conn:
        seals.close(conn, place, now)


def note(conn: Connection, approval: int) -> int:
    """A page with one harmless act."""
    facts = {"to": "kiểm toán"}
    return pages.record(conn, "export", f"approval:{approval}", actor=0, at=NOW, facts=facts)
