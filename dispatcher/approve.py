"""The verb that answers for it: an approver releases, or returns, exactly what was submitted."""

import json
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import bulletins, desk, pages, registry
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def approve(
    ledger: Ledger, actor: Actor, approval: int, *, note: str = "", decision: str = "approved"
) -> None:
    """Decide on what was submitted. ``decision``: ``approved`` or ``returned``.

    Bound to the digest of the content, every rendition and the terms. Author and submitter
    cannot decide; nor can somebody outside the agency and those above it.
    """
    authority.require("approve", actor.roles)
    with ledger.begin() as conn:
        now = desk.now(conn)
        row = bulletins.load_approval(conn, approval)
        version = bulletins.load_version(conn, row.version_id) if row else None
        owner = registry.load_agency(conn, version.agency_id) if version else None
        if not (row and version and owner and authority.below(actor.path, owner.path)):
            raise NotFound("no_approval", "Không có yêu cầu duyệt này.", "No such request.")
        authority.may_decide(actor.account, version.created_by, row.submitted_by)
        if not bulletins.decide(conn, approval, decision, actor.account, now, note):
            raise Conflict(
                "already_decided",
                "Yêu cầu này đã được người khác xử lý.",
                "Somebody else has decided this already.",
            )
        pages.record(
            conn,
            "approve" if decision == bulletins.APPROVED else "return",
            f"approval:{approval}",
            actor=actor.account,
            at=now,
            facts=_facts(row),
        )


def _facts(row: Row[Any]) -> dict[str, Any]:
    terms: dict[str, Any] = json.loads(row.terms)
    return {"version": row.version_id, "digest": bytes(row.digest).hex(), "plan": terms}
