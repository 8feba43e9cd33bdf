"""``loa demo``: everything embedded, one night, then a page to look at."""

import logging
import secrets
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from dispatcher import bootstrap
from dispatcher.bootstrap import Runtime
from dispatcher.config import Settings
from dispatcher.demo import night, show
from dispatcher.demo.clusters import Clusters
from dispatcher.demo.night import Counts
from dispatcher.demo.providers import Providers, connect
from dispatcher.demo.world import HEADS, World, make
from dispatcher.domain.status import Status
from dispatcher.engine import Embedded
from dispatcher.ledger.verifying.findings import Report
from dispatcher.ledger.verifying.verify import verify
from dispatcher.web import tickets

#: How long an unanswered call and a silent cluster may last before they are named, in seconds.
_ANSWER_S, _SILENCE_S = 8.0, 6.0

#: Seconds the first SMS provider is out of order, once this many messages have gone.
_OUTAGE_S, _OUTAGE_AFTER = 60.0, 250


@dataclass(frozen=True, slots=True)
class Result:
    """What the night came to. ``good``: totals add up, nothing is open, the log is true."""

    dispatch: int
    seconds: float
    channels: Mapping[str, Mapping[str, Any]]
    entries: int
    verified: bool
    alarms: tuple[str, ...]
    good: bool
    address: str

    def to_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return {
            "dispatch": self.dispatch,
            "seconds": round(self.seconds, 1),
            "channels": self.channels,
            "ledger": {"entries": self.entries, "verified": self.verified},
        }


@dataclass
class Demo:
    """One run. ``console`` is where a person looks; quiet for programs."""

    console: Console
    port: int = 0
    seed: int = 20261122
    _parts: list[Any] = field(default_factory=list)

    def run(self, *, stay: bool) -> Result:
        """Play the night; with ``stay`` serve its page until Ctrl-C."""
        logging.getLogger("dispatcher").setLevel(logging.ERROR)
        with tempfile.TemporaryDirectory(prefix="loa-demo-") as folder:
            runtime = bootstrap.build(_settings(Path(folder), self.port))
            bootstrap.prepare(runtime, kind="demo")
            with Embedded(runtime):
                world = make(runtime, self.seed)
                providers = Providers(runtime, world.author.agency)
                clusters = None
                try:
                    connect(providers, HEADS[0])
                    clusters = self._loudspeakers(runtime, Path(folder), world)
                    result = self._night(runtime, world, providers)
                    self._conclude(result, stay=stay)
                finally:
                    if clusters:
                        clusters.stop()
                    providers.stop()
        return result

    def _loudspeakers(self, runtime: Runtime, folder: Path, world: World) -> Clusters:
        """The third cluster never answers; the first is the reference player and really plays."""
        silent = world.speakers[2][0]
        self.console.print(
            f"Một xã, {len(world.speakers)} cụm loa ({silent} sẽ im lặng), nhà cung cấp mô phỏng."
        )
        return Clusters(runtime, folder / "devices", world.speakers, silent)

    def _night(self, runtime: Runtime, world: World, providers: Providers) -> Result:
        began = time.monotonic()
        evacuation = night.prepare_act(runtime, world, "evacuation")
        self.console.print(show.headline(evacuation.sentence))
        first = night.start(runtime, world, evacuation)
        self._follow(runtime, first, providers)
        told = night.alarms(runtime, first)
        for words in told:
            self.console.print(f"  ⚠ {words}", style="yellow")
        ending = night.prepare_act(runtime, world, "evacuation_end", relates_to=evacuation.bulletin)
        self.console.print(show.headline(f"Kết thúc sơ tán. {ending.sentence}"))
        second = night.start(runtime, world, ending)
        self._watch(runtime, second, "Tin kết thúc sơ tán", limit_s=30)
        return self._judge(runtime, world, (first, second), told, began)

    def _follow(self, runtime: Runtime, dispatch: int, providers: Providers) -> None:
        """The first dispatch: in the middle of it the main SMS provider breaks down."""
        self._watch(
            runtime, dispatch, "Lệnh sơ tán", limit_s=15,
            enough=lambda table: _taken(table, "sms") >= _OUTAGE_AFTER,
        )  # fmt: skip
        providers.fail("sms-a", _OUTAGE_S)
        self.console.print(
            "  ⚠ Nhà cung cấp SMS chính ngừng trả lời; việc gửi tiếp tục", style="red"
        )
        self._watch(runtime, dispatch, "Lệnh sơ tán", limit_s=40)
        self._watch(
            runtime, dispatch, "Lệnh sơ tán", limit_s=_ANSWER_S + 12,
            enough=lambda table: table["sms"][Status.SEEN] > 0
            and len(night.alarms(runtime, dispatch)) == _ALARMS,
        )  # fmt: skip

    def _watch(
        self, runtime: Runtime, dispatch: int, title: str, *, limit_s: float, enough: Any = None
    ) -> Counts:
        with Live(console=self.console, refresh_per_second=8, transient=True) as live:
            return night.play(
                runtime,
                dispatch,
                lambda table: live.update(show.progress(title, table, runtime.traits)),
                enough or night.quiet(silent=1),
                limit_s=limit_s,
            )

    def _judge(
        self,
        runtime: Runtime,
        world: World,
        numbers: tuple[int, int],
        told: list[str],
        began: float,
    ) -> Result:
        first, second = numbers
        _until_settled(runtime, first)
        table, ending = night.counts(runtime, first), night.counts(runtime, second)
        self.console.print(show.grid("\nLệnh sơ tán, sau khi kết thúc", table, runtime.traits))
        self.console.print(show.grid("\nTin kết thúc sơ tán", ending, runtime.traits))
        report = _verified(runtime)
        words = "đúng toàn bộ" if report.verified else f"SAI: {report.findings[:3]}"
        self.console.print(f"\nSổ nhật ký: {show.number(report.entries)} mục, {words}.")
        return Result(
            dispatch=first,
            seconds=time.monotonic() - began,
            channels={name: _row(runtime, name, table[name]) for name in night.CHANNELS},
            entries=report.entries,
            verified=report.verified,
            alarms=tuple(told),
            good=report.verified and _adds_up(table) and len(told) >= _ALARMS,
            address=_address(runtime, world.author.account, first),
        )

    def _conclude(self, result: Result, *, stay: bool) -> None:
        self.console.print("\nTrang theo dõi (mở được một lần, trong một giờ):")
        self.console.print(result.address, style="bold", soft_wrap=True)
        if stay:
            self.console.print("Nhấn Ctrl-C để kết thúc.")
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                self.console.print("Đã kết thúc.")


#: Alarms that the story must raise: the failing route, the silent cluster, the silent head.
_ALARMS = 3


def _settings(folder: Path, port: int) -> Settings:
    chosen = port or _free_port()
    return Settings(
        data_dir=folder,
        database_url="",
        redis_url="",
        port=chosen,
        public_url=f"http://127.0.0.1:{chosen}",
        origin="loa.demo/log",
        loopback_routes=True,
        speaker_silence_s=_SILENCE_S,
        answer_wait_s=_ANSWER_S,
        tick_s=0.25,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _taken(table: Counts, channel: str) -> int:
    row = table.get(channel)
    return row[Status.ACCEPTED] + row[Status.DELIVERED] if row else 0


def _until_settled(runtime: Runtime, dispatch: int, limit_s: float = 20.0) -> None:
    """The first dispatch is called off by the second: wait until nothing of it is open."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        table = night.counts(runtime, dispatch)
        if not any(row[Status.PENDING] or row[Status.SENDING] for row in table.values()):
            return
        time.sleep(0.25)


def _address(runtime: Runtime, account: int, dispatch: int) -> str:
    """A link that signs in once, for an hour."""
    nonce = secrets.token_bytes(16)
    ticket = tickets.issue(runtime.gateway_secret, account, runtime.now(), nonce)
    return tickets.link(runtime.settings.public_url, ticket, dispatch)


def _verified(runtime: Runtime) -> Report:
    while runtime.sealer.seal():
        pass
    return verify(runtime.ledger, public_key=runtime.log_key.public, origin=runtime.log_key.origin)


def _row(runtime: Runtime, channel: str, row: Mapping[Status, int]) -> dict[str, Any]:
    statuses = {status.word: row[status] for status in show.WORDS}
    unit = runtime.traits[channel].unit.value
    return {"total": sum(row.values()), **statuses, "unit": unit}


def _adds_up(table: Counts) -> bool:
    """Everybody is accounted for on every channel, and nothing is open."""
    return set(table) == set(night.CHANNELS) and all(
        sum(row.values()) > 0 and not row[Status.PENDING] and not row[Status.SENDING]
        for row in table.values()
    )
