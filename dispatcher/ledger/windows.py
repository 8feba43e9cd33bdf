"""Receipt windows: how long a word may still come about what a provider has accepted."""

from collections.abc import Mapping

from sqlalchemy import Connection, and_, exists, or_, select

from dispatcher.domain.status import Status
from dispatcher.ledger import leaves
from dispatcher.ledger.transition import Place


def overdue(conn: Connection, place: Place, closed: Mapping[str, int]) -> bool:
    """Whether an accepted delivery has not been heard of since its channel's moment.

    ``closed``: channel → epoch ms, not empty.
    """
    leaf = leaves.delivery_leaf(conn, place.part)
    late = or_(
        *(and_(leaf.c.channel == name, leaf.c.updated_at <= at) for name, at in closed.items())
    )
    found = exists().where(
        leaf.c.part == place.part,
        leaf.c.dispatch_id == place.dispatch,
        leaf.c.status == int(Status.ACCEPTED),
        late,
    )
    return bool(conn.scalar(select(found)))
