"""The verb that prepares for the night: a text with blanks, put before an approver by day."""

from dispatcher.author import Desk, preview
from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict
from dispatcher.domain.preapproved import Preapproved
from dispatcher.ledger import desk, pages, preapproved
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def propose_preapproved(ledger: Ledger, desk_: Desk, actor: Actor, text: Preapproved) -> int:
    """Keep a text and ask for its approval; return its number.

    Every channel is rendered with the blanks at their longest: what would fail at night is refused
    here, with BadInput. Raises Conflict for a name that was used.
    """
    authority.require("submit", actor.roles)
    with ledger.read() as conn:
        now = desk.now(conn)
    preview(desk_, text.widest(now), text.channels, now)
    with ledger.begin() as conn:
        if preapproved.taken(conn, actor.agency, text.name):
            raise Conflict(
                "name_taken",
                f"Tên mẫu '{text.name}' đã dùng. Đặt tên khác.",
                f"The name '{text.name}' has been used. Choose another.",
                field="preapproved.name",
            )
        number = preapproved.add(conn, actor.agency, text, actor.account, now)
        facts = {"digest": text.digest.hex()}
        subject = f"preapproved:{number}"
        pages.record(conn, "propose_preapproved", subject, actor=actor.account, at=now, facts=facts)
    return number
