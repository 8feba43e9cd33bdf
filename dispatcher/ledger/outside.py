"""Approvals that others give: a platform for its template, a carrier for a brandname's content.

Until it is granted, the channel that needs it is held for this version, and no other channel.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from dispatcher.ledger.tables import agency, dispatch, outside_approval

WAITING, GRANTED, REFUSED = "waiting", "granted", "refused"


def ask(  # noqa: PLR0917 - a row's columns
    conn: Connection, agency_id: int, version: int, channel: str, subject: str, by: int, now: int
) -> int:
    """Note that somebody outside must approve ``subject`` before ``channel`` may carry it."""
    return int(
        conn.execute(
            insert(outside_approval)
            .values(
                agency_id=agency_id,
                version_id=version,
                channel=channel,
                subject=subject,
                state=WAITING,
                asked_by=by,
                asked_at=now,
            )
            .returning(outside_approval.c.id)
        ).scalar_one()
    )


def answer(conn: Connection, number: int, state: str, word: str, by: int, now: int) -> None:
    """Record what was said outside. A later word replaces an earlier one."""
    conn.execute(
        update(outside_approval)
        .where(outside_approval.c.id == number)
        .values(state=state, word=word, answered_by=by, answered_at=now)
    )


def load(conn: Connection, number: int) -> Row[Any] | None:
    """With the path of the agency it belongs to."""
    query = (
        select(outside_approval, agency.c.path)
        .join(agency, agency.c.id == outside_approval.c.agency_id)
        .where(outside_approval.c.id == number)
    )
    return conn.execute(query).one_or_none()


def page_of(conn: Connection, path: str, before: int, limit: int) -> list[Row[Any]]:
    """Those of an agency and the ones below it, newest first, keyset-paged by id."""
    query = (
        select(outside_approval, agency.c.name.label("agency_name"))
        .join(agency, agency.c.id == outside_approval.c.agency_id)
        .where(text("substr(agency.path, 1, length(:path)) = :path"))
        .where(outside_approval.c.id < before)
        .order_by(outside_approval.c.id.desc())
        .limit(limit)
    )
    return list(conn.execute(query, {"path": path}))


def holding(conn: Connection, version: int) -> list[Row[Any]]:
    """What is not granted and so holds a channel of this version."""
    query = (
        select(outside_approval)
        .where(outside_approval.c.version_id == version, outside_approval.c.state != GRANTED)
        .order_by(outside_approval.c.id)
    )
    return list(conn.execute(query))


def held_dispatches(conn: Connection, states: Sequence[str]) -> list[Row[Any]]:
    """Unfinished dispatches in these states with what holds a channel of theirs, if anything."""
    query = (
        select(
            dispatch.c.id.label("dispatch_id"),
            dispatch.c.plan,
            outside_approval.c.channel,
            outside_approval.c.subject,
            outside_approval.c.state,
            outside_approval.c.word,
        )
        .join(outside_approval, outside_approval.c.version_id == dispatch.c.version_id)
        .where(dispatch.c.finished_at.is_(None), dispatch.c.state.in_(states))
        .where(outside_approval.c.state != GRANTED)
        .order_by(dispatch.c.id, outside_approval.c.id)
    )
    return list(conn.execute(query))
