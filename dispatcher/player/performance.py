"""One occurrence being played, in a thread of its own."""

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import soundfile

from dispatcher.player.sinks import Sink, Voice

#: An order to stop is obeyed between blocks.
_BLOCK_S = 0.1


@dataclass(frozen=True, slots=True)
class Score:
    """What to play and how; ``start_ms``: where in the whole to begin (after an interruption)."""

    name: str
    sound: Path
    repeat: int
    gap_s: float
    volume: int
    start_ms: int = 0


class Performance:
    """Plays a score into a sink, ``speed`` times faster than life."""

    def __init__(self, score: Score, sink: Sink, speed: float) -> None:
        self.score = score
        self.played_ms = score.start_ms
        self.fault = ""
        self._sink = sink
        self._speed = speed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._perform, name="performance", daemon=True)

    @property
    def sounding(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Fall silent, and return once it is silent."""
        self._stop.set()
        self._thread.join()

    def _perform(self) -> None:
        try:
            with soundfile.SoundFile(self.score.sound) as sound:
                voice = self._sink(self.score.name, sound.samplerate, sound.channels)
                try:
                    self._soundings(sound, voice)
                finally:
                    _close(voice, at_once=self._stop.is_set())
        except (OSError, subprocess.SubprocessError, soundfile.LibsndfileError) as error:
            self.fault = str(error) or repr(error)

    def _soundings(self, sound: soundfile.SoundFile, voice: Voice) -> None:
        once_ms = max(1, round(sound.frames / sound.samplerate * 1000))
        first, within_ms = divmod(self.score.start_ms, once_ms)
        for number in range(first, self.score.repeat):
            if number > first and self._stop.wait(self.score.gap_s / self._speed):
                return
            self._sounding(sound, voice, number * once_ms, within_ms if number == first else 0)

    def _sounding(
        self, sound: soundfile.SoundFile, voice: Voice, base_ms: int, skip_ms: int
    ) -> None:
        sound.seek(skip_ms * sound.samplerate // 1000)
        began = time.monotonic()
        heard = 0
        for block in sound.blocks(
            int(sound.samplerate * _BLOCK_S), dtype="float32", always_2d=True
        ):
            voice.write(block * (self.score.volume / 100))
            heard += len(block)
            ends = began + heard / sound.samplerate / self._speed
            if self._stop.wait(max(0.0, ends - time.monotonic())):
                return
            self.played_ms = base_ms + skip_ms + round(heard / sound.samplerate * 1000)


def _close(voice: Voice, *, at_once: bool) -> None:
    if at_once:
        voice.silence()
    else:
        voice.finish()
