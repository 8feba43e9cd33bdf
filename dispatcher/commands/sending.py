"""``loa preview`` and ``loa send``."""

from pathlib import Path
from typing import Any

import click

from dispatcher.approve import approve
from dispatcher.author import author, preview
from dispatcher.bootstrap import Runtime
from dispatcher.commands.session import (
    acting,
    as_option,
    colleague,
    json_option,
    runtime,
    show,
)
from dispatcher.commands.starting import check_ready
from dispatcher.domain.audience import Audience
from dispatcher.domain.authoring import coming
from dispatcher.domain.content import Content
from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Mode
from dispatcher.domain.rendition import Rendition
from dispatcher.ledger import audiences, registry
from dispatcher.ledger.registry import Actor
from dispatcher.propose import propose
from dispatcher.submit import submit
from dispatcher.terms import Wish

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_channels = click.option("--channels", help="Comma-separated (default: what the kind says).")


def _content(rt: Runtime, file: Path) -> Content:
    return Content.from_toml(file.read_text("utf-8"), kinds=rt.authoring.kinds, now=rt.now())


def _chosen(rt: Runtime, content: Content, channels: str | None) -> tuple[str, ...]:
    return tuple(channels.split(",")) if channels else rt.authoring.kinds[content.kind].channels


@click.command("preview")
@_file
@_channels
@json_option
def preview_(file: Path, *, channels: str | None, as_json: bool) -> None:
    """Show what every channel would say. Nothing is stored or sent."""
    with runtime() as rt:
        content = _content(rt, file)
        draft = preview(rt.authoring, content, _chosen(rt, content, channels), rt.now())
    if as_json:
        show([_as_json(each) for each in draft.renditions])
        return
    for each in draft.renditions:
        click.secho(f"\n── {each.channel} · {each.lang} {_facts(each)}", bold=True)
        click.echo(_body(each))
        for remark in each.remarks:
            click.secho(f"  ⚠ {remark.vi}", fg="yellow")


def _facts(each: Rendition) -> str:
    return " ".join(f"{name}={value}" for name, value in each.facts.items())


def _body(each: Rendition) -> str:
    sample = each.sample
    if sample.params:
        rows = [f"  {name} = {value}" for name, value in sample.params.items()]
        return "\n".join([sample.template, *rows])
    return f"{sample.subject}\n\n{sample.text}" if sample.subject else sample.text


def _as_json(each: Rendition) -> dict[str, Any]:
    return {
        "channel": each.channel,
        "lang": each.lang,
        "text": each.sample.text,
        "subject": each.sample.subject,
        "params": dict(each.sample.params),
        "facts": dict(each.facts),
        "remarks": [remark.vi for remark in each.remarks],
    }


@click.command()
@_file
@click.option("--to", "areas_", multiple=True, help="Code of an area; may be repeated.")
@click.option("--locality", multiple=True, help="Name of a thôn in the commune; may be repeated.")
@_channels
@click.option("--approver", help="Approve at once as this second person.")
@click.option("--at", help="When to start: +30m, +1h30m, 2026-11-23T07:00 (Vietnam's time).")
@click.option("--replaces", type=int, help="Number of the bulletin it corrects, withdraws or ends.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@as_option
@json_option
def send(
    file: Path,
    areas_: tuple[str, ...],
    locality: tuple[str, ...],
    *,
    channels: str | None,
    approver: str | None,
    at: str | None,
    replaces: int | None,
    yes: bool,
    who: str | None,
    as_json: bool,
) -> None:
    """Write a bulletin from a file, submit it, and with --approver start it.

    Author and approver are two people: without --approver the bulletin waits for 'loa approve'.
    """
    with runtime() as rt:
        actor = acting(rt, who)
        content = _content(rt, file)
        chosen = _chosen(rt, content, channels)
        audience = _audience(rt, actor, areas_, locality)
        start_at = coming(at, "--at", rt.now()) if at else 0
        second = colleague(rt, actor, approver) if approver else None
        if second:
            check_ready(rt, actor, chosen)
        saved = author(rt.ledger, rt.authoring, actor, content, chosen, relates_to=replaces)
        wish = Wish(audience, chosen, Mode(actor.mode), start_at)
        approval = propose(rt.ledger, rt.traits, actor, saved.version, wish)
        sentence = _sentence(rt, audience, chosen)
        if second is None:
            _tell(as_json, {"bulletin": saved.bulletin, "approval": approval}, sentence)
            return
        if not (yes or as_json):
            click.confirm(f"{sentence} Phát?", abort=True)
        approve(rt.ledger, second, approval)
        dispatch = submit(rt.ledger, rt.queue, rt.traits, actor, approval)
        told = {"bulletin": saved.bulletin, "approval": approval, "dispatch": dispatch}
        _tell(as_json, told, f"{sentence} Lần phát tin số {dispatch}.")


def _tell(as_json: bool, numbers: dict[str, int], sentence: str) -> None:  # noqa: FBT001
    if as_json:
        show(numbers)
    else:
        waiting = "" if "dispatch" in numbers else f" Chờ duyệt: loa approve {numbers['approval']}"
        click.echo(sentence + waiting)


def _audience(
    rt: Runtime, actor: Actor, areas_: tuple[str, ...], names: tuple[str, ...]
) -> Audience:
    with rt.ledger.read() as conn:
        known = {row.name.lower(): row.id for row in registry.localities(conn, actor.area)}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise BadInput(
            "unknown_locality",
            f"Không có {', '.join(unknown)}. Các thôn: {', '.join(known)}",
            f"No locality {', '.join(unknown)}. Known: {', '.join(known)}",
            field="--locality",
        )
    ids = tuple(known[name.lower()] for name in names)
    own = () if (areas_ or ids) else (actor.area,)
    return Audience(areas=areas_ or own, localities=ids)


def _sentence(rt: Runtime, audience: Audience, channels: tuple[str, ...]) -> str:
    with rt.ledger.read() as conn:
        people = audiences.count_contacts(conn, audience)
        clusters = audiences.count_speakers(conn, audience)
    return f"Bản tin tới {people} người, {clusters} cụm loa, qua {', '.join(channels)}."
