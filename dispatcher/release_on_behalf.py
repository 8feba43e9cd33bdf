"""The verb of *phát hộ*: an agency above approves and starts what one below it has submitted."""

from collections.abc import Mapping

from dispatcher.approve import enter
from dispatcher.domain import authority
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.approvals import State, Unproven, Way, require_level
from dispatcher.domain.authoring import missing
from dispatcher.domain.content import Signatory
from dispatcher.domain.errors import Conflict
from dispatcher.domain.model import Traits
from dispatcher.domain.ports import Queue
from dispatcher.launch import launch
from dispatcher.ledger import bulletins, desk, refusals
from dispatcher.ledger.approvals import Decision
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.vault import Vault
from dispatcher.request import check_eyes, take, take_waiting


def release_on_behalf(
    ledger: Ledger,
    queue: Queue,
    traits: Mapping[str, Traits],
    actor: Actor,
    approval: int,
    signatory: Signatory,
) -> int:
    """Release a bulletin for the agency below that it belongs to; return the dispatch.

    ``signatory``: who answers for it in the agency above, with their office. The agency below is
    told by an alarm, and another approver of either confirms within 24 hours.
    """
    authority.require("approve", actor.roles)
    for field in ("name", "office"):
        if not getattr(signatory, field).strip():
            raise missing(f"signatory.{field}")
    try:
        with ledger.begin() as conn:
            dispatch = _release(conn, ledger.vault, traits, actor, approval, signatory)
    except Unproven as error:
        refusals.note(ledger, "approval", f"approval:{approval}", error.code, actor=actor.account)
        raise
    queue.ring("expand")
    return dispatch


def _release(
    conn: Connection,
    vault: Vault,
    traits: Mapping[str, Traits],
    actor: Actor,
    approval: int,
    signatory: Signatory,
) -> int:
    now = desk.now(conn)
    request = take_waiting(conn, actor, approval)
    if request.owner.id == actor.agency:
        raise Conflict(
            "own_agency",
            "Đây là bản tin của cơ quan bạn: duyệt như thường lệ.",
            "This is your own agency's bulletin: approve it in the ordinary way.",
        )
    check_eyes(conn, actor, request)
    require_level(Way.ON_BEHALF, bulletins.content_of(conn, request.version.id).level)
    named = {"name": signatory.name.strip(), "office": signatory.office.strip()}
    made = Decision(State.APPROVED, actor.account, now, way=Way.ON_BEHALF, signatory=named)
    enter(conn, request, made, "release")
    place = launch(conn, vault, traits, actor, take(conn, actor, approval))
    _tell(conn, place.dispatch, approval, named["office"], now)
    return place.dispatch


def _tell(conn: Connection, dispatch: int, approval: int, office: str, now: int) -> None:
    words = f"Cấp trên đã phát hộ bản tin này ({office}). Đọc và xác nhận trong 24 giờ."
    desk.raise_alarm(conn, dispatch, Alarm.ON_BEHALF, f"approval:{approval}", words, now)
