"""Requests for a list of contacts: asked by one person, decided by another, used once."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import account, agency, data_request


class State(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"


def ask(
    conn: Connection, *, agency_id: int, terms: dict[str, str], why: str, by: int, now: int
) -> int:
    """A new request; ``terms``: ``{"area": code or ""}``."""
    new = insert(data_request).values(
        agency_id=agency_id,
        what="contacts",
        terms=terms,
        why=why,
        state=State.ASKED.value,
        asked_by=by,
        asked_at=now,
    )
    return int(conn.execute(new.returning(data_request.c.id)).scalar_one())


def load(conn: Connection, number: int) -> Row[Any] | None:
    """A request with its agency's path and name, and the names of who asked and who decided."""
    return conn.execute(_listed().where(data_request.c.id == number)).one_or_none()


def page_of(conn: Connection, path: str, before: int, limit: int) -> list[Row[Any]]:
    """Requests of an agency and those below it, newest first."""
    query = _listed().where(below(path), data_request.c.id < before)
    return list(conn.execute(query.order_by(data_request.c.id.desc()).limit(limit)))


def decide(conn: Connection, number: int, state: State, by: int, now: int) -> bool:
    """False when it was decided already."""
    decided = (
        update(data_request)
        .where(data_request.c.id == number, data_request.c.state == State.ASKED.value)
        .values(state=state.value, decided_by=by, decided_at=now)
    )
    return conn.execute(decided).rowcount == 1


def use(conn: Connection, number: int, since: int, now: int) -> bool:
    """Use up a request that was approved after ``since``; False when there is none."""
    used = (
        update(data_request)
        .where(data_request.c.id == number, data_request.c.state == State.APPROVED.value)
        .where(data_request.c.decided_at > since)
        .values(state=State.USED.value, used_at=now)
    )
    return conn.execute(used).rowcount == 1


def _listed() -> Any:
    asker, decider = account.alias("asker"), account.alias("decider")
    return (
        select(
            data_request,
            agency.c.path,
            agency.c.name.label("agency_name"),
            asker.c.name.label("asked_by_name"),
            decider.c.name.label("decided_by_name"),
        )
        .join(agency, agency.c.id == data_request.c.agency_id)
        .join(asker, asker.c.id == data_request.c.asked_by)
        .outerjoin(decider, decider.c.id == data_request.c.decided_by)
    )
