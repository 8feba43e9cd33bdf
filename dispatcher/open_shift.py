"""The verb that puts somebody on duty, on a document's authority and for certain hours."""

from dispatcher.domain import authority
from dispatcher.domain.approvals import HOUR_MS
from dispatcher.domain.authority import LONGEST_WORDS
from dispatcher.domain.errors import BadInput, Forbidden, NotFound
from dispatcher.ledger import desk, pages, registry, shifts
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.shifts import NewShift
from dispatcher.ledger.store import Ledger

#: The longest shift: three nights of a storm.
LONGEST_MS = 72 * HOUR_MS


def open_shift(ledger: Ledger, actor: Actor, new: NewShift) -> int:
    """Open a duty shift; return its number.

    An approver or an administrator opens it for somebody else, of the agency or one below, who
    has the role of a duty officer there.
    """
    require_either(actor)
    with ledger.begin() as conn:
        now = desk.now(conn)
        _check_person(conn, actor, new)
        _check_hours(new, now)
        number = shifts.add(conn, new, actor.account, now)
        facts = {
            "account": new.account,
            "agency": new.agency,
            "from": new.from_at,
            "until": new.until_at,
            "basis": new.basis,
        }
        subject = f"shift:{number}"
        pages.record(conn, "open_shift", subject, actor=actor.account, at=now, facts=facts)
    return number


def require_either(actor: Actor) -> None:
    """Raises Forbidden unless the actor may approve or configure."""
    try:
        authority.require("approve", actor.roles)
    except Forbidden:
        authority.require("configure", actor.roles)


def _check_person(conn: Connection, actor: Actor, new: NewShift) -> None:
    agency = registry.load_agency(conn, new.agency)
    person = registry.actor_for(conn, new.account, new.agency, actor.mode)
    if agency is None or person is None or not authority.below(actor.path, agency.path):
        raise NotFound("no_account", "Không có tài khoản này.", "There is no such account.")
    if new.account == actor.account:
        raise Forbidden(
            "own_shift",
            "Không tự mở ca trực cho mình. Cần một người khác.",
            "Nobody opens a shift for themselves. Somebody else has to.",
        )
    if "duty_officer" not in person.roles:
        raise BadInput(
            "not_duty_officer",
            "Người này chưa có vai trò trực ban (duty_officer) tại cơ quan.",
            "This person has no role of duty officer (duty_officer) at the agency.",
            field="account",
        )


def _check_hours(new: NewShift, now: int) -> None:
    if not (now < new.until_at and new.from_at < new.until_at <= new.from_at + LONGEST_MS):
        hours = LONGEST_MS // HOUR_MS
        raise BadInput(
            "bad_hours",
            f"Ca trực phải kết thúc sau lúc bắt đầu, trong tương lai, không dài quá {hours} giờ.",
            f"A shift ends after it begins, in the future, and lasts at most {hours} hours.",
            field="until_at",
        )
    if not 0 < len(new.basis.strip()) <= LONGEST_WORDS:
        raise BadInput(
            "no_basis",
            f"Ghi số, ký hiệu văn bản giao trực, tối đa {LONGEST_WORDS} ký tự.",
            f"Name the delegating document by its symbol, at most {LONGEST_WORDS} characters.",
            field="basis",
        )
