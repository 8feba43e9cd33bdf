"""Where sound goes: nowhere, into WAV files, or to a sound card."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile


class Voice(Protocol):
    """One opened sound device. Blocks are float32, shape (frames, channels)."""

    def write(self, block: "np.ndarray[Any, np.dtype[np.float32]]") -> None: ...

    def finish(self) -> None:
        """Let what was written be heard, and close."""

    def silence(self) -> None:
        """Stop at once, and close."""


#: Opens a device for (name of the occurrence, frames per second, channels).
Sink = Callable[[str, int, int], Voice]


class NullVoice:
    """Plays to nobody."""

    def __init__(self, _name: str, _rate: int, _channels: int) -> None: ...

    def write(self, block: "np.ndarray[Any, np.dtype[np.float32]]") -> None: ...

    def finish(self) -> None: ...

    def silence(self) -> None: ...


class FileVoice:
    """Writes what is heard, one file for each time the device is opened."""

    def __init__(self, directory: Path, name: str, rate: int, channels: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        stem = name.replace("/", "_")
        taken = len(list(directory.glob(f"{stem}.*.wav")))
        path = directory / f"{stem}.{taken}.wav"
        self._file = soundfile.SoundFile(path, "w", rate, channels, "PCM_16")

    def write(self, block: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
        self._file.write(block)

    def finish(self) -> None:
        self._file.close()

    def silence(self) -> None:
        self._file.close()


class AlsaVoice:
    """A sound card through ``aplay``, which every Linux board has."""

    def __init__(self, _name: str, rate: int, channels: int) -> None:
        aplay = shutil.which("aplay")
        if aplay is None:
            raise OSError("aplay is not installed (package alsa-utils)")
        self._aplay = subprocess.Popen(
            [aplay, "-q", "-t", "raw", "-f", "S16_LE", "-r", str(rate), "-c", str(channels), "-"],
            stdin=subprocess.PIPE,
        )
        if self._aplay.stdin is None:
            raise OSError("aplay takes no input")
        self._pipe = self._aplay.stdin

    def write(self, block: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
        samples = (np.clip(block, -1, 1) * 32_767).astype("<i2")
        self._pipe.write(samples.tobytes())

    def finish(self) -> None:
        self._pipe.close()
        if self._aplay.wait(timeout=10) != 0:
            raise OSError(f"aplay ended with {self._aplay.returncode}")

    def silence(self) -> None:
        self._aplay.kill()
        self._aplay.wait(timeout=10)
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()


def sink_named(text: str) -> Sink:
    """``null``, ``alsa`` or ``file:DIR``. Raises ValueError."""
    kind, _, where = text.partition(":")
    if kind == "file" and where:
        return lambda name, rate, channels: FileVoice(Path(where), name, rate, channels)
    if text not in _SINKS:
        raise ValueError(f"no such sink: {text}")
    return _SINKS[text]


_SINKS: dict[str, Sink] = {"null": NullVoice, "alsa": AlsaVoice}
