"""A small synthetic world: a centre, Ninh Bình below it, the commune Gia Viễn below that.

Nobody here exists; phone numbers are drawn from ranges that validate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from dispatcher.domain.model import AddressKind
from dispatcher.domain.names import key
from dispatcher.domain.phone import mask
from dispatcher.ledger import people, registry
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import account, agency, contact, role_grant

#: 19 November 2026, 08:00 in Hà Nội, epoch ms.
NOW = 1_795_050_000_000

PROVINCE, COMMUNE = "37", "14464"
#: A commune of the same province, and one of another.
NEIGHBOUR, ELSEWHERE = "14329", "00070"


@dataclass(frozen=True)
class World:
    """Ids and actors. The actors are of the commune unless their name says otherwise."""

    centre: int
    province: int
    commune: int
    author: Actor
    approver: Actor
    operator: Actor
    auditor: Actor
    province_operator: Actor
    centre_operator: Actor
    localities: tuple[int, ...]


def make(ledger: Ledger) -> World:
    """Fill an empty ledger."""
    with ledger.begin() as conn:
        centre = add_agency(conn, "Trung tâm Thông tin cơ sở", "", None)
        province = add_agency(conn, "Ủy ban nhân dân tỉnh Ninh Bình", PROVINCE, centre)
        commune = add_agency(conn, "Ủy ban nhân dân xã Gia Viễn", COMMUNE, province)
        return World(
            centre=centre,
            province=province,
            commune=commune,
            author=add_actor(
                conn, commune, "Đinh Thị Hạnh", "Công chức văn hóa - xã hội", "author"
            ),
            approver=add_actor(conn, commune, "Phạm Văn Quyết", "Phó Chủ tịch", "approver"),
            operator=add_actor(conn, commune, "Lê Minh Tuấn", "Phụ trách đài", "operator"),
            auditor=add_actor(conn, commune, "Vũ Thị Thanh Tra", "Người kiểm tra", "auditor"),
            province_operator=add_actor(conn, province, "Trần Hải Yến", "Chuyên viên", "operator"),
            centre_operator=add_actor(conn, centre, "Hoàng Gia Bảo", "Chuyên viên", "operator"),
            localities=tuple(
                add_locality(conn, COMMUNE, "thôn", name) for name in ("Thôn Đông", "Thôn Đoài")
            ),
        )


def add_locality(conn: Connection, area: str, kind: str, name: str) -> int:
    return registry.add_locality(conn, area=area, kind=kind, name=name, search=key(name))


def person(
    world: World,
    number: int,
    *,
    phone: str | None = None,
    external_id: str | None = None,
    locality: int | None = None,
) -> people.NewContact:
    """The commune's synthetic citizen number so-and-so (below 10,000)."""
    phone = phone or f"+8491234{number:04d}"
    return people.NewContact(
        agency=world.commune,
        name=f"Nguyễn Văn {number}",
        area=COMMUNE,
        locality=locality,
        lang="vi",
        addresses=((AddressKind.PHONE, phone, mask(phone)),),
        responsible=False,
        office="",
        source="dữ liệu giả lập",
        external_id=external_id,
        synthetic=True,
    )


def add_people(ledger: Ledger, new: Sequence[people.NewContact], now: int = NOW) -> int:
    with ledger.begin() as conn:
        return people.add(conn, ledger.vault, new, now)


def count_people(ledger: Ledger) -> int:
    with ledger.read() as conn:
        return conn.scalar(select(func.count()).select_from(contact)) or 0


def add_agency(
    conn: Connection, name: str, area: str, parent: int | None, hotline: str = ""
) -> int:
    """An agency as it stood before rights were entered: without an act, so that pages count on."""
    above = conn.scalar(select(agency.c.path).where(agency.c.id == parent)) or "/"
    values = {"name": name, "short_name": name, "area_code": area, "hotline": hotline}
    number = conn.execute(
        insert(agency)
        .values(path=f"new:{name}", parent_id=parent, created_at=NOW, **values)
        .returning(agency.c.id)
    ).scalar_one()
    conn.execute(update(agency).where(agency.c.id == number).values(path=f"{above}{number}/"))
    return int(number)


def add_actor(conn: Connection, agency_id: int, name: str, office: str, role: str) -> Actor:
    """Somebody of the agency with one role there, without an act as well."""
    new = conn.execute(
        insert(account)
        .values(agency_id=agency_id, name=name, office=office, created_at=NOW)
        .returning(account.c.id)
    ).scalar_one()
    row = {"account_id": new, "agency_id": agency_id, "role": role}
    conn.execute(insert(role_grant).values(from_at=NOW, granted_at=NOW, **row))
    found = registry.actor(conn, new, "live")
    assert found is not None
    return found
