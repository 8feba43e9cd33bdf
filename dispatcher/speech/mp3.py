"""MP3 for loudspeakers: 64 kbit/s mono at the engine's own rate."""

import io

import lameenc
import numpy as np
import soundfile

from dispatcher.speech.pcm import Pcm

BIT_RATE = 64  # kbit/s
QUALITY = 5  # LAME's 0 (slow) to 9: half the time of 2, the difference is not heard in speech


def encode_mp3(sound: Pcm) -> bytes:
    """A constant-bit-rate MP3 file; the same samples always give the same bytes."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(BIT_RATE)
    encoder.set_in_sample_rate(sound.rate)
    encoder.set_channels(1)
    encoder.set_quality(QUALITY)
    encoder.silence()
    return bytes(encoder.encode(sound.samples.tobytes()) + encoder.flush())


def decode_mp3(data: bytes) -> Pcm:
    """The sound of a mono MP3 file as a player hears it, encoder delay included.

    Decoded to floats and clipped at full scale, as a 16-bit sound card does.
    """
    samples, rate = soundfile.read(io.BytesIO(data), dtype="int16")
    return Pcm(int(rate), np.asarray(samples, np.int16))
