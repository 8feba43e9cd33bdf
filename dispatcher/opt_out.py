"""The verb by which a person wants nothing more: on one channel or on all."""

from collections.abc import Collection

from dispatcher.domain import authority, personal
from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import AddressKind
from dispatcher.ledger import desk, opt_outs, pages, people
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def opt_out(
    ledger: Ledger,
    actor: Actor,
    kind: AddressKind,
    value: str,
    channel: str,
    how: str,
    *,
    channels: Collection[str],
) -> bool:
    """Note that an address wants nothing more on a channel, or on all (``*``); False if known.

    An address that we do not know is remembered by its keyed hash alone, for the day a list
    brings it. Routine bulletins obey when they are cut and again before they are sent;
    ``personal.heeds_opt_out`` says what does not. ``channels``: those there are.
    """
    authority.require("opt_out", actor.roles)
    personal.check_way(how)
    if channel != opt_outs.ALL and channel not in channels:
        raise BadInput(
            "unknown_channel",
            f"Kênh phải là một trong: {', '.join(channels)}, hoặc * (mọi kênh).",
            f"The channel must be one of: {', '.join(channels)}, or * (all).",
            field="channel",
        )
    canonical, _ = personal.canonical(kind, value)
    with ledger.begin() as conn:
        new, subject = _note(conn, ledger, kind, canonical, channel, how)
        if new:
            now = desk.now(conn)
            facts = {"channel": channel, "how": how}
            pages.record(conn, "opt_out", subject, actor=actor.account, at=now, facts=facts)
    return new


def _note(
    conn: Connection, ledger: Ledger, kind: AddressKind, value: str, channel: str, how: str
) -> tuple[bool, str]:
    """(whether it is new, the act's subject)."""
    now = desk.now(conn)
    known = people.find_address(conn, ledger.vault, kind, value)
    if known is not None:
        return opt_outs.add(conn, known, channel, how, now), f"address:{known}"
    digest = opt_outs.suppressed_digest(ledger.vault, kind, value)
    return opt_outs.suppress(conn, digest, channel, how, now), f"suppression:{digest.hex()[:16]}"
