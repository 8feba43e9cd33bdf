"""Generations of the log: after a restore a new one begins, under a new name.

Two different trees must never be signed under one name. Generation 1 is the log as it was first
made; generation n bears the origin with ``/n`` behind it and goes on from the part that was kept.
"""

from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select, text

from dispatcher.ledger import desk, pages
from dispatcher.ledger.kept import Point, number_of
from dispatcher.ledger.tables import approval, checkpoint, dispatch, generation

#: Numbers that the lost part may have given away. Dispatches go on behind them, because providers
#: know messages by these numbers.
_GAP = 1_000_000
_FIRST_NUMBER = "first dispatch of the generation"


def all_begun(conn: Connection) -> list[Row[Any]]:
    """The generations after the first, in order."""
    return list(conn.execute(select(generation).order_by(generation.c.number)))


def named(origin: str, number: int) -> str:
    """A generation's name in checkpoints."""
    return origin if number == 1 else f"{origin}/{number}"


def origin(conn: Connection, first: str) -> str:
    """The name of the present generation. ``first``: that of the first one."""
    return named(first, _last(conn))


def contains(conn: Connection, first: str, point: Point | None) -> bool:
    """Whether this log is the one that a checkpoint was made of, or says that it lost its end.

    Without a checkpoint there is nothing to contradict.
    """
    if point is None:
        return True
    number = number_of(point.origin, first)
    if number is None or number > _last(conn):
        return False
    lost = after(conn, number)
    if lost is not None and point.size > lost.size:
        return point.size <= lost_size(lost)
    query = select(checkpoint.c.root).where(checkpoint.c.size == point.size)
    root = conn.execute(query).scalar_one_or_none()
    return (root is not None and bytes(root) == point.root) or (
        lost is not None and lost.former == point.note
    )


def after(conn: Connection, number: int) -> Row[Any] | None:
    """The generation that went on from this one."""
    return next((row for row in all_begun(conn) if row.number > number), None)


def _last(conn: Connection) -> int:
    return max((row.number for row in all_begun(conn)), default=1)


def lost_size(begun: Row[Any]) -> int:
    """Leaves of the former log, by the checkpoint of it that was kept."""
    return int(begun.former.split("\n")[1])


def begin(
    conn: Connection,
    first: str,
    *,
    tree: tuple[int, bytes],
    former: Point,
    why: str,
    actor: int,
    at: int,
) -> int:
    """Begin the next generation; return its number. ``tree``: size and root of what was kept.

    The lost part may have begun generations of its own: their names are not used again.
    """
    number = 1 + max(_last(conn), number_of(former.origin, first) or 1)
    size, root = tree
    conn.execute(
        insert(generation).values(
            number=number,
            origin=named(first, number),
            size=size,
            former=former.note,
            why=why,
            began_by=actor,
            began_at=at,
        )
    )
    facts = {
        "origin": named(first, number),
        "size": size,
        "root": root.hex(),
        "former": {"origin": former.origin, "size": former.size, "root": former.root.hex()},
        "why": why,
    }
    subject = f"generation:{number}"
    pages.record(conn, "begin_generation", subject, actor=actor, at=at, facts=facts)
    return number


def leave_lost_numbers(conn: Connection) -> None:
    """Let no dispatch have a number that the lost part may have used."""
    if conn.dialect.name == "postgresql":
        name = "pg_get_serial_sequence('dispatch', 'id')"
        conn.execute(text(f"SELECT setval({name}, nextval({name}) + :gap)"), {"gap": _GAP})
    else:
        desk.set_mark(conn, _FIRST_NUMBER, str(_last_number(conn) + _GAP + 1))


def next_number(conn: Connection) -> int | None:
    """The next dispatch's number; None where the database's own count is right.

    SQLite counts on from the highest row there is, and knows of no gap.
    """
    first = desk.get_mark(conn, _FIRST_NUMBER)
    return max(int(first), _last_number(conn) + 1) if first else None


def _last_number(conn: Connection) -> int:
    return conn.scalar(select(func.max(dispatch.c.id))) or 0


def unused_approvals(conn: Connection) -> list[int]:
    """Approvals that no dispatch has used yet, as far as this database knows."""
    used = exists().where(dispatch.c.approval_id == approval.c.id)
    query = select(approval.c.id).where(approval.c.state == "approved", ~used)
    return list(conn.scalars(query.order_by(approval.c.id)))
