"""``loa approve`` and ``loa confirm``: what waits for somebody else's word."""

from pathlib import Path
from typing import Any

import click

from dispatcher.add_symbol import add_symbol
from dispatcher.approve import approve
from dispatcher.bootstrap import Runtime
from dispatcher.commands.session import acting, as_option, colleague, json_option, runtime, show
from dispatcher.commands.starting import check_submitted
from dispatcher.confirm import confirm
from dispatcher.domain import authority, difference
from dispatcher.domain.approvals import State
from dispatcher.domain.authoring import parsed_toml
from dispatcher.domain.difference import Change, Fate
from dispatcher.domain.errors import NotFound
from dispatcher.domain.wording import reworded
from dispatcher.ledger import bulletins, requests
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.requests import Sought
from dispatcher.pull_back import pull_back
from dispatcher.revise import revise
from dispatcher.submit import submit

#: Requests in one list.
_LISTED = 50
_NEWEST = 2**62

#: How a piece of a difference is marked on a terminal.
_MARKS = {Fate.SAME: "{}", Fate.ADDED: "[+{}+]", Fate.REMOVED: "[-{}-]"}

_revision = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("approve")
@click.argument("approval", type=int, required=False)
@click.option("--note", default="", help="A word to the author.")
@click.option("--return", "act", flag_value="return", help="Send it back instead.")
@click.option("--pull-back", "act", flag_value="pull_back", help="Take your own request back.")
@click.option("--difference", "act", flag_value="difference", help="What an approver changed.")
@click.option("--revise", "file", type=_revision, help="Approve with the words of this TOML file.")
@click.option("--symbol", help="Enter the document's number that followed.")
@click.option("--start-as", help="Start it at once as this operator of the same agency.")
@as_option
@json_option
def approve_(
    approval: int | None,
    *,
    note: str,
    act: str | None,
    file: Path | None,
    symbol: str | None,
    start_as: str | None,
    who: str | None,
    as_json: bool,
) -> None:
    """Approve (or return) what was submitted: exactly that text, to exactly those people.

    Without a number: list what waits.
    """
    with runtime() as rt:
        actor = acting(rt, who)
        if approval is None:
            _list(rt, actor, Sought(waits_for=actor.account), as_json)
        elif symbol:
            add_symbol(rt.ledger, actor, approval, symbol)
            click.echo(f"Đã ghi số {symbol}.")
        elif file:
            _revise(rt, actor, approval, file, note)
        elif act:
            _OTHER[act](rt, actor, approval, note)
        else:
            _approve(rt, actor, approval, note, start_as)


def _approve(rt: Runtime, actor: Actor, approval: int, note: str, start_as: str | None) -> None:
    starter = colleague(rt, actor, start_as) if start_as else None
    if starter:
        check_submitted(rt, starter, approval)
    approve(rt.ledger, actor, approval, note=note)
    click.echo("Đã duyệt.")
    if starter:
        number = submit(rt.ledger, rt.queue, rt.traits, starter, approval)
        click.echo(f"Lần phát tin số {number}.")


def _return(rt: Runtime, actor: Actor, approval: int, note: str) -> None:
    approve(rt.ledger, actor, approval, note=note, decision=State.RETURNED)
    click.echo("Đã trả lại.")


def _pull_back(rt: Runtime, actor: Actor, approval: int, _note: str) -> None:
    pull_back(rt.ledger, actor, approval)
    click.echo("Đã rút lại.")


def _difference(rt: Runtime, actor: Actor, approval: int, _note: str) -> None:
    row = _load(rt, actor, approval)
    if row.edited_from is None:
        click.echo("Người duyệt không sửa gì.")
        return
    with rt.ledger.read() as conn:
        old, new = (bulletins.content_of(conn, each) for each in (row.edited_from, row.version_id))
    for change in difference.between(old, new):
        click.echo(f"{change.field}: {_marked(change)}")


#: What else can be done with a request.
_OTHER = {"return": _return, "pull_back": _pull_back, "difference": _difference}


def _marked(change: Change) -> str:
    return "".join(_MARKS[each.fate].format(each.text) for each in change.pieces())


def _revise(rt: Runtime, actor: Actor, approval: int, file: Path, note: str) -> None:
    row = _load(rt, actor, approval)
    with rt.ledger.read() as conn:
        before = bulletins.content_of(conn, row.version_id)
    written = reworded(before, parsed_toml(file.read_text("utf-8")))
    number = revise(rt.ledger, rt.authoring, actor, approval, written, note=note)
    click.echo(f"Đã sửa và duyệt: yêu cầu số {number}.")


def _load(rt: Runtime, actor: Actor, approval: int) -> Row[Any]:
    with rt.ledger.read() as conn:
        row = requests.load(conn, approval)
    if row is None or not authority.below(actor.path, row.path):
        raise NotFound("no_approval", "Không có yêu cầu duyệt này.", "There is no such request.")
    return row


@click.command("confirm")
@click.argument("approval", type=int, required=False)
@as_option
@json_option
def confirm_(approval: int | None, *, who: str | None, as_json: bool) -> None:
    """Confirm what one person released. Without a number: list what is not confirmed."""
    with runtime() as rt:
        actor = acting(rt, who)
        if approval is None:
            _list(rt, actor, Sought(unconfirmed=True), as_json)
            return
        confirm(rt.ledger, actor, approval)
        click.echo("Đã xác nhận.")


def _list(rt: Runtime, actor: Actor, sought: Sought, as_json: bool) -> None:  # noqa: FBT001
    with rt.ledger.read() as conn:
        rows = requests.page_of(conn, actor.path, sought, before=_NEWEST, limit=_LISTED)
        titles = {row.id: bulletins.content_of(conn, row.version_id).title["vi"] for row in rows}
    if as_json:
        show([_told(row, titles[row.id]) for row in rows])
        return
    for row in rows:
        click.echo(f"{row.id}  {titles[row.id]}  ({row.agency_name}; {row.asked_by})")
    if not rows:
        click.echo("Không có.")


def _told(row: Row[Any], title: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": title,
        "agency": row.agency_name,
        "state": row.state,
        "way": row.way,
        "asked_by": row.asked_by,
        "confirm_by": row.confirm_by,
        "dispatch": row.dispatch_id,
    }
