"""eSpeak NG in a process of its own: `python -m dispatcher.speech.espeak_worker`.

eSpeak NG is GPL-3 and a process-wide singleton, so it stays out of the engine's process and this
script imports nothing of
ours. Every utterance is spoken by a fresh fork: repeated calls in one process give different sound,
forks give the same bits.

Protocol, both ways: 4-byte big-endian length, then that many bytes.
Request: `voice NUL rate NUL words`, UTF-8. Reply: `+`, 4-byte sample rate, 16-bit little-endian
samples; or `-` and a message;
or `?` when there is no such voice. The script ends when its standard input does.
"""

import ctypes
import os
import signal
import struct
import sys
from typing import BinaryIO, NoReturn

SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: sound goes to the callback, no threads are started
RATE_PARAMETER = 1  # espeak_PARAMETER: words per minute
UTF8 = 1
LONGEST_UTTERANCE_S = (
    60  # a fork that hangs is killed by its alarm even when nobody is left to kill it
)
PR_SET_PDEATHSIG = 1

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Engine:
    """The loaded library and its sample rate."""

    def __init__(self) -> None:
        import espeakng_loader

        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        self.library.espeak_Initialize.argtypes = [
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
        ]
        self.library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self.rate: int = self.library.espeak_Initialize(
            SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0
        )
        if self.rate <= 0:
            raise SystemExit("eSpeak NG could not be initialised")

    def speak(self, voice: bytes, words_per_minute: int, words: bytes) -> bytes:
        """The reply for one utterance; call it in a fork only."""
        if self.library.espeak_SetVoiceByName(voice) != 0:
            return b"?" + voice
        self.library.espeak_SetParameter(RATE_PARAMETER, words_per_minute, 0)
        sound = bytearray()

        def collect(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: object) -> int:
            if samples and count > 0:
                sound.extend(ctypes.string_at(samples, count * 2))
            return 0

        callback = _Callback(collect)
        self.library.espeak_SetSynthCallback(callback)
        self.library.espeak_Synth(words + b"\0", len(words) + 1, 0, 1, 0, UTF8, None, None)
        self.library.espeak_Synchronize()
        return b"+" + struct.pack(">I", self.rate) + bytes(sound)


def read_frame(stream: BinaryIO) -> bytes | None:
    """One frame, or None when the stream ends."""
    header = stream.read(4)
    if len(header) < 4:
        return None
    return stream.read(struct.unpack(">I", header)[0])


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """One frame, flushed."""
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def _speak_in_fork(engine: Engine, request: bytes) -> bytes:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(engine, request, write_end)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        reply = pipe.read()
    _, status = os.waitpid(child, 0)
    return reply if status == 0 else b"-the synthesis ended with status %d" % status


def _be_the_child(engine: Engine, request: bytes, write_end: int) -> NoReturn:
    status = 1
    try:
        signal.alarm(LONGEST_UTTERANCE_S)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        voice, rate, words = request.split(b"\0", 2)
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(engine.speak(voice, int(rate), words))
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    """Answer requests until standard input ends."""
    engine = Engine()
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the parent, which then closes our input
    while (request := read_frame(sys.stdin.buffer)) is not None:
        write_frame(sys.stdout.buffer, _speak_in_fork(engine, request))


if __name__ == "__main__":
    main()
