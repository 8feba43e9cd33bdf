"""Sample-rate conversion and oversampling with polyphase windowed-sinc filters."""

from functools import cache
from math import gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dispatcher.speech.pcm import Pcm, Signal, from_signal

KAISER_BETA = 8.0  # stop band below −80 dB
HALF_WIDTH = 48  # zero crossings on each side: transition of 5 % of the lower rate
PASS = 0.94  # of the lower Nyquist frequency, so that the transition ends at it
OVERSAMPLING = 4  # BS.1770-4 annex 2: true peak is sought at four times the rate
PEAK_HALF_WIDTH = 12


def _windowed_sinc(times: Signal, cutoff: float, half_width: float) -> Signal:
    """Low-pass impulse response at `times` (input samples); `cutoff` relative to the input Nyquist
    frequency.
    """
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (times / half_width) ** 2, 0, None))) / np.i0(
        KAISER_BETA
    )
    response: Signal = cutoff * np.sinc(cutoff * times) * window * (np.abs(times) <= half_width)
    return response


@cache
def _phases(up: int, down: int) -> Signal:
    """One filter per output phase, shape (up, taps), each with unit gain at zero frequency."""
    cutoff = PASS * min(1.0, up / down)
    reach = int(np.ceil(HALF_WIDTH / min(1.0, up / down)))
    offsets = np.arange(-reach + 1, reach + 1, dtype=np.float64)
    filters = np.stack(
        [_windowed_sinc(offsets - phase / up, cutoff, float(reach)) for phase in range(up)]
    )
    return np.asarray(filters / filters.sum(axis=1, keepdims=True))


def resample(sound: Pcm, rate: int) -> Pcm:
    """The same sound at `rate` hertz; what lies above the new Nyquist frequency is removed."""
    if rate == sound.rate:
        return sound
    common = gcd(rate, sound.rate)
    up, down = rate // common, sound.rate // common
    return from_signal(_convert(sound.signal(), up, down), rate)


def _convert(signal: Signal, up: int, down: int) -> Signal:
    filters = _phases(up, down)
    taps = filters.shape[1]
    count = -(-len(signal) * up // down)
    windows = sliding_window_view(np.pad(signal, (taps // 2 - 1, taps)), taps)
    converted = np.empty(count)
    for first in range(min(up, count)):
        start, phase = divmod(first * down, up)
        wanted = len(range(first, count, up))
        converted[first::up] = windows[start::down][:wanted] @ filters[phase]
    return converted


@cache
def _peak_phases() -> Signal:
    offsets = np.arange(-PEAK_HALF_WIDTH + 1, PEAK_HALF_WIDTH + 1, dtype=np.float64)
    phases = [
        _windowed_sinc(offsets - phase / OVERSAMPLING, 1.0, float(PEAK_HALF_WIDTH))
        for phase in range(1, OVERSAMPLING)
    ]
    return np.stack([phase / phase.sum() for phase in phases])


def peak_envelope(signal: Signal) -> Signal:
    """For each sample the greatest magnitude of the four-times oversampled signal from it to the
    next, shape (n,).
    """
    envelope = np.abs(signal)
    if not len(signal):
        return envelope
    padded = np.pad(signal, (PEAK_HALF_WIDTH - 1, PEAK_HALF_WIDTH))
    for phase in _peak_phases():
        np.maximum(envelope, np.abs(np.convolve(padded, phase[::-1], "valid")), out=envelope)
    return envelope
