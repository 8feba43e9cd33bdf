"""The few things that really plug in: the bell and the makers of sound."""

from collections.abc import Callable
from typing import Protocol

from dispatcher.domain.model import Media


class Queue(Protocol):
    """The doorbell. It carries no data: one lost is found by tick, one too many is harmless."""

    def ring(self, verb: str, lane: int = 0) -> None:
        """Say that there may be work. Never raises: the rows are the queue."""


#: Milliseconds since the epoch, UTC.
Clock = Callable[[], int]


class Studio(Protocol):
    """Makes the sound of words that are to be heard."""

    def sound(self, words: str, lang: str, use: str) -> "tuple[Media, bytes, float]":
        """(media, data, LUFS) of spoken words for ``use`` "speaker" or "telephone".

        Raises ``SpeechFailed`` when the engine cannot speak them.
        """

    def recipe(self, words: str, lang: str, use: str) -> str:
        """The content-addressed name of that sound before it is made."""


class SpeechFailed(Exception):
    """The synthesis engine could not speak a text. ``author.preview`` tells the writer."""
