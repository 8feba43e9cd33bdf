"""The port to a speech engine."""

from typing import Protocol

from dispatcher.speech.pcm import Pcm


class Voice(Protocol):
    """An engine with one way of speaking."""

    @property
    def id(self) -> str:
        """Names engine, version and everything that changes the sound: part of the cache key."""
        ...

    def synthesise(self, words: str, lang: str) -> Pcm:
        """Speak verbalised `words` in `lang` (ISO 639-1); raises `SpeechError`."""
        ...
