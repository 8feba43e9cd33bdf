"""What evidence is made of: the pages, versions and rows behind some dispatches, as streams."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Text,
    cast,
    func,
    literal,
    select,
    union,
)

from dispatcher.domain.errors import Forbidden
from dispatcher.ledger import leaves, reading
from dispatcher.ledger.tables import (
    account,
    act,
    agency,
    anchor,
    approval,
    area,
    checkpoint,
    dispatch,
    leaf,
    media,
    page,
    page_open,
    rendition,
    version,
)
from dispatcher.ledger.transition import Place

#: Rows and pages in memory at a time; a full page is about 40 kB.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """Which dispatches, as a query of their ids; ``whole``: every page of the log besides."""

    dispatches: Select[tuple[int]]
    whole: bool = False


def one(dispatch_id: int, path: str) -> Scope:
    """A dispatch of an agency or one below it, whose path begins so; else nothing."""
    return Scope(_below(path).where(dispatch.c.id == dispatch_id))


def period(path: str, start: int, end: int) -> Scope:
    """Dispatches of an agency and those below it, by when they start (epoch ms, end excluded)."""
    return Scope(_below(path).where(dispatch.c.start_at >= start, dispatch.c.start_at < end))


def everything(conn: Connection, path: str) -> Scope:
    """The whole log. Raises Forbidden for an agency that others are beside or above."""
    outside = select(agency.c.id).where(func.substr(agency.c.path, 1, len(path)) != path)
    if conn.execute(outside.limit(1)).first():
        raise Forbidden(
            "not_the_whole_log",
            "Sổ này còn của các cơ quan khác. Dùng --period cho cơ quan của bạn.",
            "This log is also of other agencies. Use --period for your own.",
        )
    return Scope(select(dispatch.c.id), whole=True)


def _below(path: str) -> Select[tuple[int]]:
    query = select(dispatch.c.id).join(agency, agency.c.id == dispatch.c.agency_id)
    return query.where(func.substr(agency.c.path, 1, len(path)) == path)


def freeze(conn: Connection) -> None:
    """Make everything this transaction reads one moment. SQLite does so by itself."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@dataclass(frozen=True, slots=True)
class Older:
    """A checkpoint of an earlier time. ``source``: ``daily``, or where it was anchored."""

    source: str
    size: int
    note: str


def older(conn: Connection, size: int) -> list[Older]:
    """Checkpoints before this size: what was anchored, and the last of each day."""
    last_of_day = select(func.max(checkpoint.c.size)).group_by(checkpoint.c.created_at / 86_400_000)
    daily = select(checkpoint.c.size, checkpoint.c.note).where(checkpoint.c.size.in_(last_of_day))
    found = {size: Older("daily", size, note) for size, note in conn.execute(daily)}
    kept = select(anchor.c.kind, anchor.c.size, anchor.c.note)
    found |= {row.size: Older(row.kind, row.size, row.note) for row in conn.execute(kept)}
    return [found[each] for each in sorted(found) if 0 < each < size]


def waiting(conn: Connection, scope: Scope) -> int:
    """Pages of the scope that no checkpoint covers yet."""
    query = select(func.count()).select_from(page_open)
    if not scope.whole:
        query = query.where(page_open.c.page_id.in_(_page_ids(scope)))
    return conn.scalar(query) or 0


def pages(conn: Connection, scope: Scope, size: int) -> Iterator[tuple[int, Row[Any]]]:
    """(position, page) along the first ``size`` leaves of the log."""
    query = select(leaf.c.position, leaf.c.page_id).where(leaf.c.position < size)
    if not scope.whole:
        query = query.where(leaf.c.page_id.in_(_page_ids(scope)))
    options = {"yield_per": 10 * _AT_ONCE}
    places = iter(conn.execute(query.order_by(leaf.c.position), execution_options=options))
    while some := list(islice(places, _AT_ONCE)):
        yield from _with_bodies(conn, some)


def pages_behind(
    conn: Connection, scope: Scope, page_ids: Collection[int], size: int
) -> list[tuple[int, Row[Any]]]:
    """These pages, and those of the acts that led to and closed the dispatch of the scope."""
    own = select(_subject("dispatch", dispatch.c.id)).where(dispatch.c.id.in_(scope.dispatches))
    subjects = union(own, *_subjects(scope))
    acts = select(act.c.page_id).where(act.c.subject.in_(subjects))
    query = select(leaf.c.position, leaf.c.page_id).where(
        leaf.c.position < size, leaf.c.page_id.in_(page_ids) | leaf.c.page_id.in_(acts)
    )
    return _with_bodies(conn, list(conn.execute(query.order_by(leaf.c.position))))


def _with_bodies(conn: Connection, places: Sequence[Any]) -> list[tuple[int, Row[Any]]]:
    """Those whose page is still there: a retired one has only its leaf."""
    wanted = select(page).where(page.c.id.in_([row.page_id for row in places]))
    by_id = {row.id: row for row in conn.execute(wanted)}
    return [(row.position, by_id[row.page_id]) for row in places if row.page_id in by_id]


def _page_ids(scope: Scope) -> Any:
    """Pages of the dispatches, and of the acts that led to them."""
    own = select(page.c.id).where(page.c.dispatch_id.in_(scope.dispatches))
    acts = select(act.c.page_id).where(act.c.subject.in_(union(*_subjects(scope))))
    return union(own, acts).scalar_subquery()


def _subjects(scope: Scope) -> list[Select[Any]]:
    """What the acts behind a dispatch are about, e.g. ``approval:4`` and ``version:1``.

    An edited-and-approved version also has the approval that was asked for the one before it.
    """
    behind = dispatch.join(approval, approval.c.id == dispatch.c.approval_id)
    behind = behind.join(version, version.c.id == approval.c.version_id)
    former = approval.alias("former")
    named = {
        "approval": approval.c.id,
        "version": approval.c.version_id,
        "bulletin": version.c.bulletin_id,
        "shift": approval.c.shift_id,
        "preapproved": approval.c.preapproved_id,
    }
    queries = [select(_subject(name, column)).select_from(behind) for name, column in named.items()]
    edited = behind.join(former, former.c.version_id == approval.c.edited_from)
    queries += [
        select(_subject("approval", former.c.id)).select_from(edited),
        select(_subject("version", former.c.version_id)).select_from(edited),
    ]
    return [each.where(dispatch.c.id.in_(scope.dispatches)) for each in queries]


def _subject(name: str, column: Any) -> Any:
    return literal(f"{name}:", Text) + cast(column, Text)


def dispatches(conn: Connection, scope: Scope) -> list[Row[Any]]:
    """The dispatches with who is behind them, in order of their ids."""
    parent, decider, asker = (
        agency.alias("parent"),
        account.alias("decider"),
        account.alias("asker"),
    )
    query = (
        select(
            dispatch,
            agency.c.path,
            agency.c.name.label("agency_name"),
            agency.c.area_code,
            parent.c.name.label("parent_name"),
            area.c.name.label("area_name"),
            version.c.bulletin_id,
            version.c.content,
            approval.c.way,
            approval.c.decided_at,
            approval.c.submitted_at,
            approval.c.symbol,
            approval.c.confirm_by,
            approval.c.confirmed_at,
            decider.c.name.label("decider_name"),
            decider.c.office.label("decider_office"),
            asker.c.name.label("asker_name"),
            asker.c.office.label("asker_office"),
        )
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .outerjoin(parent, parent.c.id == agency.c.parent_id)
        .outerjoin(area, area.c.code == agency.c.area_code)
        .join(version, version.c.id == dispatch.c.version_id)
        .join(approval, approval.c.id == dispatch.c.approval_id)
        .join(asker, asker.c.id == approval.c.submitted_by)
        .outerjoin(decider, decider.c.id == approval.c.decided_by)
        .where(dispatch.c.id.in_(scope.dispatches))
        .order_by(dispatch.c.id)
    )
    return list(conn.execute(query))


def renditions(conn: Connection, version_id: int) -> list[Row[Any]]:
    """Channel, language and bytes of what was approved."""
    query = select(rendition.c.channel, rendition.c.lang, rendition.c.body)
    return list(
        conn.execute(
            query.where(rendition.c.version_id == version_id).order_by(
                rendition.c.channel, rendition.c.lang
            )
        )
    )


def sound(conn: Connection, sha256: str) -> bytes | None:
    return conn.scalar(select(media.c.data).where(media.c.sha256 == sha256))


def deliveries(conn: Connection, spot: Place) -> Iterator[tuple[Row[Any], str]]:
    """The deliveries of a dispatch by id, each with its target's name: masked if a person's."""
    table, after = leaves.delivery_leaf(conn, spot.part), 0
    base = select(table).where(table.c.part == spot.part, table.c.dispatch_id == spot.dispatch)
    while True:
        query = base.where(table.c.id > after).order_by(table.c.id).limit(10 * _AT_ONCE)
        rows: Sequence[Row[Any]] = conn.execute(query).all()
        if not rows:
            return
        names = reading.target_names(conn, rows)
        for row in rows:
            yield row, names.get((row.target_kind, row.target_id), "")
        after = rows[-1].id
