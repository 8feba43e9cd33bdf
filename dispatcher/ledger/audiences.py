"""An audience as a SQL condition. One place, so that counting and expanding cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, text

from dispatcher.domain.audience import Audience
from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Status
from dispatcher.ledger.tables import dispatch


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL text over the alias of its table, with its parameters."""

    sql: str
    params: dict[str, object] = field(default_factory=dict)


def contacts(conn: Connection, audience: Audience) -> Condition:
    """Which contacts (alias ``c``) are meant."""
    parts = [
        _in("c.area_code", "area", audience.areas, _AREAS),
        _in("c.locality_id", "locality", audience.localities, "{column} IN ({names})"),
        _in("c.id", "list", audience.lists, _LISTS),
        _reached(conn, audience.reached_by, TargetKind.ADDRESS, "c.id", "contact_id"),
    ]
    return _either(parts)


def speakers(conn: Connection, audience: Audience) -> Condition:
    """Which loudspeaker clusters (``s``, of station ``t``) are meant."""
    parts = [
        _in("t.area_code", "area", audience.areas, _AREAS),
        _in("s.locality_id", "locality", audience.localities, "{column} IN ({names})"),
        _reached(conn, audience.reached_by, TargetKind.SPEAKER, "s.id", "target_id"),
    ]
    return _either(parts)


_AREAS = "{column} IN (SELECT code FROM area WHERE code IN ({names}) OR parent_code IN ({names}))"
_LISTS = "{column} IN (SELECT contact_id FROM list_member WHERE list_id IN ({names}))"


def _in(column: str, prefix: str, values: Sequence[object], shape: str) -> Condition | None:
    if not values:
        return None
    params = {f"{prefix}{index}": value for index, value in enumerate(values)}
    names = ", ".join(f":{name}" for name in params)
    return Condition(shape.format(column=column, names=names), params)


def _reached(
    conn: Connection, ids: Sequence[int], kind: TargetKind, column: str, from_column: str
) -> Condition | None:
    if not ids:
        return None
    places = conn.execute(select(dispatch.c.id, dispatch.c.part).where(dispatch.c.id.in_(ids)))
    tests, params = [], dict[str, object]()
    for row in places:
        tests.append(f"(x.part = :part{row.id} AND x.dispatch_id = :reached{row.id})")
        params |= {f"part{row.id}": row.part, f"reached{row.id}": row.id}
    where = " OR ".join(tests) or "1 = 0"
    sql = (
        f"{column} IN (SELECT x.{from_column} FROM delivery x WHERE ({where}) "  # noqa: S608
        f"AND x.target_kind = {int(kind)} AND x.status <> {int(Status.SUPPRESSED)})"
    )
    return Condition(sql, params)


def _either(parts: Sequence[Condition | None]) -> Condition:
    given = [part for part in parts if part]
    params: dict[str, object] = {}
    for part in given:
        params |= part.params
    return Condition(" OR ".join(part.sql for part in given) or "1 = 0", params)


def count_contacts(conn: Connection, audience: Audience) -> int:
    """How many people are meant now."""
    who = contacts(conn, audience)
    query = f"SELECT count(*) FROM contact c WHERE c.removed_at IS NULL AND ({who.sql})"  # noqa: S608
    return int(conn.scalar(text(query), who.params) or 0)


def count_speakers(conn: Connection, audience: Audience) -> int:
    """How many loudspeaker clusters are meant now."""
    who = speakers(conn, audience)
    query = (
        "SELECT count(*) FROM speaker s JOIN station t ON t.id = s.station_id "  # noqa: S608
        f"WHERE s.removed_at IS NULL AND ({who.sql})"
    )
    return int(conn.scalar(text(query), who.params) or 0)
