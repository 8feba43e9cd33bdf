"""Settings → Runtime: the one place that wires everything. Nothing is started here."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, CurrentMessage, ShutdownNotifications, TimeLimit

from channels.loudspeaker.loa1 import DEVICE_HEADER, read_lines
from channels.loudspeaker.signing import Signers
from dispatcher.afterwards import look_back
from dispatcher.anchor import Anchoring, Place, anchor_due, watch_anchors
from dispatcher.anchor_places import Folder, Mailbox, mail_server
from dispatcher.author import Desk
from dispatcher.compare_outside import Comparison, compare_outside
from dispatcher.config import Settings, periods, roots
from dispatcher.deliver import Means, deliver
from dispatcher.domain.canonical import plain
from dispatcher.domain.kinds import Kind
from dispatcher.domain.model import Callback, Traits
from dispatcher.domain.ports import Queue
from dispatcher.domain.templates import load_messages
from dispatcher.expand import expand
from dispatcher.identity import Identity
from dispatcher.ledger import (
    areas,
    backlog,
    bulletins,
    desk,
    migrate,
    receipts,
    routes,
    speakers,
)
from dispatcher.ledger.expansions import Lot
from dispatcher.ledger.kept import Kept
from dispatcher.ledger.sealer import LEASE_MS, LogKey, Sealer
from dispatcher.ledger.speakers import Stations
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.press import Press
from dispatcher.queue import DramatiqQueue
from dispatcher.retain import retain
from dispatcher.seal import seal, watch_merge_delay
from dispatcher.settle import Settling
from dispatcher.speech.espeak import EspeakVoice
from dispatcher.studio import READERS, SpeechStudio
from dispatcher.switchboard import Switchboard, traits_table
from dispatcher.tick import Pulse, tick
from dispatcher.track import track
from dispatcher.watch import Patience

log = logging.getLogger(__name__)

#: A batch holds at most what its route can send in this many seconds.
_BATCH_S = 10.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that doors need, wired once. ``verbs``: what each bell means, by name."""

    settings: Settings
    ledger: Ledger
    queue: Queue
    broker: dramatiq.Broker
    traits: Mapping[str, Traits]
    authoring: Desk
    switchboard: Switchboard
    stations: Stations
    identity: Identity
    sealing: Callable[[], Sealer]
    anchoring: Callable[[], Anchoring]
    verbs: Mapping[str, Callable[[int], object]]
    close: Callable[[], None]

    @property
    def sealer(self) -> Sealer:
        return self.sealing()

    @property
    def kept(self) -> Kept:
        """The newest checkpoint outside the database."""
        return self.anchoring().kept

    @property
    def log_key(self) -> LogKey:
        return self.identity.log_key

    @property
    def device_signers(self) -> Signers:
        return self.identity.device_signers

    @property
    def gateway_secret(self) -> bytes:
        return self.identity.gateway_secret

    def now(self) -> int:
        """The database's clock, epoch ms."""
        with self.ledger.read() as conn:
            return desk.now(conn)


def build(settings: Settings | None = None) -> Runtime:
    """Wire an installation. Creates the data folder of an embedded one; connects to nothing."""
    chosen = settings or Settings()
    if chosen.database.startswith("sqlite"):
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
    ledger = open_ledger(chosen.database, roots(chosen))
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    broker = _broker(chosen)
    queue = DramatiqQueue(broker)
    identity = Identity(ledger.vault.secret, chosen.origin)
    clock = partial(_clock, ledger)
    stations = Stations(ledger, identity.sign, clock, partial(_heard, ledger, queue))
    board = Switchboard(ledger, stations, clock, loopback=chosen.loopback_routes)
    anchoring = cache(partial(_anchoring, chosen, ledger, identity, _places(chosen)))
    # A third of the promise for waiting, a quarter for the next look: the rest is for sealing.
    lease_ms = min(LEASE_MS, round(chosen.merge_delay_s * 1000 / 3))
    sealing = cache(lambda: Sealer(ledger, identity.log_key, holder, anchoring().kept, lease_ms))
    voice = EspeakVoice()
    traits = traits_table()
    kinds, templates = load_messages(templates_dir() / "messages")
    settling = Settling(ledger, traits, board.connect)
    patience = Patience(chosen.speaker_silence_s, chosen.answer_wait_s)
    means = Means(
        ledger,
        traits,
        board.connect,
        queue,
        Press(ledger),
        holder,
        lease_ms=round(chosen.lease_s * 1000),
    )
    return Runtime(
        settings=chosen,
        ledger=ledger,
        queue=queue,
        broker=broker,
        traits=traits,
        authoring=Desk(kinds, templates, READERS, SpeechStudio(voice)),
        switchboard=board,
        stations=stations,
        identity=identity,
        sealing=sealing,
        anchoring=anchoring,
        verbs=_verbs(
            means,
            Pulse(settling, queue, patience, holder),
            partial(watch_merge_delay, ledger, chosen.merge_delay_s),
            lambda: seal(ledger, sealing(), anchoring().kept),
            anchoring,
            partial(retain, ledger, periods(chosen), holder),
        ),
        close=partial(_close, ledger, voice, broker, board),
    )


def _broker(settings: Settings) -> dramatiq.Broker:
    """A doorbell: no retries, no results, no delays. A bell too old is a bell not needed."""
    middleware = [
        AgeLimit(max_age=60_000),
        TimeLimit(time_limit=120_000),
        ShutdownNotifications(notify_shutdown=True),
        CurrentMessage(),
    ]
    if settings.redis_url:
        return RedisBroker(  # type: ignore[no-untyped-call] # dramatiq leaves it untyped
            url=settings.redis_url,
            middleware=middleware,
            namespace="loa",
            maintenance_chance=20_000,
            socket_timeout=5,
            socket_connect_timeout=2,
        )
    return StubBroker(middleware=middleware)


def _anchoring(
    settings: Settings, ledger: Ledger, identity: Identity, places: Sequence[Place]
) -> Anchoring:
    kept = Kept(settings.checkpoints, settings.origin, identity.log_key.public)
    return Anchoring(ledger, kept, places, round(settings.anchor_age_h * 3_600_000))


def _places(settings: Settings) -> list[Place]:
    """Where checkpoints go. Raises Misconfigured for a mailbox without a way to it."""
    places: list[Place] = []
    if settings.anchor_dir:
        places.append(Folder(Path(settings.anchor_dir)))
    if settings.anchor_mail:
        server = mail_server(settings.anchor_smtp.get_secret_value())
        recipients = [each.strip() for each in settings.anchor_mail.split(",")]
        places.append(Mailbox(recipients, settings.anchor_from or recipients[0], server))
    return places


def _verbs(
    means: Means,
    pulse: Pulse,
    watching: Callable[[], None],
    sealing: Callable[[], None],
    anchoring: Callable[[], Anchoring],
    letting_go: Callable[[], object],
) -> dict[str, Callable[[int], object]]:
    outside = Comparison(lambda: compare_outside(means.ledger, anchoring().kept))

    seals = _alone([sealing])
    beats = _alone(
        [
            outside.now,
            partial(tick, pulse),
            partial(seals, 0),
            watching,
            lambda: watch_anchors(anchoring(), means.queue),
            lambda: look_back(pulse.settling, secrets.token_hex(8)),
            letting_go,
        ]
    )
    traits = pulse.settling.traits
    return {
        "expand": lambda _lane: (
            outside.lately()
            and expand(
                means.ledger, means.queue, traits, partial(_batch_size, means.ledger, traits)
            )
        ),
        "deliver": lambda lane: outside.lately() and deliver(means, lane),
        "track": lambda _lane: track(means.ledger),
        "anchor": lambda _lane: anchor_due(anchoring()),
        "tick": beats,
        "seal": seals,
    }


def _alone(steps: Sequence[Callable[[], object]]) -> Callable[[int], None]:
    """A verb that one thread at a time does: a process's threads share the name leases know."""
    one = threading.Lock()

    def verb(_lane: int) -> None:
        if not one.acquire(blocking=False):
            return
        try:
            for step in steps:
                _survive(step)
        finally:
            one.release()

    return verb


def _survive(step: Callable[[], object]) -> None:
    """Sealing must not wait for what ails the beat before it, nor the other way round."""
    try:
        step()
    except Exception:
        log.exception("part of a beat failed; the next one tries again")


def _batch_size(ledger: Ledger, traits: Mapping[str, Traits], lot: Lot, channel: str) -> int:
    """Deliveries per batch: ten seconds of the slowest usable route, at most the channel's own."""
    with ledger.read() as conn:
        usable = routes.usable(conn, ledger.vault, lot.agency_path, lot.mode)
    rates = [route.rate for route in usable if route.channel == channel]
    most = traits[channel].batch
    return max(1, min(most, int(min(rates) * _BATCH_S))) if rates else most


def _clock(ledger: Ledger) -> int:
    with ledger.read() as conn:
        return desk.now(conn)


def _heard(ledger: Ledger, queue: Queue, device: str, lines: Sequence[bytes]) -> None:
    """New lines of a device's play log: into the inbox, then the bell."""
    callback = Callback("POST", "", {DEVICE_HEADER: device}, b"\n".join(lines))
    events = read_lines(callback)
    if events:
        with ledger.begin() as conn:
            own = speakers.own_items(conn, device, {str(each.ref) for each in events})
            events = [each for each in events if str(each.ref) in own]
            receipts.store(conn, ledger.vault, None, events, callback.body, desk.now(conn))
        queue.ring("track")


def _close(ledger: Ledger, voice: EspeakVoice, broker: dramatiq.Broker, board: Switchboard) -> None:
    board.close()
    voice.close()
    broker.close()
    ledger.close()


def templates_dir() -> Path:
    """Where the wording is: beside the package in a checkout, inside it when installed."""
    package = Path(str(files("dispatcher")))
    checkout = package.parent / "templates"
    return checkout if checkout.is_dir() else package / "_templates"


def prepare(runtime: Runtime, *, kind: str = "") -> None:
    """Bring the database to its shape and fill what every installation has.

    ``kind`` marks a new database for ever: ``production``, ``demo`` or ``test``; nothing live
    leaves a database that is not marked for production.
    """
    migrate.upgrade(runtime.ledger)
    with runtime.ledger.begin() as conn:
        areas.load(conn)
        bulletins.put_kinds(conn, {code: plain(each) for code, each in _kinds(runtime).items()})
        if kind and desk.get_mark(conn, "kind") is None:
            desk.set_mark(conn, "kind", kind)
        if runtime.ledger.dialect == "sqlite":
            backlog.void_leases(conn)


def _kinds(runtime: Runtime) -> Mapping[str, Kind]:
    return runtime.authoring.kinds
