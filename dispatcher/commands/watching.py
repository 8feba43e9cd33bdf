"""``loa status``, ``loa cancel``, ``loa pause``, ``loa resume`` and ``loa stop``."""

import time
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from dispatcher.bootstrap import Runtime
from dispatcher.cancel import cancel, pause, resume
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.demo.show import grid
from dispatcher.domain import authority
from dispatcher.domain.errors import NotFound
from dispatcher.halt import halt, lift
from dispatcher.ledger import desk, dispatches, told, waits


@click.command()
@click.argument("dispatch", type=int)
@click.option("--follow", is_flag=True, help="Keep looking until it is finished.")
@as_option
@json_option
def status(dispatch: int, *, follow: bool, who: str | None, as_json: bool) -> None:
    """Where a dispatch stands: by channel and status, who is silent, and why it waits."""
    with runtime() as rt:
        path = acting(rt, who).path
        if as_json:
            show(_json(rt, dispatch, path))
            return
        with Live(console=Console(highlight=False), auto_refresh=False) as live:
            while True:
                row = _load(rt, dispatch, path)
                live.update(_view(rt, row), refresh=True)
                if not follow or row.finished_at:
                    break
                time.sleep(1)
        for words in _alarms(rt, dispatch):
            click.secho(f"⚠ {words}", fg="yellow")
        for why in _why(rt, dispatch):
            click.echo(f"Đang chờ: {why}")


def _load(rt: Runtime, dispatch: int, path: str) -> Any:
    with rt.ledger.read() as conn:
        row = dispatches.load(conn, dispatch)
    if row is None or not authority.below(path, row.path):
        raise NotFound("no_dispatch", "Không có lần phát tin này.", "No such dispatch.")
    return row


def _view(rt: Runtime, row: Any) -> Any:
    with rt.ledger.read() as conn:
        place = dispatches.place(conn, row.id)
        counts = told.counts(conn, rt.traits, place) if place else {}
    why = f" ({row.state_why})" if row.state_why else ""
    return grid(f"Lần phát tin {row.id}: {row.state}{why}", counts, rt.traits)


def _alarms(rt: Runtime, dispatch: int) -> list[str]:
    with rt.ledger.read() as conn:
        return [row.words for row in desk.alarms(conn, [dispatch])]


def _why(rt: Runtime, dispatch: int) -> list[str]:
    with rt.ledger.read() as conn:
        return waits.reasons(conn, dispatch)


def _json(rt: Runtime, dispatch: int, path: str) -> dict[str, Any]:
    row = _load(rt, dispatch, path)
    with rt.ledger.read() as conn:
        place = dispatches.place(conn, dispatch)
        counts = told.counts(conn, rt.traits, place) if place else {}
    return {
        "dispatch": dispatch,
        "state": row.state,
        "why": row.state_why,
        "channels": {
            channel: {
                "total": sum(by_status.values()),
                **{each.word: count for each, count in by_status.items()},
                "unit": rt.traits[channel].unit.value,
            }
            for channel, by_status in counts.items()
        },
        "alarms": _alarms(rt, dispatch),
        "waits": _why(rt, dispatch),
    }


@click.command("cancel")
@click.argument("dispatch", type=int)
@click.option("--why", default="", help="Reason, kept in the log.")
@as_option
def cancel_(dispatch: int, *, why: str, who: str | None) -> None:
    """Send nothing more and call back what can be called back."""
    with runtime() as rt:
        cancel(rt.ledger, rt.queue, acting(rt, who), dispatch, why)
        click.echo("Đã hủy.")


@click.command("pause")
@click.argument("dispatch", type=int)
@click.option("--why", default="", help="Reason, kept in the log.")
@as_option
def pause_(dispatch: int, *, why: str, who: str | None) -> None:
    """Send nothing more for now; 'loa resume' goes on with exactly what is left."""
    with runtime() as rt:
        pause(rt.ledger, acting(rt, who), dispatch, why)
        click.echo("Đã tạm dừng.")


@click.command("resume")
@click.argument("dispatch", type=int)
@click.option("--why", default="", help="Reason, kept in the log.")
@as_option
def resume_(dispatch: int, *, why: str, who: str | None) -> None:
    """Go on with what is left."""
    with runtime() as rt:
        resume(rt.ledger, rt.queue, acting(rt, who), dispatch, why)
        click.echo("Tiếp tục phát.")


@click.command("stop")
@click.argument("scope", required=False)
@click.option("--why", default="", help="Reason, shown to everybody who waits.")
@click.option("--lift", "act", flag_value="lift", help="Take the stop back.")
@as_option
def stop_(scope: str | None, *, why: str, act: str | None, who: str | None) -> None:
    """Stop 'all', 'agency:N', 'route:N' or 'dispatch:N' at once; without SCOPE list the stops.

    Needs nothing but the database. Sending ends within one window.
    """
    with runtime() as rt:
        if scope is None:
            _list_stops(rt)
        elif act == "lift":
            done = lift(rt.ledger, acting(rt, who), scope)
            click.echo("Đã bỏ lệnh dừng." if done else "Không có lệnh dừng này.")
        else:
            halt(rt.ledger, acting(rt, who), scope, why)
            click.echo("Đã dừng.")


def _list_stops(rt: Runtime) -> None:
    with rt.ledger.read() as conn:
        for row in desk.stops(conn):
            click.echo(f"{row.scope}  {row.why}")
