"""Making sound of approved words: the speech package behind the engine's port."""

import hashlib
import threading

from dispatcher.domain.model import Media
from dispatcher.domain.ports import SpeechFailed
from dispatcher.domain.rendition import Reader, Reading
from dispatcher.speech.errors import SpeechError
from dispatcher.speech.lint import lint
from dispatcher.speech.spoken import EXCHANGE, SPEAKER, announce, cache_key
from dispatcher.speech.verbalise import verbalise
from dispatcher.speech.voice import Voice

#: What a channel's sound is made for: loudspeakers after a chime, exchanges without, headerless.
_RECIPES = {"loudspeaker": SPEAKER, "ringback": EXCHANGE}

#: G.711 at 8 kHz; carriers take whole milliseconds (docs/carrier-orders.md).
_ALAW_BYTES_PER_MS = 8
_ALAW_SILENCE = b"\xd5"


class SpeechStudio:
    """Sounds from one voice. Words spoken once are kept for as long as the process lives."""

    def __init__(self, voice: Voice) -> None:
        self._voice, self._lock = voice, threading.Lock()
        self._made: dict[str, tuple[Media, bytes, float]] = {}

    def recipe(self, words: str, lang: str, use: str) -> str:
        return cache_key(words, self._voice.id, _RECIPES[use], lang)

    def sound(self, words: str, lang: str, use: str) -> tuple[Media, bytes, float]:
        key = self.recipe(words, lang, use)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(words, lang, use)
            return self._made[key]

    def _make(self, words: str, lang: str, use: str) -> tuple[Media, bytes, float]:
        try:
            audio = announce(words, self._voice, _RECIPES[use], lang)
        except SpeechError as error:
            raise SpeechFailed(str(error)) from error
        if use != "ringback":
            media = Media(audio.sha256, audio.mime, len(audio.data), audio.duration_ms)
            return media, audio.data, audio.lufs
        data = _whole_milliseconds(audio.data)
        digest = hashlib.sha256(data).hexdigest()
        duration = len(data) // _ALAW_BYTES_PER_MS
        return Media(digest, audio.mime, len(data), duration), data, audio.lufs


def _whole_milliseconds(codes: bytes) -> bytes:
    return codes + _ALAW_SILENCE * (-len(codes) % _ALAW_BYTES_PER_MS)


def read_vietnamese(text: str) -> Reading:
    """Written Vietnamese as it is spoken, and what in it would still have to be guessed."""
    spoken = verbalise(text)
    return Reading(spoken, tuple(f"{each.text}: {each.reason}" for each in lint(spoken)))


READERS: dict[str, Reader] = {"vi": read_vietnamese}
