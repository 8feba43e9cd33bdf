"""Sound in memory: 16-bit mono samples at a rate, and the few things done with them before
mastering.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Signal = NDArray[np.float64]
FULL_SCALE = 32768.0


@dataclass(frozen=True, eq=False)
class Pcm:
    """Mono sound: `rate` in hertz, `samples` int16 of shape (n,)."""

    rate: int
    samples: Samples

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return len(self.samples) / self.rate

    def signal(self) -> Signal:
        """The samples as floats of shape (n,), full scale ±1."""
        return self.samples.astype(np.float64) / FULL_SCALE


def from_signal(signal: Signal, rate: int) -> Pcm:
    """Round floats of full scale ±1 to 16 bits, clipping what exceeds them."""
    scaled = np.clip(np.rint(signal * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return Pcm(rate, scaled.astype(np.int16))


def silence(seconds: float, rate: int) -> Pcm:
    """Digital silence of the given length."""
    return Pcm(rate, np.zeros(round(seconds * rate), np.int16))


def join(parts: Sequence[Pcm]) -> Pcm:
    """Parts one after the other; `ValueError` when there are none or their rates differ."""
    rates = {part.rate for part in parts}
    if len(rates) != 1:
        raise ValueError(f"cannot join sounds of rates {sorted(rates)}")
    return Pcm(rates.pop(), np.concatenate([part.samples for part in parts]))


def repeat(sound: Pcm, times: int, gap_s: float) -> Pcm:
    """The sound `times` times with `gap_s` seconds of silence between; `ValueError` below one."""
    if times < 1:
        raise ValueError(f"a sound cannot be repeated {times} times")
    return join([sound, *[silence(gap_s, sound.rate), sound] * (times - 1)])
