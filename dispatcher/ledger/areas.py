"""Administrative areas (địa bàn): loaded from the project's data, found as people type them.

Codes and names by Quyết định 19/2025/QĐ-TTg with the changes of 30/4/2026; source and licence in
``dispatcher/data/LICENSE-areas.txt``.
"""

import csv
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from dispatcher.domain.names import key, same
from dispatcher.domain.places import ALIASES, Atlas, Former, Place, Village
from dispatcher.ledger.tables import area, locality


def load(conn: Connection) -> int:
    """Fill the table once; return how many areas there are."""
    present = conn.scalar(select(func.count()).select_from(area)) or 0
    if present:
        return present
    with files("dispatcher").joinpath("data/areas.csv").open(encoding="utf-8") as lines:
        rows = [_row(row) for row in csv.DictReader(lines)]
    conn.execute(insert(area), rows)
    return len(rows)


def _row(row: dict[str, str]) -> dict[str, object]:
    return {
        "code": row["code"],
        "level": row["level"],
        "kind": row["kind"],
        "name": row["name"],
        "full_name": row["full_name"],
        "parent_code": row["parent_code"],
        "search": key(row["name"]),
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
    }


def get(conn: Connection, code: str) -> Row[Any] | None:
    wanted = ALIASES.get(code, code)
    return conn.execute(select(area).where(area.c.code == wanted)).one_or_none()


def search(conn: Connection, words: str, limit: int = 20) -> list[Row[Any]]:
    """Areas by code or name, best first: exact spelling, then exact without marks, then prefix.

    ``words`` may name the parent after a comma: ``Hòa Xá, Ninh Bình``.
    """
    name, _, parent = words.partition(",")
    wanted = key(name)
    query = select(area).where(
        (area.c.code == name.strip()) | area.c.search.startswith(wanted, autoescape=True)
    )
    if parent.strip():
        above = select(area.c.code).where(area.c.search == key(parent))
        query = query.where(area.c.parent_code.in_(above))
    found = conn.execute(query.order_by(area.c.level.desc(), area.c.code).limit(500)).all()
    return sorted(found, key=lambda row: _distance(row, name, wanted))[:limit]


def _distance(row: Row[Any], name: str, wanted: str) -> tuple[int, int, str]:
    spelled = not (same(row.name, name.strip()) or same(row.full_name, name.strip()))
    return (spelled, row.search != wanted, row.code)


def within(conn: Connection, codes: Sequence[str], top: str) -> list[str]:
    """Which of the codes are not ``top`` or below it (an empty ``top`` is the whole country)."""
    if not top:
        return []
    inside = set(
        conn.scalars(
            select(area.c.code)
            .where(area.c.code.in_(codes))
            .where((area.c.code == top) | (area.c.parent_code == top))
        )
    )
    return [code for code in codes if code not in inside]


def atlas(conn: Connection, top: str) -> Atlas:
    """All areas, for somebody whose own is ``top`` (empty: the whole country)."""
    columns = (area.c.code, area.c.name, area.c.full_name, area.c.parent_code)
    return Atlas([Place(*row) for row in conn.execute(select(*columns))], former, top)


def former() -> Iterator[Former]:
    """The communes of before 1 July 2025; one row for each present commune that has a part."""
    with files("dispatcher").joinpath("data/legacy_communes.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield Former(
                code=row["old_code"],
                name=row["old_name"],
                district=row["old_district"],
                province=row["old_province"],
                now=row["new_code"],
            )


def villages(conn: Connection, code: str) -> list[Village]:
    """The localities of a commune."""
    columns = (locality.c.id, locality.c.area_code, locality.c.kind, locality.c.name)
    query = select(*columns).where(locality.c.area_code == code).order_by(locality.c.id)
    return [Village(*row) for row in conn.execute(query)]
