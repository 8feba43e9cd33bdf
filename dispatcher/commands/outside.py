"""``loa outside``: approvals that a platform or a carrier gives, and the channels they hold."""

import click

from dispatcher.answer_outside import answer_outside
from dispatcher.ask_outside import ask_outside
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.ledger import outside as requests
from dispatcher.web.access import NEWEST

#: The newest are enough on a terminal; programs page through the API.
_SHOWN = 50


@click.group()
def outside() -> None:
    """Approvals from outside: a Zalo template, the content of a brandname."""


@outside.command()
@click.argument("version", type=int)
@click.argument("channel")
@click.argument("subject")
@as_option
def ask(*, version: int, channel: str, subject: str, who: str | None) -> None:
    """Hold CHANNEL of VERSION until SUBJECT has been approved outside. Others go on."""
    with runtime() as rt:
        number = ask_outside(rt.ledger, acting(rt, who), version, channel, subject)
        click.echo(f"Yêu cầu {number}: kênh {channel} chờ duyệt.")


@outside.command()
@click.argument("number", type=int)
@click.argument("state", type=click.Choice(["granted", "refused"]))
@click.option("--word", default="", help="What they said, word for word.")
@as_option
def answer(*, number: int, state: str, word: str, who: str | None) -> None:
    """Record what was answered. Granted: the channel goes out at once."""
    with runtime() as rt:
        granted = state == requests.GRANTED
        actor = acting(rt, who)
        answer_outside(rt.ledger, rt.queue, actor, number, granted=granted, word=word)
        click.echo("Đã mở kênh." if granted else "Kênh vẫn bị giữ.")


@outside.command("list")
@as_option
@json_option
def list_(*, who: str | None, as_json: bool) -> None:
    """What is waiting, granted and refused, newest first."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = requests.page_of(conn, actor.path, NEWEST, _SHOWN)
    if as_json:
        kept = ("id", "version_id", "channel", "subject", "state", "word", "asked_at")
        show([{name: getattr(row, name) for name in kept} for row in rows])
        return
    for row in rows:
        click.echo(f"{row.id}\t{row.state}\t{row.channel}\t{row.subject}\t{row.word}")
