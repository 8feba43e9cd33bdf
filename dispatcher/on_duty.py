"""What acting on duty asks of a person: the role, and a shift that is open now."""

from typing import Any

from dispatcher.domain.errors import Forbidden
from dispatcher.ledger import shifts
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor


def open_shift_of(conn: Connection, actor: Actor) -> Row[Any]:
    """The actor's shift for the agency they act for. Raises Forbidden when there is none now."""
    shift = shifts.current(conn, actor.account, actor.agency)
    if shift is None:
        raise Forbidden(
            "not_on_duty",
            "Bạn không trong ca trực của cơ quan này. Người duyệt hoặc quản trị mở ca trực bằng "
            "loa shift open.",
            "You are not on duty for this agency now. An approver or administrator opens a shift "
            "with loa shift open.",
        )
    return shift
