"""The command line of the simulators, and the simulators built from it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from . import carrier, credentials, twilio, zalo, zalo_tokens
from .carrier import Carrier
from .carrier_keys import default_keys, parse_key
from .clock import Clock
from .fates import Fates
from .misbehave import PRESETS, Manners, Temper, changed
from .poster import Poster
from .receipts import Receipts
from .seen import Seen
from .smtp import MailServer
from .stage import Provider
from .twilio import Twilio
from .zalo import Zalo
from .zalo_templates import TEMPLATES, parse_template
from .zalo_tokens import Tokens

Options = argparse.Namespace


def parse(arguments: list[str]) -> Options:
    """Parse the command line; exits with a message when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m dispatcher.sim", description=__doc__)
    parser.add_argument("name", choices=(*BUILDERS, "all"))
    _add_common(parser)
    for add in (_add_twilio, _add_smtp, _add_zalo, _add_carrier):
        add(parser)
    return parser.parse_args(arguments)


def build_receipts(
    options: Options, name: str, temper: Temper, seen: Seen, monotonic: Callable[[], float]
) -> Receipts:
    """Receipts with the provider's own habit of repeating what was not answered."""
    waits, header, timeout = HABITS[name]
    chosen = waits if options.retry_waits is None else options.retry_waits
    return Receipts(temper, seen, Poster(timeout=timeout), monotonic, chosen, header)


def build(options: Options, name: str, receipts: Receipts, clock: Clock) -> Provider:
    """The simulator of that name."""
    return BUILDERS[name](options, receipts, clock)


def port_for(options: Options, name: str) -> int:
    """The port of one simulator; `all` takes neighbouring ones in the order of BUILDERS."""
    if options.name != "all" or not options.port:
        return int(options.port)
    return int(options.port) + list(BUILDERS).index(name)


def callback_url(options: Options, name: str) -> str:
    """Where a simulator reports to; empty for nowhere."""
    if options.callback_url:
        return str(options.callback_url)
    return f"{options.callback_base.rstrip('/')}/{name}" if options.callback_base else ""


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; all: the first")
    parser.add_argument("--seed", type=int, default=0)
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--callback-base", default="", help="reports go to BASE/<name>")
    target.add_argument("--callback-url", default="", help="reports go exactly there")
    parser.add_argument(
        "--manners", type=_manners, default=Manners(), help=f"{'|'.join(PRESETS)} or JSON"
    )
    parser.add_argument(
        "--fate",
        type=_fate,
        action="append",
        default=[],
        metavar="REGEX=FATE",
        help="what happens to the recipients that match",
    )
    parser.add_argument(
        "--share",
        type=_share,
        action="append",
        default=[],
        metavar="FATE=0.02",
        help="what happens to a share of all other recipients",
    )
    parser.add_argument("--retry-waits", type=_waits, help="seconds, comma-separated")
    parser.add_argument("--now", type=datetime.fromisoformat, help="simulated time at the start")
    parser.add_argument("--pace", type=float, default=1.0, help="simulated seconds per second")
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)


def _add_twilio(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("twilio")
    group.add_argument("--account-sid", default=credentials.TWILIO_ACCOUNT_SID)
    group.add_argument("--auth-token", default=credentials.TWILIO_AUTH_TOKEN)
    group.add_argument("--sender", action="append", default=[], help="allowed senders; any")
    group.add_argument("--progress", default="queued,sent", help="callbacks before the last")
    group.add_argument(
        "--reply",
        type=_fate,
        action="append",
        default=[],
        metavar="REGEX=TEXT",
        help="what recipients that match answer",
    )
    group.add_argument("--inbound-url", default="", help="where answers are posted")


def _add_smtp(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("smtp")
    group.add_argument("--user", default="", help="demands AUTH")
    group.add_argument("--password", default="")
    group.add_argument("--bounce-to", type=_address, metavar="HOST:PORT")
    group.add_argument("--control-port", type=int, default=0)


def _add_zalo(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("zalo")
    group.add_argument("--app-id", default=credentials.ZALO_APP_ID)
    group.add_argument("--app-secret", default=credentials.ZALO_APP_SECRET)
    group.add_argument("--access-token", default=credentials.ZALO_ACCESS_TOKEN)
    group.add_argument("--refresh-token", default=credentials.ZALO_REFRESH_TOKEN)
    group.add_argument("--token-lifetime", type=int, default=zalo_tokens.LIFETIME)
    group.add_argument("--oa-id", default=credentials.ZALO_OA_ID)
    group.add_argument("--oa-secret", default=credentials.ZALO_OA_SECRET)
    group.add_argument("--daily-quota", type=int, default=zalo.DAILY_QUOTA)
    group.add_argument("--night", action="store_true", help="refuse with -133 from 22 to 6")
    group.add_argument(
        "--template",
        type=parse_template,
        action="append",
        default=[],
        metavar="ID=NAME:MAX,…",
        help="in addition to the built-in ones",
    )


def _add_carrier(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("carrier")
    group.add_argument("--callback-secret", default=credentials.CARRIER_CALLBACK_SECRET)
    group.add_argument("--key", action="append", default=[], metavar="KID=BASE64")
    group.add_argument("--drill-key", action="append", default=[], metavar="KID=BASE64")


def _twilio(options: Options, receipts: Receipts, clock: Clock) -> Provider:
    return Twilio(
        receipts,
        clock,
        account_sid=options.account_sid,
        auth_token=options.auth_token,
        callback_url=callback_url(options, "twilio"),
        progress=tuple(filter(None, options.progress.split(","))),
        senders=options.sender,
        fates=Fates([*options.fate, *twilio.TEST_NUMBERS], options.share, options.seed),
        replies=Fates(options.reply),
        inbound_url=options.inbound_url,
        seed=options.seed,
    )


def _smtp(options: Options, receipts: Receipts, clock: Clock) -> Provider:
    return MailServer(
        receipts,
        clock,
        user=options.user,
        password=options.password,
        bounce_to=options.bounce_to,
        fates=Fates(options.fate, options.share, options.seed),
        seed=options.seed,
    )


def _zalo(options: Options, receipts: Receipts, clock: Clock) -> Provider:
    tokens = Tokens(
        clock,
        app_id=options.app_id,
        app_secret=options.app_secret,
        access_token=options.access_token,
        refresh_token=options.refresh_token,
        lifetime=options.token_lifetime,
        seed=options.seed,
    )
    return Zalo(
        receipts,
        clock,
        tokens,
        webhook_url=callback_url(options, "zalo"),
        oa_id=options.oa_id,
        oa_secret=options.oa_secret,
        templates=[*TEMPLATES, *options.template],
        daily_quota=options.daily_quota,
        night=options.night,
        fates=Fates(options.fate, options.share, options.seed),
        seed=options.seed,
    )


def _carrier(options: Options, receipts: Receipts, clock: Clock) -> Provider:
    added = [parse_key(text, drill=False) for text in options.key]
    added += [parse_key(text, drill=True) for text in options.drill_key]
    return Carrier(
        receipts,
        clock,
        callback_url=callback_url(options, "carrier"),
        callback_secret=options.callback_secret,
        keys=default_keys() | dict(added),
        fates=Fates(options.fate, options.share, options.seed),
        seed=options.seed,
    )


BUILDERS: Mapping[str, Callable[[Options, Receipts, Clock], Provider]] = {
    "twilio": _twilio,
    "smtp": _smtp,
    "zalo": _zalo,
    "carrier": _carrier,
}

#: Name → (waits before repeating a callback, header with the repetition, timeout). Twilio
#: waits 15 s and does not repeat a status callback; Zalo waits 2 s.
HABITS: Mapping[str, tuple[tuple[float, ...], str, float]] = {
    "twilio": ((), "", 15.0),
    "smtp": ((), "", 10.0),
    "zalo": (zalo.RETRY_WAITS, "num_retry", zalo.WEBHOOK_TIMEOUT),
    "carrier": (carrier.RETRY_WAITS, "", 10.0),
}


def _manners(text: str) -> Manners:
    if text in PRESETS:
        return PRESETS[text]
    changes: dict[str, Any] = json.loads(text)
    return changed(PRESETS[changes.pop("like", "good")], changes)


def _fate(text: str) -> tuple[str, str]:
    pattern, _, fate = text.rpartition("=")
    return pattern, fate


def _share(text: str) -> tuple[str, float]:
    fate, _, share = text.partition("=")
    return fate, float(share)


def _waits(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
