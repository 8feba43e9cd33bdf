"""``loa init`` and ``loa migrate``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import click

from dispatcher import bootstrap
from dispatcher.commands.session import runtime
from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Conflict
from dispatcher.ledger import areas, database_roles, desk, keys, registry
from dispatcher.ledger import migrate as migrations
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.keys import NewKey

MarkedFor = Literal["production", "demo", "test"]


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    office: str
    roles: list[str]


@click.command()
@click.option("--agency", required=True, help="Full name, e.g. 'Ủy ban nhân dân xã Đức Quang'.")
@click.option("--short", required=True, help="Short name, e.g. 'UBND xã Đức Quang'.")
@click.option("--area", required=True, help="Code of its area; see 'loa area'. 'all': the country.")
@click.option("--hotline", default="", help="Number that citizens may call.")
@click.option("--parent", help="Full name of the agency above it.")
@click.option(
    "--account", "accounts", multiple=True, metavar="NAME:OFFICE:ROLE,ROLE", required=True,
    help=f"Somebody of the agency. Roles: {' '.join(authority.RIGHTS)}.",
)  # fmt: skip
@click.option("--kind", type=click.Choice(["production", "demo", "test"]), default="production")
def init(
    *,
    agency: str,
    short: str,
    area: str,
    hotline: str,
    parent: str | None,
    accounts: tuple[str, ...],
    kind: MarkedFor,
) -> None:
    """Create the database and an agency with its accounts; print an API key for each, once."""
    people = [_person(written) for written in accounts]
    with runtime() as rt:
        bootstrap.prepare(rt)
        now = rt.now()
        with rt.ledger.begin() as conn:
            _mark(conn, kind)
            code = _area(conn, area)
            _check_new(conn, agency)
            new = registry.add_agency(
                conn, name=agency, short_name=short, area=code, hotline=hotline,
                parent=_above(conn, parent) if parent else None, now=now,
            )  # fmt: skip
            made = _keys(conn, new, people, "live" if kind == "production" else "test", now)
    for person, key in zip(people, made, strict=True):
        click.echo(f"{person.name}: {key}")


def _keys(
    conn: Connection, agency: int, people: Sequence[_Person], mode: str, now: int
) -> list[str]:
    """An account and a key for each of the people."""
    made = [keys.make(mode) for _ in people]
    for person, key in zip(people, made, strict=True):
        account = registry.add_account(
            conn, agency_id=agency, name=person.name, office=person.office,
            roles=person.roles, now=now,
        )  # fmt: skip
        keys.add(conn, key, NewKey(account, mode), by=0, now=now)
    return made


def _mark(conn: Connection, kind: MarkedFor) -> None:
    """Mark a new database for ever; nothing live leaves one that is not for production."""
    mark = desk.get_mark(conn, "kind")
    if mark is None:
        desk.set_mark(conn, "kind", kind)
    elif mark != kind:
        raise Conflict(
            "other_kind",
            f"Cơ sở dữ liệu này đã được đánh dấu '{mark}', không đổi thành '{kind}' được. Dùng "
            f"--kind {mark}, hoặc một cơ sở dữ liệu khác (LOA_DATABASE_URL, LOA_DATA_DIR).",
            f"This database is marked '{mark}' and cannot become '{kind}'. Use --kind {mark}, or "
            "another database (LOA_DATABASE_URL, LOA_DATA_DIR).",
            field="--kind",
        )


def _area(conn: Connection, area: str) -> str:
    if area == "all":
        return ""
    if areas.get(conn, area) is None:
        raise BadInput(
            "unknown_area",
            f"Không có địa bàn mã {area}. Tra mã bằng: loa area TÊN",
            f"No area with code {area}. Look it up with: loa area NAME",
            field="--area",
        )
    return area


def _check_new(conn: Connection, agency: str) -> None:
    if registry.agency_by_name(conn, agency):
        raise Conflict(
            "agency_exists",
            f"Đã có cơ quan '{agency}'. Kiểm tra lại tên, hoặc dùng các tài khoản đã có.",
            f"The agency '{agency}' exists already. Check the name, or use its accounts.",
            field="--agency",
        )


def _above(conn: Connection, parent: str) -> int:
    found = registry.agency_by_name(conn, parent)
    if found is None:
        raise BadInput(
            "unknown_agency",
            f"Không có cơ quan cấp trên '{parent}'. Ghi đúng tên đầy đủ, hoặc tạo cơ quan đó "
            "trước.",
            f"There is no agency '{parent}' to stand above. Give its full name, or create it "
            "first.",
            field="--parent",
        )
    return int(found.id)


def _person(written: str) -> _Person:
    parts = [part.strip() for part in written.split(":")]
    if len(parts) != 3 or not all(parts):
        raise BadInput(
            "bad_account",
            f"Tài khoản '{written}' phải có dạng HỌ TÊN:CHỨC VỤ:VAI TRÒ,VAI TRÒ",
            f"Account '{written}' must be NAME:OFFICE:ROLE,ROLE",
            field="--account",
        )
    roles = [role.strip() for role in parts[2].split(",")]
    authority.check_roles(roles, field="--account")
    return _Person(parts[0], parts[1], roles)


@click.command()
def migrate() -> None:
    """Bring the database to the shape this version needs. Safe to repeat.

    On PostgreSQL run it as the owner; LOA_APP_ROLE and LOA_AUDITOR_ROLE get what they need.
    """
    with runtime() as rt:
        bootstrap.prepare(rt)
        database_roles.assign(
            rt.ledger, application=rt.settings.app_role, auditor=rt.settings.auditor_role
        )
        click.echo(f"{rt.ledger.dialect}: {migrations.head()}")
