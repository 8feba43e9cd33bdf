"""What sounds now: begins what is due, lets an emergency cut in, obeys cancels, notes the end."""

from dataclasses import dataclass, replace

from dispatcher.player.cache import Cache
from dispatcher.player.clock import Clock
from dispatcher.player.journal import Journal, never_begun
from dispatcher.player.manifest import Item, Manifest, Occurrence
from dispatcher.player.orders import Order, Orders
from dispatcher.player.performance import Performance, Score
from dispatcher.player.schedule import Moment, due, given_up, remaining
from dispatcher.player.sinks import Sink
from dispatcher.player.store import Begun, Store

#: How often what was heard so far is written down, in case the power goes.
_PROGRESS_MS = 2000


@dataclass(frozen=True, slots=True)
class Sounding:
    """What is being played, and its record so far."""

    item: Item
    begun: Begun
    performance: Performance


class Stage:
    """At most one performance at a time. ``step`` is called twenty times a second."""

    def __init__(
        self, orders: Orders, cache: Cache, store: Store, journal: Journal, clock: Clock
    ) -> None:
        self._orders = orders
        self._cache = cache
        self._store = store
        self._journal = journal
        self._clock = clock
        self._over = store.over()
        self._interrupted: dict[str, int] = {}
        self._sounding: Sounding | None = None
        self._noted_ms = 0

    @property
    def playing(self) -> str | None:
        """The occurrence that sounds."""
        return self._sounding.begun.occ if self._sounding else None

    def close_cut_plays(self) -> None:
        """Once, at start: whatever was sounding when the power went has ended. It is not begun
        again; what an occurrence lost, the next one brings."""
        for begun in self._store.unfinished():
            self._journal.end(begun, "end", self._left(begun.item), "power")

    def step(self, sink: Sink, speed: float) -> None:
        self._note_progress()
        order = self._orders.current
        if order is None:
            return
        self._obey_cancels(order.manifest)
        moment = self._moment(order)
        self._give_up(order.manifest, moment)
        for item, play in due(order.manifest, moment):
            if not self._cache.has(item.sha256):
                continue
            if self._may_begin(item) and self._cache.intact(item.sha256):
                self._preempt()
                self._begin(item, play, sink, speed)
            return

    def fall_silent(self) -> None:
        """The program is told to end."""
        if self._sounding is not None:
            self._end(self._sounding, "end", "shutdown")

    def _moment(self, order: Order) -> Moment:
        now = self._clock.now() if self._clock.synchronised else None
        age = None if order.received is None else self._clock.monotonic() - order.received
        age_ms = None if age is None else round(age * 1000)
        return Moment(now, age_ms, self._over, self._interrupted)

    def _may_begin(self, item: Item) -> bool:
        """Only an emergency interrupts, and it does not interrupt another."""
        sounding = self._sounding
        return sounding is None or (item.emergency and not sounding.item.emergency)

    def _preempt(self) -> None:
        if self._sounding is None:
            return
        item, performance = self._sounding.item, self._sounding.performance
        performance.stop()
        if item.on_preempt != "drop":
            resumes = item.on_preempt == "resume"
            self._interrupted[performance.score.name] = performance.played_ms if resumes else 0
        self._end(self._sounding, "preempted", item.on_preempt)

    def _begin(self, item: Item, play: Occurrence, sink: Sink, speed: float) -> None:
        again = play.occ in self._interrupted
        score = Score(
            play.occ,
            self._cache.path(item.sha256),
            item.repeat,
            item.gap_s,
            100 if item.emergency else item.volume,
            self._interrupted.pop(play.occ, 0),
        )
        begun = never_begun(item, play)
        self._over.add(play.occ)
        self._journal.begin(begun, "resumed" if again else "start", self._left(item.id))
        performance = Performance(score, sink, speed)
        self._sounding, self._noted_ms = Sounding(item, begun, performance), 0
        performance.start()

    def _note_progress(self) -> None:
        if self._sounding is None:
            return
        begun, performance = self._sounding.begun, self._sounding.performance
        if not performance.sounding:
            self._end(self._sounding, "fault" if performance.fault else "end", performance.fault)
        elif performance.played_ms - self._noted_ms >= _PROGRESS_MS:
            self._noted_ms = performance.played_ms
            self._store.progress(begun.occ, performance.played_ms)

    def _obey_cancels(self, manifest: Manifest) -> None:
        if self._sounding and manifest.cancelled.get(self._sounding.item.id):
            self._end(self._sounding, "cancelled", "")

    def _end(self, sounding: Sounding, word: str, reason: str) -> None:
        """What sounds has ended, or ends now."""
        sounding.performance.stop()
        ended = replace(sounding.begun, played_ms=sounding.performance.played_ms)
        self._journal.end(ended, word, self._left(ended.item), reason)
        self._sounding = None

    def _give_up(self, manifest: Manifest, moment: Moment) -> None:
        for word, item, play in given_up(manifest, moment):
            if play.occ == self.playing:
                continue
            self._interrupted.pop(play.occ, None)
            self._over.add(play.occ)
            self._journal.end(never_begun(item, play), word, self._left(item.id))

    def _left(self, item_id: str) -> int:
        order = self._orders.current
        over = self._over - self._interrupted.keys()
        return remaining(order.manifest, item_id, over) if order else 0
