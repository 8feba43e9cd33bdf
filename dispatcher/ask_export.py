"""The verbs before a list of contacts leaves: one person asks, another decides."""

from dispatcher.domain import authority, personal
from dispatcher.domain.errors import Conflict, Forbidden, NotFound
from dispatcher.ledger import areas, data_requests, desk, pages
from dispatcher.ledger.data_requests import State
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def ask_export(ledger: Ledger, actor: Actor, area: str, why: str) -> int:
    """Ask for the contacts of one's agency and those below it, of one area or all (empty).

    Returns the request's number. Raises Forbidden, NotFound for an unknown area, BadInput.
    """
    authority.require("ask_export", actor.roles)
    reason = personal.check_reason(why)
    with ledger.begin() as conn:
        if area and areas.get(conn, area) is None:
            raise NotFound(
                "unknown_area", "Không có địa bàn này.", "There is no such area.", field="area"
            )
        now = desk.now(conn)
        number = data_requests.ask(
            conn,
            agency_id=actor.agency,
            terms={"area": area},
            why=reason,
            by=actor.account,
            now=now,
        )
        pages.record(
            conn,
            "ask_export",
            f"data_request:{number}",
            actor=actor.account,
            at=now,
            facts={"area": area, "why": reason},
        )
    return number


def decide_export(ledger: Ledger, actor: Actor, number: int, decision: State) -> None:
    """Approve or refuse a request of one's part of the tree that somebody else made.

    Raises NotFound, Forbidden for who asked or without the role, Conflict when it is decided.
    """
    with ledger.begin() as conn:
        asked = data_requests.load(conn, number)
        if asked is None or not authority.below(actor.path, asked.path):
            raise NotFound("not_found", "Không có ở đây.", "There is nothing here.")
        authority.require("decide_export", actor.roles)
        if asked.asked_by == actor.account:
            raise Forbidden(
                "own_request",
                "Người đề nghị không được tự duyệt việc xuất danh bạ.",
                "Who asks for an export cannot approve it.",
            )
        now = desk.now(conn)
        if not data_requests.decide(conn, number, decision, actor.account, now):
            raise Conflict(
                "decided", "Đề nghị này đã được quyết định.", "This request is decided already."
            )
        pages.record(
            conn,
            "decide_export",
            f"data_request:{number}",
            actor=actor.account,
            at=now,
            facts={"decision": decision.value},
        )
