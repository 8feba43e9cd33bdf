"""Pre-approved texts as rows: proposed by one person, decided on by another, withdrawn."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dispatcher.domain.approvals import unproven
from dispatcher.domain.canonical import plain
from dispatcher.domain.preapproved import Preapproved, stored
from dispatcher.ledger import entered
from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import agency, preapproved


class State(StrEnum):
    """Where a pre-approved text stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


def add(conn: Connection, agency_id: int, text_: Preapproved, by: int, now: int) -> int:
    return int(
        conn.execute(
            insert(preapproved)
            .values(
                agency_id=agency_id,
                name=text_.name,
                kind=text_.content.kind,
                content=text_.content.to_bytes(),
                blanks=[plain(each) for each in text_.blanks],
                channels=list(text_.channels),
                longest_ms=text_.longest_ms,
                digest=text_.digest,
                state=State.PROPOSED.value,
                proposed_by=by,
                proposed_at=now,
                until_at=text_.until_at or None,
            )
            .returning(preapproved.c.id)
        ).scalar_one()
    )


def value(row: Row[Any]) -> Preapproved:
    """The text of a row."""
    kept = bytes(row.content)
    return stored(row.name, kept, row.blanks, row.channels, row.longest_ms, row.until_at)


def prove(conn: Connection, row: Row[Any]) -> Preapproved:
    """The text of an approved row. Raises ``Unproven`` when it is not what was approved."""
    told = entered.last(conn, f"preapproved:{row.id}", ("decide_preapproved",))
    if told is None or told["actor"] != row.decided_by:
        raise unproven("state")
    text_ = value(row)
    if told["facts"] != {"digest": text_.digest.hex(), "state": State.APPROVED.value}:
        raise unproven("digest")
    return text_


def decide(conn: Connection, number: int, state: State, by: int, now: int) -> bool:
    """Approve or return what was proposed; False if it was decided on."""
    statement = (
        update(preapproved)
        .where(preapproved.c.id == number, preapproved.c.state == State.PROPOSED.value)
        .values(state=state.value, decided_by=by, decided_at=now)
    )
    return conn.execute(statement).rowcount == 1


def withdraw(conn: Connection, number: int) -> bool:
    """Let nobody release it any more; False if it is out of use already."""
    usable = (State.PROPOSED.value, State.APPROVED.value)
    statement = (
        update(preapproved)
        .where(preapproved.c.id == number, preapproved.c.state.in_(usable))
        .values(state=State.WITHDRAWN.value)
    )
    return conn.execute(statement).rowcount == 1


def load(conn: Connection, number: int) -> Row[Any] | None:
    """A pre-approved text with its agency's name, path and area."""
    return conn.execute(_texts().where(preapproved.c.id == number)).one_or_none()


def lock(conn: Connection, number: int) -> Row[Any] | None:
    """The same; nobody withdraws it before this transaction ends."""
    query = _texts().where(preapproved.c.id == number).with_for_update(read=True, of=preapproved)
    return conn.execute(query).one_or_none()


def taken(conn: Connection, agency_id: int, name: str) -> bool:
    """Whether an agency has used a name: in the log a name means one text for ever."""
    query = select(preapproved.c.id).where(
        preapproved.c.agency_id == agency_id, preapproved.c.name == name
    )
    return conn.execute(query).first() is not None


def page_of(conn: Connection, path: str, before: int, limit: int) -> list[Row[Any]]:
    """Pre-approved texts of an agency and those below it, newest first."""
    query = _texts().where(below(path), preapproved.c.id < before).order_by(preapproved.c.id.desc())
    return list(conn.execute(query.limit(limit)))


def _texts() -> Any:
    return select(
        preapproved, agency.c.path, agency.c.area_code, agency.c.name.label("agency_name")
    ).join(agency, agency.c.id == preapproved.c.agency_id)
