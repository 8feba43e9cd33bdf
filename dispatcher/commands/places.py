"""``loa area`` and ``loa locality``."""

from collections.abc import Sequence
from typing import Any

import click

from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict
from dispatcher.domain.names import fold, key
from dispatcher.ledger import areas, desk, pages, registry
from dispatcher.ledger.handles import Row


@click.command()
@click.argument("words", nargs=-1, required=True)
@json_option
def area(words: tuple[str, ...], *, as_json: bool) -> None:
    """Find areas (địa bàn) by name or code, with or without diacritics.

    The province may follow a comma: loa area đức quang, hà tĩnh
    """
    with runtime() as rt, rt.ledger.read() as conn:
        found = areas.search(conn, " ".join(words))
        parents = {row.parent_code: areas.get(conn, row.parent_code) for row in found}
    rows = [
        {
            "code": row.code,
            "name": row.full_name,
            "in": parent.full_name if (parent := parents.get(row.parent_code)) else "",
        }
        for row in found
    ]
    if as_json:
        show(rows)
        return
    for row in rows:
        click.echo(f"{row['code']:>5}  {row['name']}{', ' + row['in'] if row['in'] else ''}")
    if not rows:
        click.echo("Không tìm thấy địa bàn nào.", err=True)


@click.group()
def locality() -> None:
    """The thôn, bản, ấp, khu phố of a commune, on which contacts and loudspeakers hang."""


@locality.command("list")
@as_option
def list_(who: str | None) -> None:
    """List the localities of your commune."""
    with runtime() as rt, rt.ledger.read() as conn:
        for row in registry.localities(conn, acting(rt, who).area):
            click.echo(f"{row.id:>5}  {row.kind}  {row.name}")


@locality.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--kind", default="thôn", show_default=True, help="thôn, bản, ấp, khu phố …")
@as_option
def add(names: tuple[str, ...], *, kind: str, who: str | None) -> None:
    """Add localities to your commune, by full name: loa locality add 'Thôn Quang Lộc'."""
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        with rt.ledger.begin() as conn:
            now = desk.now(conn)
            for name in names:
                _check_new(name, registry.localities(conn, actor.area))
                number = registry.add_locality(
                    conn, area=actor.area, kind=kind, name=name, search=key(name)
                )
                facts = {"area": actor.area, "name": name}
                subject = f"locality:{number}"
                pages.record(
                    conn, "add_locality", subject, actor=actor.account, at=now, facts=facts
                )
                click.echo(f"{number:>5}  {name}")


def _check_new(name: str, known: Sequence[Row[Any]]) -> None:
    """Raises Conflict for another spelling of a locality that exists: people would be split.

    Two kinds side by side, ``Thôn 1`` and ``Tổ dân phố 1``, are two places; a bare ``1`` is either.
    """
    for row in known:
        bare = key(name) in (fold(name), fold(row.name))
        if key(row.name) == key(name) and (bare or fold(row.name) == fold(name)):
            raise Conflict(
                "locality_exists",
                f"Đã có '{row.name}', trùng với '{name}'. Dùng tên đã có, hoặc ghi đủ loại và tên "
                "khác.",
                f"'{row.name}' exists already, the same as '{name}'. Use it, or give kind and "
                "another name.",
                field="names",
            )
