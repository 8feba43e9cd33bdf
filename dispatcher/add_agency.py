"""The verb that lets the tree grow: an agency below one's own."""

from dataclasses import dataclass

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, NotFound
from dispatcher.ledger import areas, desk, registry
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class NewAgency:
    """A public body. ``parent``: the agency above it; ``area``: a code, empty for the country."""

    parent: int
    name: str
    short_name: str
    area: str
    hotline: str = ""


def add_agency(ledger: Ledger, actor: Actor, new: NewAgency) -> int:
    """Add an agency at or below the administrator's own and inside its parent's area.

    Raises NotFound for a parent outside the actor's part of the tree, Forbidden without the role
    or outside the area, BadInput for an unknown area, Conflict for a name that is taken.
    """
    with ledger.begin() as conn:
        parent = registry.load_agency(conn, new.parent)
        if parent is None or not authority.below(actor.path, parent.path):
            raise NotFound("no_agency", "Không có cơ quan này.", "There is no such agency.")
        authority.require("grant", actor.roles)
        _check(conn, new, parent)
        return registry.add_agency(
            conn,
            name=new.name,
            short_name=new.short_name,
            area=new.area,
            hotline=new.hotline,
            parent=new.parent,
            now=desk.now(conn),
            by=actor.account,
        )


def _check(conn: Connection, new: NewAgency, parent: Row[object]) -> None:
    if new.area and areas.get(conn, new.area) is None:
        raise BadInput(
            "unknown_area",
            f"Không có địa bàn mã {new.area}. Tra mã bằng: loa area TÊN",
            f"No area with code {new.area}. Look it up with: loa area NAME",
            field="area",
        )
    if not _inside(conn, new.area, parent.area_code):
        raise Forbidden(
            "outside_area",
            "Địa bàn của cơ quan mới phải nằm trong địa bàn của cơ quan cấp trên.",
            "A new agency's area must lie within that of the agency above it.",
            field="area",
        )
    if registry.agency_by_name(conn, new.name):
        raise Conflict(
            "agency_exists",
            f"Đã có cơ quan '{new.name}'. Kiểm tra lại tên.",
            f"The agency '{new.name}' exists already. Check the name.",
            field="name",
        )


def _inside(conn: Connection, area: str, above: str) -> bool:
    """Whether an area is the other or within it; everything is within the country."""
    return not above or (bool(area) and not areas.within(conn, [area], above))
