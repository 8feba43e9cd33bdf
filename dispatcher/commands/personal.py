"""``loa personal``: what is done with personal data. Each is an act in the ledger."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from dispatcher import bootstrap
from dispatcher.ask_export import ask_export, decide_export
from dispatcher.borders import Crossing, borders
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.config import periods
from dispatcher.domain.model import AddressKind
from dispatcher.domain.personal import OPT_OUT_WAYS
from dispatcher.erase import Asked, erase
from dispatcher.export_contacts import export_contacts
from dispatcher.ledger.data_requests import State
from dispatcher.opt_out import opt_out
from dispatcher.report_subject import report_subject
from dispatcher.retain import retain
from dispatcher.reveal import Field, reveal
from dispatcher.rotate_keys import SETTLE_S, rotate_keys, rotate_root
from dispatcher.subject_form import print_report
from dispatcher.switchboard import traits_by_provider, traits_table

_KIND = click.Choice([kind.value for kind in AddressKind])
_WHY = click.option("--why", required=True, help="The reason, at least ten characters.")

_DECISIONS = {"approve": State.APPROVED, "refuse": State.REFUSED}


@click.group()
def personal() -> None:
    """Show, report, refuse, erase and export personal data; exchange keys."""


@personal.command("reveal")
@click.argument("contact", type=click.IntRange(min=1))
@click.argument("field", type=click.Choice([each.value for each in Field]))
@_WHY
@as_option
def reveal_(contact: int, field: str, *, why: str, who: str | None) -> None:
    """Show one value of a contact, unmasked, after the act is in the ledger."""
    with runtime() as rt:
        click.echo(reveal(rt.ledger, acting(rt, who), contact, Field(field), why))


@personal.command("opt-out")
@click.argument("kind", type=_KIND)
@click.argument("value")
@click.option("--channel", default="*", show_default=True, help="A channel, or * for all.")
@click.option("--how", type=click.Choice(list(OPT_OUT_WAYS)), required=True)
@as_option
def opt_out_(kind: str, value: str, *, channel: str, how: str, who: str | None) -> None:
    """Note that a person wants nothing more, by phone, e-mail or Zalo id."""
    with runtime() as rt:
        new = opt_out(
            rt.ledger, acting(rt, who), AddressKind(kind), value, channel, how,
            channels=traits_table(),
        )  # fmt: skip
    click.echo("Đã ghi nhận." if new else "Đã ghi nhận từ trước.")


@personal.command("erase")
@click.argument("kind", type=_KIND)
@click.argument("value")
@_WHY
@click.option("--on", required=True, help="The request's date, YYYY-MM-DD.")
@click.option("--symbol", default="", help="The request's number and symbol in your records.")
@as_option
def erase_(kind: str, value: str, *, why: str, on: str, symbol: str, who: str | None) -> None:
    """Forget a person: empty their addresses and name. Lists, deliveries and the log stay."""
    with runtime() as rt:
        asked = Asked(why, on, symbol)
        done = erase(rt.ledger, traits_table(), acting(rt, who), AddressKind(kind), value, asked)
    click.echo(f"Đã xóa {len(done.contacts)} bản ghi, {len(done.addresses)} địa chỉ.")
    if done.kept:
        click.echo(f"{len(done.kept)} địa chỉ còn được bản ghi khác sử dụng, chưa xóa.", err=True)


@personal.command()
@click.argument("kind", type=_KIND)
@click.argument("value")
@_WHY
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the page to print here.")  # fmt: skip
@as_option
def report(kind: str, value: str, *, why: str, output: Path | None, who: str | None) -> None:
    """Everything about a person: records, wishes, deliveries, and who had them shown.

    Prints JSON, or with --output writes the page that is handed to the person.
    """
    with runtime() as rt:
        made = report_subject(
            rt.ledger, traits_table(), acting(rt, who), AddressKind(kind), value, why
        )
    if output is None:
        show(asdict(made))
    else:
        output.write_text(print_report(made, bootstrap.templates_dir()), encoding="utf-8")
        click.echo(str(output))


@personal.command("ask-export")
@click.option("--area", default="", help="Code of an area; all areas if not given.")
@_WHY
@as_option
def ask_export_(*, area: str, why: str, who: str | None) -> None:
    """Ask for a list of contacts; print the request's number. Somebody else decides."""
    with runtime() as rt:
        click.echo(ask_export(rt.ledger, acting(rt, who), area, why))


@personal.command("decide-export")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("decision", type=click.Choice(list(_DECISIONS)))
@as_option
def decide_export_(number: int, decision: str, *, who: str | None) -> None:
    """Approve or refuse somebody else's request for a list."""
    with runtime() as rt:
        decide_export(rt.ledger, acting(rt, who), number, _DECISIONS[decision])
        click.echo("Đã ghi nhận.")


@personal.command()
@click.argument("number", type=click.IntRange(min=1))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@as_option
def export(number: int, *, output: Path, who: str | None) -> None:
    """Write the list of an approved request, once and within 24 hours."""
    with runtime() as rt:
        pieces = export_contacts(rt.ledger, acting(rt, who), number)
        output.touch(mode=0o600)
        with output.open("wb") as file:
            file.writelines(pieces)
    click.echo(str(output))


@personal.command("borders")
@as_option
@json_option
def borders_(*, who: str | None, as_json: bool) -> None:
    """What each route sends, and what of it crosses the border."""
    with runtime() as rt:
        rows = borders(rt.ledger, traits_by_provider(), acting(rt, who))
    if as_json:
        show([asdict(row) for row in rows])
        return
    for row in rows:
        click.echo(_told(row))


def _told(row: Crossing) -> str:
    words = {True: "ra nước ngoài", False: "trong nước", None: "tùy nơi đặt máy chủ"}
    sends = ", ".join(row.sends) or "không có dữ liệu cá nhân"
    where = " ".join(each for each in (row.country, row.server) if each)
    return f"{row.route:>5}  {row.name} ({row.provider}): {sends} → {where}: {words[row.abroad]}"


@personal.command("rotate-keys")
@click.option(
    "--settle",
    "settle_s",
    default=SETTLE_S,
    show_default=True,
    help="Seconds until every process knows the new key. 0 only if none is running.",
)
@as_option
@json_option
def rotate_keys_(*, settle_s: float, who: str | None, as_json: bool) -> None:
    """Seal everything under a new data key and destroy the older ones, while the engine works."""
    with runtime() as rt, Progress(console=Console(stderr=True), disable=as_json) as bar:
        task = bar.add_task("niêm phong lại", total=None)
        done = rotate_keys(
            rt.ledger,
            acting(rt, who),
            settle_s=settle_s,
            progress=lambda rows: bar.update(task, completed=rows),
        )
    if as_json:
        show(asdict(done))
    else:
        click.echo(f"Khóa số {done.key}: {json.dumps(dict(done.sealed))}")
        click.echo(f"Khóa đã hủy: {', '.join(map(str, done.retired)) or 'chưa có'}.")
    sys.exit(0 if done.retired else 1)


@personal.command("rotate-root")
@as_option
def rotate_root_(*, who: str | None) -> None:
    """Wrap all keys with LOA_ROOT_KEY; until then LOA_ROOT_KEY_OLD has to be set as well."""
    with runtime() as rt:
        count = rotate_root(rt.ledger, acting(rt, who))
    click.echo(f"Đã bọc lại {count} khóa. Bỏ LOA_ROOT_KEY_OLD khỏi cấu hình.")


@personal.command("retain")
@json_option
def retain_(*, as_json: bool) -> None:
    """Let go now of what is kept long enough, if today's work is not done yet."""
    total: dict[str, int] = {}
    with runtime() as rt:
        while counts := retain(rt.ledger, periods(rt.settings), "command"):
            for name, count in counts.items():
                total[name] = total.get(name, 0) + count
    if as_json:
        show(total)
    else:
        click.echo(", ".join(f"{name}: {count}" for name, count in total.items()) or "Không có gì.")
