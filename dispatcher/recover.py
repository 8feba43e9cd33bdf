"""A batch whose holder vanished: settle what is ambiguous before anything more is sent."""

from collections.abc import Mapping

from dispatcher.domain.model import Level, Traits
from dispatcher.domain.status import Reason, Standing, Status
from dispatcher.holding import Holding
from dispatcher.inbox import fold_inbox
from dispatcher.ledger import backlog, batches, deliveries, desk, pages
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.transition import Move, transition
from dispatcher.outcomes import Terms, unclear

#: A batch that crashed this often is halved, so that a poison recipient ends alone.
_HALVE_AT = 2


#: Alone in a batch and crashed this often: it is the recipient that brings workers down.
_POISON_AT = 3


def recover(holding: Holding, traits: Mapping[str, Traits]) -> bool:
    """Read the inbox, then decide on each ambiguous delivery; each decision is an entry.

    False: the batch is finished here (halved, or lost to somebody else).
    """
    claimed = holding.claimed
    with holding.ledger.begin() as conn:
        if not batches.holds(conn, claimed, holding.holder):
            return False
        now = desk.now(conn)
        fold_inbox(conn, claimed.place, now, holding=claimed)
        terms = Terms(
            traits=traits[claimed.channel],
            level=Level(claimed.level),
            route=claimed.former_route or holding.route.id,
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
        if claimed.count == 1 and claimed.crashes >= _POISON_AT:
            _give_up(conn, holding, now)
            return False
        if claimed.crashes < _HALVE_AT or claimed.count == 1:
            return True
        rest = deliveries.unsent_ids(conn, claimed)
        batches.halve(conn, claimed, rest, now)
        return False


def _give_up(conn: Connection, holding: Holding, now: int) -> None:
    claimed = holding.claimed
    poison = [
        Move(row.id, Standing(row.attempt, Status.FAILED, Reason.POISON))
        for row in deliveries.standing(conn, claimed, deliveries.unsent_ids(conn, claimed))
    ]
    transition(conn, claimed.place, poison, actor=0, now=now)
    batches.finish(conn, claimed)
