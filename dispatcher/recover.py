"""A batch whose holder vanished: settle what is ambiguous before anything more is sent."""

from collections.abc import Callable

from channels.base import Channel
from dispatcher.domain.model import Level
from dispatcher.domain.status import Reason
from dispatcher.holding import Holding
from dispatcher.inbox import fold_inbox
from dispatcher.ledger import backlog, batches, deliveries, desk, pages, routes
from dispatcher.ledger.routes import Route
from dispatcher.ledger.transition import transition
from dispatcher.outcomes import Terms, unclear

#: A batch that crashed this often is halved, so that a poison recipient ends alone.
_HALVE_AT = 2


def recover(holding: Holding, connect: Callable[[Route], Channel]) -> bool:
    """Read the inbox, then decide on each ambiguous delivery; each decision is an entry.

    False: the batch is finished here (halved, or lost to somebody else).
    """
    claimed = holding.claimed
    with holding.ledger.begin() as conn:
        if not batches.holds(conn, claimed, holding.holder):
            return False
        now = desk.now(conn)
        fold_inbox(conn, claimed.place, now, holding=claimed)
        former = routes.load(conn, holding.ledger.vault, claimed.former_route) or holding.route
        terms = Terms(
            traits=connect(former).traits,
            level=Level(claimed.level),
            route=former.id,
            now=now,
            valid_until=claimed.valid_until,
            jitter=holding.jitter,
        )
        again = backlog.gathered(conn, claimed)
        rows = [row for row in deliveries.ambiguous(conn, claimed) if row.id not in again]
        moves = [unclear(row.id, row.attempt, Reason.CRASH, terms, changes=row.n) for row in rows]
        transition(conn, claimed.place, moves, actor=0, now=now)
        pages.record(
            conn,
            "recover_batch",
            f"batch:{claimed.place.dispatch}.{claimed.batch}",
            actor=0,
            at=now,
            facts={"ambiguous": len(rows), "crashes": claimed.crashes},
            dispatch=claimed.place.dispatch,
        )
        if claimed.crashes < _HALVE_AT or claimed.count == 1:
            return True
        rest = [due.id for due in deliveries.unsent(conn, holding.ledger.vault, claimed)]
        batches.halve(conn, claimed, rest, now)
        return False
