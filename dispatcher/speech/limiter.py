"""A look-ahead limiter: the gain falls before a peak comes and rises after it has gone."""

import numpy as np

from dispatcher.speech.pcm import Signal
from dispatcher.speech.resample import peak_envelope

LOOK_AHEAD_S = 0.006


def _sliding_minimum(values: Signal, width: int) -> Signal:
    """Minimum over `width` values from each on; by doubling, so that the width costs only its
    logarithm.
    """
    result = np.pad(values, (0, width), constant_values=1.0)
    covered = 1
    while covered < width:
        step = min(covered, width - covered)
        result[:-step] = np.minimum(result[:-step], result[step:])
        covered += step
    return result[: len(values)]


def limit(signal: Signal, rate: int, ceiling: float) -> Signal:
    """The signal with its true peak held at `ceiling` (linear, full scale 1).

    The needed gain is held for a window around each peak and smoothed with a Hann window of the
    same width, so the smoothed
    gain is never above the needed one.
    """
    reach = max(1, round(LOOK_AHEAD_S * rate))
    width = 2 * reach + 1
    needed = np.minimum(1.0, ceiling / np.maximum(peak_envelope(signal), 1e-12))
    held = _sliding_minimum(np.pad(needed, 2 * reach, constant_values=1.0), width)
    window = np.hanning(width + 2)[1:-1]
    gain = np.convolve(held, window / window.sum(), "valid")[: len(signal)]
    return signal * gain
