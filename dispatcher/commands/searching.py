"""``loa search``: what auditors look for."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from dispatcher.books import codes, written
from dispatcher.books.book import numbers
from dispatcher.bootstrap import Runtime
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain.errors import BadInput
from dispatcher.domain.period import ALWAYS, Period, local, of_days
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import reading
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.search import deliveries, dispatches
from dispatcher.search import Question, search_deliveries, search_dispatches

_OUTCOMES = [each.word for each in Status if each is not Status.SENDING]
_EVIDENCE = [each.word for each in Evidence]


@click.command()
@click.argument("what", type=click.Choice(["dispatches", "deliveries"]))
@click.option("--symbol", default="", help="Document symbol, such as 12/CĐ-UBND.")
@click.option("--agency-number", type=int, help="An agency, and those below it.")
@click.option("--area", default="", help="Code of an area (loa area).")
@click.option("--from", "first", default="", help="First day, YYYY-MM-DD.")
@click.option("--to", "last", default="", help="Last day, YYYY-MM-DD, included.")
@click.option("--approver", default="", help="Name of who approved.")
@click.option("--recipient", is_flag=True,
              help="Ask for a phone number or address; it is neither shown nor kept.")  # fmt: skip
@click.option("--outcome", "outcomes", type=click.Choice(_OUTCOMES), multiple=True)
@click.option("--evidence", type=click.Choice(_EVIDENCE), multiple=True)
@click.option("--channel", default="")
@click.option("--after", default="", help="Go on from where the last answer ended.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@as_option
@json_option
def search(
    what: str,
    *,
    symbol: str,
    agency_number: int | None,
    area: str,
    first: str,
    last: str,
    approver: str,
    recipient: bool,
    outcomes: Sequence[str],
    evidence: Sequence[str],
    channel: str,
    after: str,
    limit: int,
    who: str | None,
    as_json: bool,
) -> None:
    """Find dispatches or deliveries by any combination. Each search is an act in the ledger."""
    question = Question(
        symbol=symbol,
        agency=agency_number,
        area=area,
        period=_period(first, last),
        approver=approver,
        recipient=click.prompt("Số điện thoại hoặc địa chỉ", hide_input=True) if recipient else "",
        outcomes=[Status[each.upper()] for each in outcomes],
        evidence=[Evidence[each.upper()] for each in evidence],
        channel=channel,
    )
    with runtime() as rt:
        find = {"dispatches": _dispatches, "deliveries": _deliveries}[what]
        items, place = find(rt, acting(rt, who), question, after, limit)
    if as_json:
        show({"items": items, "next": place or None})
        return
    for item in items:
        click.echo("  ".join(str(each) for each in item.values() if each not in (None, "")))
    if place:
        click.echo(f"Còn nữa: --after {place}")


def _period(first: str, last: str) -> Period:
    if bool(first) != bool(last):
        raise BadInput(
            "half_period",
            "Ghi cả ngày đầu (--from) và ngày cuối (--to).",
            "Give both days, --from and --to.",
            field="--to" if first else "--from",
        )
    return of_days(first, last) if first else ALWAYS


_Items = list[Mapping[str, Any]]


def _dispatches(
    rt: Runtime, actor: Actor, question: Question, after: str, limit: int
) -> tuple[_Items, str]:
    before = numbers(after, 2) if after else dispatches.NEWEST
    rows = search_dispatches(rt.ledger, actor, question, (before[0], before[1]), limit)
    place = f"{rows[-1].start_at}.{rows[-1].id}" if len(rows) == limit else ""
    return [_dispatch(row) for row in rows], place


def _deliveries(
    rt: Runtime, actor: Actor, question: Question, after: str, limit: int
) -> tuple[_Items, str]:
    before = numbers(after, 3) if after else deliveries.NEWEST
    spot = (before[0], before[1], before[2])
    found = search_deliveries(rt.ledger, actor, question, spot, limit)
    with rt.ledger.read() as conn:
        names = reading.target_names(conn, found.rows)
    place = ".".join(str(each) for each in found.next or ())
    return [_delivery(row, names) for row in found.rows], place


def _dispatch(row: Row[Any]) -> Mapping[str, Any]:
    return {
        "dispatch": row.id,
        "start_at": local(row.start_at).isoformat(timespec="seconds"),
        "level": row.level,
        "state": row.state,
        "symbol": written.symbol(row.content, row.later_symbol),
        "agency": row.agency_name,
        "title": written.title(row.content),
    }


def _delivery(row: Row[Any], names: Mapping[tuple[int, int], str]) -> Mapping[str, Any]:
    status, evidence = codes.standing(row)
    return {
        "dispatch": row.dispatch_id,
        "delivery": row.id,
        "channel": row.channel,
        "target": names.get((row.target_kind, row.target_id), ""),
        "status": status,
        "reason": codes.reason(row.reason),
        "evidence": evidence,
        "updated_at": local(row.updated_at).isoformat(timespec="seconds"),
    }
