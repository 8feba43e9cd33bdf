"""Integrated loudness and true peak after ITU-R BS.1770-4, for mono at any rate."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dispatcher.speech.pcm import Pcm, Signal
from dispatcher.speech.resample import peak_envelope

SILENT = float("-inf")
BLOCK_S = 0.4
STEP_S = 0.1  # 75 % overlap
ABSOLUTE_GATE = -70.0
RELATIVE_GATE = -10.0
OFFSET = -0.691
# The two K-weighting sections of BS.1770-4 as analogue prototypes, so that they hold at any rate:
# hertz, quality, decibels.
SHELF = (1681.974450955533, 0.7071752369554196, 3.999843853973347)
HIGH_PASS = (38.13547087602444, 0.5003270373238773)
_SHELF_EXPONENT = 0.4996667741545416
_TAIL_S = 0.5  # the high-pass has decayed below −200 dB


def _shelf(rate: int) -> tuple[Signal, Signal]:
    frequency, quality, gain = SHELF
    k = np.tan(np.pi * frequency / rate)
    high = 10 ** (gain / 20)
    band = high**_SHELF_EXPONENT
    zeros = np.array(
        [high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k]
    )
    poles = np.array([1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k])
    return zeros / poles[0], poles / poles[0]


def _high_pass(rate: int) -> tuple[Signal, Signal]:
    frequency, quality = HIGH_PASS
    k = np.tan(np.pi * frequency / rate)
    poles = np.array([1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k])
    return np.array([1.0, -2.0, 1.0]), poles / poles[0]


@lru_cache(maxsize=4)
def _response(rate: int, size: int) -> NDArray[np.complex128]:
    delay = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.ones(size // 2 + 1, complex)
    for zeros, poles in (_shelf(rate), _high_pass(rate)):
        response *= np.polyval(zeros[::-1], delay) / np.polyval(poles[::-1], delay)
    return response


def k_weighted(signal: Signal, rate: int) -> Signal:
    """The signal as the ear weighs it, shape (n,).

    Both sections are applied at once in the frequency domain; the padding outlasts their ringing.
    """
    size = 1 << (len(signal) + round(_TAIL_S * rate)).bit_length()
    weighted = np.fft.irfft(np.fft.rfft(signal, size) * _response(rate, size), size)
    return weighted[: len(signal)]


def _block_powers(signal: Signal, rate: int) -> Signal:
    block, step = round(BLOCK_S * rate), round(STEP_S * rate)
    total = np.concatenate(([0.0], np.cumsum(k_weighted(signal, rate) ** 2)))
    starts = np.arange(0, len(signal) - block + 1, step)
    return np.asarray((total[starts + block] - total[starts]) / block)


def _lufs(power: float) -> float:
    return OFFSET + 10 * float(np.log10(power)) if power > 0 else SILENT


def integrated_loudness(sound: Pcm) -> float:
    """Gated loudness in LUFS; minus infinity for silence and for less than one block of 0.4 s."""
    powers = _block_powers(sound.signal(), sound.rate)
    loud = powers[powers > 10 ** ((ABSOLUTE_GATE - OFFSET) / 10)]
    if not len(loud):
        return SILENT
    threshold = loud.mean() * 10 ** (RELATIVE_GATE / 10)
    return _lufs(float(loud[loud > threshold].mean()))


def true_peak(sound: Pcm) -> float:
    """Greatest magnitude between and at the samples in dBFS (four-times oversampled); minus
    infinity for silence.
    """
    peak = float(peak_envelope(sound.signal()).max(initial=0.0))
    return 20 * float(np.log10(peak)) if peak > 0 else SILENT
