"""The device program: three errands on the network, and the stage."""

import random
import secrets
import threading
import time
from collections.abc import Callable, Mapping

from dispatcher.player import errands
from dispatcher.player.cache import Cache
from dispatcher.player.clock import Clock
from dispatcher.player.config import Config
from dispatcher.player.journal import Journal
from dispatcher.player.orders import Orders
from dispatcher.player.sinks import sink_named
from dispatcher.player.stage import Stage
from dispatcher.player.store import Store
from dispatcher.player.wire import Wire

FIRMWARE = "loa-player 1"

_STEP_S = 0.05


def run(config: Config, stopping: threading.Event) -> None:
    """Be a speaker until ``stopping`` is set. Raises ValueError for a sink that does not exist."""
    sink = sink_named(config.sink)
    speed = 1.0 if config.sink == "alsa" else config.speed
    clock = Clock(lambda: time.time() + config.wall_error_s, rtc=config.rtc)
    boot = secrets.token_hex(6)
    store = Store(config.state, boot)
    journal = Journal(store, clock)
    orders = Orders(config, store, clock, journal)
    cache = Cache(config.state / "sounds")
    stage = Stage(orders, cache, store, journal, clock)
    journal.say("boot", fw=FIRMWARE)
    orders.recall()
    stage.close_cut_plays()

    def state() -> Mapping[str, object]:
        return {
            "applied": orders.seq,
            "boot": boot,
            "n": store.last_n(),
            "sync": "ok" if clock.synchronised else "never",
            "off_ms": clock.off_ms,
            "playing": stage.playing,
            "free": errands.free_bytes(config.state),
            "fw": FIRMWARE,
        }

    def wire() -> Wire:
        connected = Wire(config.url, config.device, config.key, clock)
        connected.stepped = lambda step_ms: journal.say("clock_step", step_ms=step_ms)
        return connected

    def pause() -> errands.Pause:
        return errands.Pause(stopping, random.Random())  # noqa: S311 - spreads devices in time

    downloads = errands.Downloads(wire(), orders, cache, journal)
    _start("poll", lambda: errands.poll(wire(), orders, state, pause(), stopping))
    _start("report", lambda: errands.report(wire(), store, pause(), stopping))
    _start("downloads", lambda: downloads.run(stopping))
    while not stopping.wait(_STEP_S):
        stage.step(sink, speed)
    stage.fall_silent()


def _start(name: str, errand: Callable[[], None]) -> None:
    threading.Thread(target=errand, name=name, daemon=True).start()
