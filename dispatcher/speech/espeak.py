"""The eSpeak NG voice: offline, deterministic, in its own process."""

import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from types import TracebackType
from typing import IO, Literal, Self

import numpy as np

from dispatcher.speech.errors import UnknownLanguage, Unspoken, VoiceUnavailable
from dispatcher.speech.pcm import Pcm

Region = Literal["north", "central", "south"]
VOICES: dict[Region, str] = {"north": "vi", "central": "vi-vn-x-central", "south": "vi-vn-x-south"}
WORKER = (sys.executable, "-m", "dispatcher.speech.espeak_worker")
#: Seconds. Measured: nothing to say gives 0.02 s at most; of the short closed syllables "ục" has
#: 0.18 s and "hết" 0.28 s at 150 words a minute, and "ục" still 0.102 s at twice that rate.
SHORTEST_S = 0.1
_CLOSING_S = 2.0


class EspeakVoice:
    """Speaks through a worker process that is started on the first call and again after it died.

    `rate` is in words per minute, `timeout_s` bounds one utterance. Safe to share between threads:
    calls queue up.
    """

    def __init__(
        self,
        region: Region = "north",
        rate: int = 150,
        timeout_s: float = 20.0,
        worker: tuple[str, ...] = WORKER,
    ) -> None:
        self._voice = VOICES[region]
        self._rate = rate
        self._timeout_s = timeout_s
        self._command = worker
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def id(self) -> str:
        """Engine, version, voice and rate."""
        return f"espeak-ng-{version('espeakng-loader')}/{self._voice}/{self._rate}"

    def synthesise(self, words: str, lang: str) -> Pcm:
        """Speak; raises `UnknownLanguage`, `Unspoken` (less than 0.1 s of sound) or
        `VoiceUnavailable`.
        """
        name = self._voice if lang == "vi" else lang
        request = b"\0".join(
            (name.encode(), str(self._rate).encode(), words.replace("\0", " ").encode())
        )
        with self._lock:
            reply = self._exchange(request)
        return self._sound(reply)

    def close(self) -> None:
        """End the worker: it leaves when its input closes, and is killed when it does not."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _sound(self, reply: bytes) -> Pcm:
        kind, body = reply[:1], reply[1:]
        if kind == b"?":
            raise UnknownLanguage(f"eSpeak NG has no voice {body.decode()!r}")
        if kind != b"+":
            raise VoiceUnavailable(body.decode(errors="replace"))
        sound = Pcm(
            struct.unpack(">I", body[:4])[0], np.frombuffer(body[4:], "<i2").astype(np.int16)
        )
        if sound.seconds < SHORTEST_S or not sound.samples.any():
            raise Unspoken(f"only {sound.seconds:.2f} s of sound")
        return sound

    def _exchange(self, request: bytes) -> bytes:
        process = self._running()
        deadline = time.monotonic() + self._timeout_s
        try:
            stdin, stdout = _pipes(process)
            stdin.write(struct.pack(">I", len(request)) + request)
            stdin.flush()
            (length,) = struct.unpack(">I", _read(stdout, 4, deadline))
            return _read(stdout, length, deadline)
        except (OSError, EOFError) as error:
            self._stop(grace_s=0.0)
            raise VoiceUnavailable(f"the eSpeak NG worker gave no answer: {error}") from error

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = self._start()
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise VoiceUnavailable(f"the eSpeak NG worker did not start: {error}") from error

    def _stop(self, grace_s: float = _CLOSING_S) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in _pipes(process):
            try:
                pipe.close()
            except OSError:
                continue  # a broken pipe is what a dead worker leaves behind
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise EOFError("the worker has no pipes")
    return process.stdin, process.stdout


def _read(stream: IO[bytes], count: int, deadline: float) -> bytes:
    """Exactly `count` bytes before `deadline` (monotonic seconds); `TimeoutError` or `EOFError`
    otherwise.
    """
    received = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while len(received) < count:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError("timed out")
            chunk = os.read(stream.fileno(), count - len(received))
            if not chunk:
                raise EOFError("it ended")
            received += chunk
    return bytes(received)
