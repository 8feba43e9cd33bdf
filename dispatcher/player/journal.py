"""The play log as the rest of the program writes it: words and facts, stamped here."""

from collections.abc import Mapping

from dispatcher.player.clock import Clock
from dispatcher.player.manifest import Item, Occurrence
from dispatcher.player.store import Begun, Store


class Journal:
    """Stamps lines with both clocks and keeps them in the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def say(self, word: str, **facts: object) -> None:
        """A line about the device itself or about an item."""
        self._store.log(self._line(word, facts))

    def begin(self, begun: Begun, word: str, left: int) -> None:
        self._store.begin(begun, self._line(word, {**_facts(begun), "left": left}))

    def end(self, begun: Begun, word: str, left: int, reason: str = "") -> None:
        facts = {**_facts(begun), "played_ms": begun.played_ms, "left": left}
        self._store.close_play(
            begun, self._line(word, facts | ({"reason": reason} if reason else {}))
        )

    def _line(self, word: str, facts: Mapping[str, object]) -> Mapping[str, object]:
        return {
            "mono": round(self._clock.monotonic() * 1000),
            "wall": self._clock.now(),
            "off": self._clock.off_ms,
            "sync": "ok" if self._clock.synchronised else "never",
            "t": word,
            **facts,
        }


def never_begun(item: Item, play: Occurrence) -> Begun:
    """The record of an occurrence that was given up."""
    return Begun(play.occ, item.id, item.rev, item.sha256, item.repeat * item.ms, 0)


def _facts(begun: Begun) -> dict[str, object]:
    return {
        "item": begun.item,
        "rev": begun.rev,
        "occ": begun.occ,
        "sha": begun.sha,
        "of_ms": begun.of_ms,
    }
