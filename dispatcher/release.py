"""The verb of the night: alone, on duty, a pre-approved text goes out in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.author import Desk, Draft, new_bulletin, preview, store
from dispatcher.domain import authority
from dispatcher.domain.approvals import HOUR_MS, State, Unproven, Way
from dispatcher.domain.audience import Audience
from dispatcher.domain.content import Content, Texts
from dispatcher.domain.errors import BadInput, Conflict, NotFound
from dispatcher.domain.model import Mode, Traits
from dispatcher.domain.ports import Queue
from dispatcher.domain.preapproved import Preapproved
from dispatcher.launch import launch
from dispatcher.ledger import approvals, bulletins, desk, pages, preapproved, refusals
from dispatcher.ledger.approvals import Decision
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.vault import Vault
from dispatcher.on_duty import open_shift_of
from dispatcher.request import take
from dispatcher.terms import Wish, draw_up


@dataclass(frozen=True, slots=True)
class Filling:
    """What the person on duty adds to a pre-approved text.

    ``values``: blank → language → text; ``valid_ms`` and ``channels``: at most what the text has,
    all of it when empty.
    """

    preapproved: int
    values: Mapping[str, Texts]
    audience: Audience
    valid_ms: int = 0
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """The numbers of what was made."""

    bulletin: int
    version: int
    approval: int
    dispatch: int


def release(
    ledger: Ledger,
    queue: Queue,
    traits: Mapping[str, Traits],
    desk_: Desk,
    actor: Actor,
    filling: Filling,
) -> Released:
    """Fill a pre-approved text, approve and start it, alone; another approver confirms later.

    Raises Forbidden outside one's shift or area, BadInput for what the text leaves no room for,
    Conflict when it was withdrawn or is over. What was edited since its approval leaves an event.
    """
    authority.require("release", actor.roles)
    try:
        with ledger.begin() as conn:
            now = desk.now(conn)
            open_shift_of(conn, actor)
            draft = _filled(_usable(conn, actor, filling.preapproved, now), filling, now)
        rendered = preview(desk_, *draft, now)
        with ledger.begin() as conn:
            made = _release(conn, ledger.vault, traits, actor, filling, rendered)
    except Unproven as error:
        subject = f"preapproved:{filling.preapproved}"
        refusals.note(ledger, "preapproved", subject, error.code, actor=actor.account)
        raise
    queue.ring("expand")
    return made


def _usable(conn: Connection, actor: Actor, number: int, now: int) -> Preapproved:
    """The actor's agency's own text, proved, approved and not over; nobody withdraws it now."""
    row = preapproved.lock(conn, number)
    if row is None or row.agency_id != actor.agency:
        raise NotFound("no_preapproved", "Không có mẫu này.", "There is no such text.")
    if row.state != preapproved.State.APPROVED or 0 < (row.until_at or 0) <= now:
        raise Conflict(
            "not_preapproved",
            f"Mẫu '{row.name}' chưa được duyệt, đã thôi dùng hoặc hết hạn.",
            f"The text '{row.name}' is not approved, was withdrawn, or has come to its end.",
            field="preapproved",
        )
    return preapproved.prove(conn, row)


def _filled(text: Preapproved, filling: Filling, now: int) -> tuple[Content, tuple[str, ...]]:
    """The content to go out and its channels. Raises BadInput beyond what was approved."""
    foreign = [each for each in filling.channels if each not in text.channels]
    if foreign:
        raise _beyond("channels", ", ".join(foreign), ", ".join(text.channels))
    if not 0 <= filling.valid_ms <= text.longest_ms:
        hours = text.longest_ms // HOUR_MS
        raise _beyond("valid_ms", f"{filling.valid_ms} ms", f"{hours} h")
    written = text.filled(filling.values, now + (filling.valid_ms or text.longest_ms))
    return written, filling.channels or text.channels


def _beyond(field: str, given: str, allowed: str) -> BadInput:
    return BadInput(
        "beyond_preapproved",
        f"Mẫu chỉ được duyệt cho: {allowed}. Không dùng được: {given}.",
        f"The text is approved for: {allowed}. Not for: {given}.",
        field=field,
    )


def _release(
    conn: Connection,
    vault: Vault,
    traits: Mapping[str, Traits],
    actor: Actor,
    filling: Filling,
    draft: Draft,
) -> Released:
    """Version, approval and dispatch, or nothing of them."""
    now = desk.now(conn)
    shift = open_shift_of(conn, actor)
    _, channels = _filled(_usable(conn, actor, filling.preapproved, now), filling, now)
    bulletin = new_bulletin(conn, actor, draft.content, now)
    saved = store(conn, bulletin, draft, actor.account, now)
    version = bulletins.load_version(conn, saved.version)
    assert version is not None  # noqa: S101 - stored a moment ago
    wish = Wish(filling.audience, channels, Mode(actor.mode))
    terms = draw_up(conn, vault, traits, version, wish).to_json()
    made = Decision(
        State.APPROVED,
        actor.account,
        now,
        way=Way.DUTY,
        shift=shift.id,
        preapproved=filling.preapproved,
    )
    approval = approvals.add_decided(conn, saved, terms, actor.account, made)
    pages.record(
        conn,
        "release",
        f"approval:{approval}",
        actor=actor.account,
        at=now,
        facts={
            "version": saved.version,
            "digest": saved.digest.hex(),
            "plan": terms,
            **made.facts(),
        },
    )
    place = launch(conn, vault, traits, actor, take(conn, actor, approval))
    return Released(bulletin, saved.version, approval, place.dispatch)
