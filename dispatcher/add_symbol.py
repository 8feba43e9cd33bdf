"""The verb for the number that follows (bổ sung số văn bản): paper comes after the night."""

from dispatcher.domain import authority
from dispatcher.domain.approvals import STARTABLE, State
from dispatcher.domain.errors import BadInput, Conflict
from dispatcher.ledger import approvals, bulletins, desk, pages, traces
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.request import Request, take

#: Characters of a document's symbol.
_LONGEST = 60


def add_symbol(ledger: Ledger, actor: Actor, approval: int, symbol: str) -> None:
    """Enter the number and symbol of the document that came later. Once, by its own agency.

    It is shown beside the text that went out; the text itself does not change.
    """
    authority.require("submit", actor.roles)
    clean = symbol.strip()
    if not 0 < len(clean) <= _LONGEST:
        raise BadInput(
            "bad_symbol",
            f"Số, ký hiệu văn bản phải có từ 1 đến {_LONGEST} ký tự.",
            f"A document's symbol has 1 to {_LONGEST} characters.",
            field="symbol",
        )
    with ledger.begin() as conn:
        now, request = desk.now(conn), take(conn, actor, approval)
        open_ = _lacks(request, actor) and not bulletins.content_of(conn, request.version.id).symbol
        if not (open_ and approvals.add_symbol(conn, approval, clean, actor.account, now)):
            raise Conflict(
                "symbol_known",
                "Bản tin chưa được duyệt, đã có số văn bản, hoặc của cơ quan khác.",
                "The bulletin is not approved, has its symbol already, or is another agency's.",
                field="symbol",
            )
        traces.symbol(conn, clean, request.version.bulletin_id)
        subject, facts = f"approval:{approval}", {"symbol": clean}
        pages.record(conn, "add_symbol", subject, actor=actor.account, at=now, facts=facts)


def _lacks(request: Request, actor: Actor) -> bool:
    return State(request.approval.state) in STARTABLE and request.owner.id == actor.agency
