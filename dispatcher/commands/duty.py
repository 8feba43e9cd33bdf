"""``loa shift``, ``loa preapproved`` and ``loa release``: the night, and its preparation by day."""

from pathlib import Path
from typing import Any

import click

from dispatcher.cancel_shift import cancel_shift
from dispatcher.commands.session import acting, as_option, colleague, json_option, runtime, show
from dispatcher.decide_preapproved import decide_preapproved
from dispatcher.domain.approvals import HOUR_MS, How, VerbalOrder
from dispatcher.domain.audience import Audience
from dispatcher.domain.authoring import instant, parsed_toml
from dispatcher.domain.content import Signatory
from dispatcher.domain.errors import BadInput
from dispatcher.domain.preapproved import parse, to_values
from dispatcher.ledger import preapproved as texts
from dispatcher.ledger import shifts
from dispatcher.ledger.preapproved import State
from dispatcher.ledger.shifts import NewShift
from dispatcher.open_shift import open_shift
from dispatcher.propose_preapproved import propose_preapproved
from dispatcher.release import Filling, release
from dispatcher.release_on_behalf import release_on_behalf
from dispatcher.release_verbally import release_verbally
from dispatcher.withdraw_preapproved import withdraw_preapproved

_LISTED = 50
_NEWEST = 2**62


@click.group("shift")
def shift() -> None:
    """Duty shifts: who may release alone, when, on which document's authority."""


@shift.command("open")
@click.argument("account")
@click.option("--from", "start", default="+0m", help="When it begins: +2h, 2026-11-22T17:00.")
@click.option("--until", required=True, help="When it ends: +12h, 2026-11-23T07:00.")
@click.option("--basis", required=True, help="Symbol of the delegating document: 15/QĐ-UBND.")
@as_option
def open_(account: str, *, start: str, until: str, basis: str, who: str | None) -> None:
    """Put ACCOUNT, a duty officer, on duty for your agency."""
    with runtime() as rt:
        actor = acting(rt, who)
        person, now = colleague(rt, actor, account), rt.now()
        begins, ends = instant(start, "--from", now), instant(until, "--until", now)
        new = NewShift(person.account, person.agency, begins, ends, basis)
        click.echo(f"Ca trực số {open_shift(rt.ledger, actor, new)}.")


@shift.command("cancel")
@click.argument("number", type=int)
@as_option
def cancel(number: int, *, who: str | None) -> None:
    """End a shift before its time."""
    with runtime() as rt:
        cancel_shift(rt.ledger, acting(rt, who), number)
        click.echo("Đã hủy ca trực.")


@shift.command("list")
@as_option
@json_option
def list_shifts(*, who: str | None, as_json: bool) -> None:
    """Shifts of your agency and those below it, newest first."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = shifts.page_of(conn, actor.path, _NEWEST, _LISTED)
    names = ("id", "person", "agency_name", "from_at", "until_at", "basis", "cancelled_at")
    _print([{name: getattr(row, name) for name in names} for row in rows], as_json)


@click.group("preapproved")
def preapproved() -> None:
    """Texts that one person proposes, another approves, and the night may release."""


@preapproved.command("propose")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_option
def propose(file: Path, *, who: str | None) -> None:
    """Ask for approval of FILE: a bulletin with a table [preapproved]."""
    with runtime() as rt:
        actor = acting(rt, who)
        text = parse(parsed_toml(file.read_text("utf-8")), rt.authoring.kinds, rt.now())
        number = propose_preapproved(rt.ledger, rt.authoring, actor, text)
        click.echo(f"Mẫu số {number} chờ duyệt: loa preapproved approve {number}")


@preapproved.command("approve")
@click.argument("number", type=int)
@click.option("--return", "back", is_flag=True, help="Send it back instead.")
@as_option
def decide(number: int, *, back: bool, who: str | None) -> None:
    """Approve a text that somebody else proposed."""
    with runtime() as rt:
        decision = State.RETURNED if back else State.APPROVED
        decide_preapproved(rt.ledger, acting(rt, who), number, decision)
        click.echo("Đã trả lại." if back else "Đã duyệt.")


@preapproved.command("withdraw")
@click.argument("number", type=int)
@as_option
def withdraw(number: int, *, who: str | None) -> None:
    """Let nobody release a text any more."""
    with runtime() as rt:
        withdraw_preapproved(rt.ledger, acting(rt, who), number)
        click.echo("Đã thôi dùng.")


@preapproved.command("list")
@as_option
@json_option
def list_texts(*, who: str | None, as_json: bool) -> None:
    """Texts of your agency and those below it, newest first."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = texts.page_of(conn, actor.path, _NEWEST, _LISTED)
    names = ("id", "name", "agency_name", "kind", "state", "blanks", "channels")
    _print([{name: getattr(row, name) for name in names} for row in rows], as_json)


@click.group("release")
def release_() -> None:
    """Send at once what one person answers for; another confirms within 24 hours."""


@release_.command("text")
@click.argument("number", type=int)
@click.option("--fact", "facts", multiple=True, help="A blank: deadline='17 giờ ngày 22/11'.")
@click.option("--to", "areas", multiple=True, help="Code of an area; your agency's if not given.")
@click.option("--hours", type=click.IntRange(1), help="How long it is valid, if not the longest.")
@as_option
@json_option
def text_(
    number: int,
    *,
    facts: tuple[str, ...],
    areas: tuple[str, ...],
    hours: int | None,
    who: str | None,
    as_json: bool,
) -> None:
    """On duty: fill the pre-approved text NUMBER and send it, alone."""
    with runtime() as rt:
        actor = acting(rt, who)
        audience = Audience(areas=areas or (actor.area,))
        values = to_values(dict(_fact(each) for each in facts))
        filling = Filling(number, values, audience, (hours or 0) * HOUR_MS)
        made = release(rt.ledger, rt.queue, rt.traits, rt.authoring, actor, filling)
    if as_json:
        show({"bulletin": made.bulletin, "approval": made.approval, "dispatch": made.dispatch})
    else:
        click.echo(f"Lần phát tin số {made.dispatch}. Cần xác nhận: loa confirm {made.approval}")


def _fact(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign:
        raise BadInput(
            "bad_fact",
            f"Ghi --fact TÊN='nội dung', không phải '{given}'.",
            f"Write --fact NAME='text', not '{given}'.",
            field="--fact",
        )
    return name, value


@release_.command("verbal")
@click.argument("approval", type=int)
@click.option("--by", "orderer", required=True, help="Account of the approver who ordered it.")
@click.option("--at", required=True, help="When, within 24 hours: 2026-11-22T22:40.")
@click.option("--how", type=click.Choice([each.value for each in How]), required=True)
@as_option
def verbal(approval: int, *, orderer: str, at: str, how: str, who: str | None) -> None:
    """On duty: record a verbal order and send what waits under the number APPROVAL."""
    with runtime() as rt:
        actor = acting(rt, who)
        given = colleague(rt, actor, orderer).account
        order = VerbalOrder(given, instant(at, "--at", rt.now()), How(how))
        number = release_verbally(rt.ledger, rt.queue, rt.traits, actor, approval, order)
        click.echo(f"Lần phát tin số {number}. Cần xác nhận: loa confirm {approval}")


@release_.command("behalf")
@click.argument("approval", type=int)
@click.option("--name", required=True, help="Who answers for it in your agency.")
@click.option("--office", required=True, help="Their office.")
@as_option
def behalf(approval: int, *, name: str, office: str, who: str | None) -> None:
    """Approve and send what an agency below yours submitted under the number APPROVAL."""
    with runtime() as rt:
        actor, signatory = acting(rt, who), Signatory(name, office)
        number = release_on_behalf(rt.ledger, rt.queue, rt.traits, actor, approval, signatory)
        click.echo(f"Lần phát tin số {number}. Cần xác nhận: loa confirm {approval}")


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:  # noqa: FBT001
    if as_json:
        show(rows)
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values() if value is not None))
    if not rows:
        click.echo("Không có.")
