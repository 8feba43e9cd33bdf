"""``loa area``."""

import click

from dispatcher.commands.session import json_option, runtime, show
from dispatcher.ledger import areas


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
