"""``loa speaker`` (a loudspeaker device) and ``loa simulate`` (providers that are not real)."""

import secrets
import sys

import click

from dispatcher.commands.session import acting, as_option, runtime
from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.ledger import desk, pages, registry
from dispatcher.ledger.registry import NewSpeaker

_PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}


@click.group()
def speaker() -> None:
    """Run a loudspeaker, or enrol one."""


@speaker.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> None:
    """Be a loudspeaker on this machine until Ctrl-C: fetch, check, play, report (LOA/1)."""
    from dispatcher.player import __main__ as player

    sys.argv = ["loa speaker run", *arguments]
    player.main()


@speaker.command()
@click.argument("device")
@click.option("--name", required=True, help="Name of the cluster, e.g. 'Cụm loa nhà văn hóa'.")
@click.option("--locality", help="Name of the thôn where it stands.")
@click.option("--station", help="Name of the commune's station; made if it is new.")
@click.option("--volume", type=click.IntRange(1, 100), default=80, show_default=True)
@as_option
def enrol(
    device: str,
    *,
    name: str,
    locality: str | None,
    station: str | None,
    volume: int,
    who: str | None,
) -> None:
    """Enrol a device; print its key and the keys it must trust. All are shown once.

    The second key to trust signs drills only; a device for drills is told that one alone.
    """
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        key = secrets.token_bytes(32)
        with rt.ledger.begin() as conn:
            now = desk.now(conn)
            known = {row.name: row.id for row in registry.localities(conn, actor.area)}
            if locality and locality not in known:
                raise BadInput(
                    "unknown_locality",
                    f"Không có thôn '{locality}'. Các thôn: {', '.join(known)}",
                    f"No locality '{locality}'. Known: {', '.join(known)}",
                    field="--locality",
                )
            home = registry.station_of(conn, actor.agency, actor.area, station or "", now)
            registry.add_speakers(
                conn,
                rt.ledger.vault,
                [
                    NewSpeaker(
                        station=home, device=device, name=name,
                        locality=known.get(locality or ""), key=key, synthetic=False,
                        volume=volume,
                    )
                ],
            )  # fmt: skip
            pages.record(
                conn, "enrol_speaker", f"speaker:{device}", actor=actor.account, at=now, facts={}
            )
        click.echo(f"key: {key.hex()}")
        for each in rt.device_signers.trust():
            click.echo(f"trust: {each}")


@speaker.command()
@click.argument("device")
@as_option
def withdraw(device: str, *, who: str | None) -> None:
    """Refuse a device from now on: stolen, sold or replaced."""
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        with rt.ledger.begin() as conn:
            now = desk.now(conn)
            if not registry.withdraw_speaker(conn, device, actor.agency, now):
                raise NotFound("no_speaker", f"Không có cụm loa {device}.", f"No {device}.")
            subject = f"speaker:{device}"
            pages.record(conn, "withdraw_speaker", subject, actor=actor.account, at=now, facts={})
        click.echo("Đã thu hồi.")


@click.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(arguments: tuple[str, ...]) -> None:
    """Run simulated providers: twilio, smtp, zalo, carrier, all, or speakers. They reach nobody."""
    from dispatcher.sim import launch, speakers

    if arguments[:1] == ("speakers",):
        sys.argv = ["loa simulate speakers", *arguments[1:]]
        speakers.main()
    else:
        launch.main(list(arguments))
