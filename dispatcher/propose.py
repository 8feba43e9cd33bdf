"""The verb that asks: a version and the terms under which it should go out, for approval."""

from collections.abc import Mapping

from dispatcher.domain import authority
from dispatcher.domain.errors import NotFound
from dispatcher.domain.model import Traits
from dispatcher.ledger import approvals, bulletins, desk, pages
from dispatcher.ledger.bulletins import Saved
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.terms import Wish, draw_up


def propose(
    ledger: Ledger, traits: Mapping[str, Traits], actor: Actor, version: int, wish: Wish
) -> int:
    """Submit a version for approval under the terms wished for; return the approval's id."""
    authority.require("submit", actor.roles)
    with ledger.begin() as conn:
        now = desk.now(conn)
        row = bulletins.load_version(conn, version)
        if row is None or row.agency_id != actor.agency:
            raise NotFound("no_version", "Không có bản tin này.", "There is no such version.")
        plan = draw_up(conn, ledger.vault, traits, row, wish).to_json()
        saved = Saved(row.bulletin_id, version, bytes(row.digest))
        approval = approvals.submit_for_approval(conn, saved, plan, actor.account, now)
        pages.record(
            conn,
            "propose",
            f"approval:{approval}",
            actor=actor.account,
            at=now,
            facts={"version": version, "digest": saved.digest.hex(), "plan": plan},
        )
    return approval
