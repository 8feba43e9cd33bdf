"""G.711 A-law at 8 kHz, as exchanges and carriers play it."""

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dispatcher.speech.pcm import Pcm
from dispatcher.speech.resample import resample

RATE = 8000
FORMAT_ALAW = 6  # WAVE_FORMAT_ALAW, RFC 2361
_EVEN_BITS = 0x55  # G.711: every second bit is inverted on the line


@cache
def _encoding() -> NDArray[np.uint8]:
    """The code of each 16-bit sample, indexed by the sample as unsigned, shape (65536,)."""
    linear = (
        np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32) >> 3
    )  # 13 bits, as G.711 defines it
    magnitude = np.where(linear < 0, -linear - 1, linear)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = (magnitude >> np.maximum(segment, 1)) & 0x0F
    sign = np.where(linear < 0, 0, 0x80)
    return np.asarray((sign | segment << 4 | mantissa) ^ _EVEN_BITS, np.uint8)


@cache
def _decoding() -> NDArray[np.int16]:
    """The 16-bit sample in the middle of each code's interval, shape (256,)."""
    code = np.arange(256) ^ _EVEN_BITS
    segment, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = np.where(
        segment == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(segment - 1, 0)
    )
    return np.asarray(np.where(code & 0x80, magnitude, -magnitude), np.int16)


def encode_alaw(sound: Pcm) -> bytes:
    """Headerless A-law at 8 kHz, one byte a sample: the form RTP and exchanges stream."""
    return _encoding()[resample(sound, RATE).samples.view(np.uint16)].tobytes()


def decode_alaw(codes: bytes) -> Pcm:
    """The sound of headerless A-law at 8 kHz."""
    return Pcm(RATE, _decoding()[np.frombuffer(codes, np.uint8)])


def encode_alaw_wav(sound: Pcm) -> bytes:
    """A-law at 8 kHz in a WAV file with `fact` chunk, 58 bytes of header."""
    return wav(encode_alaw(sound))


def wav(codes: bytes) -> bytes:
    """A WAV file around headerless A-law at 8 kHz."""
    padding = b"\0" * (len(codes) % 2)
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, FORMAT_ALAW, 1, RATE, RATE, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, len(codes))
    data = struct.pack("<4sI", b"data", len(codes)) + codes + padding
    body = b"WAVE" + form + fact + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def decode_alaw_wav(data: bytes) -> Pcm:
    """The sound of an A-law WAV file; `ValueError` when it is not one at 8 kHz mono."""
    chunks = _chunks(data)
    if chunks.get(b"fmt ", b"")[:8] != struct.pack("<HHI", FORMAT_ALAW, 1, RATE):
        raise ValueError("not an 8 kHz mono A-law WAV file")
    return decode_alaw(chunks[b"data"])


def _chunks(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        found[name] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return found
