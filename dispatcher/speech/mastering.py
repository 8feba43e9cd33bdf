"""To the target loudness, measured on the encoded file.

Encoding alone costs about 0.4 LU and lifts peaks, and limiting costs a little more with every
decibel of gain. So gain and
ceiling are corrected by what a listener would measure, until the file itself is within tolerance
(EBU R 128 s1 for speech).
"""

from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.speech.errors import OutOfTolerance
from dispatcher.speech.limiter import limit
from dispatcher.speech.loudness import SILENT, integrated_loudness, true_peak
from dispatcher.speech.pcm import Pcm, from_signal

TARGET_LUFS = -16.0
TOLERANCE_LU = 0.5
CLOSE_ENOUGH_LU = 0.1
HIGHEST_PEAK_DBFS = -1.0
FIRST_CEILING_DBFS = -2.0
ATTEMPTS = 8


@dataclass(frozen=True)
class Codec:
    """A file format: its media type, and bytes from sound and back."""

    mime: str
    encode: Callable[[Pcm], bytes]
    decode: Callable[[bytes], Pcm]


@dataclass(frozen=True)
class Master:
    """An encoded file and what was measured on it."""

    data: bytes
    lufs: float
    peak_dbfs: float

    @property
    def error(self) -> float:
        """Loudness above the target in LU."""
        return self.lufs - TARGET_LUFS

    def within(self, tolerance: float) -> bool:
        """Whether loudness and peak are as they must be."""
        return abs(self.error) <= tolerance and self.peak_dbfs <= HIGHEST_PEAK_DBFS


def master(sound: Pcm, codec: Codec) -> Master:
    """The sound encoded at −16 LUFS ±0.5 with true peak at most −1 dBFS; `OutOfTolerance` when that
    cannot be had.
    """
    loudness = integrated_loudness(sound)
    if loudness == SILENT:
        raise OutOfTolerance("the sound is silent or shorter than 0.4 s: it has no loudness")
    gain, ceiling = TARGET_LUFS - loudness, FIRST_CEILING_DBFS
    tried: list[tuple[float, Master]] = []
    for _ in range(ATTEMPTS):
        result = _render(sound, codec, gain, ceiling)
        if result.within(CLOSE_ENOUGH_LU):
            return result
        tried.append((gain, result))
        gain -= result.error / _slope(tried)
        ceiling -= max(0.0, result.peak_dbfs - HIGHEST_PEAK_DBFS + 0.1)
    return _best([result for _, result in tried])


def _render(sound: Pcm, codec: Codec, gain_db: float, ceiling_dbfs: float) -> Master:
    louder = sound.signal() * 10 ** (gain_db / 20)
    limited = limit(louder, sound.rate, 10 ** (ceiling_dbfs / 20))
    data = codec.encode(from_signal(limited, sound.rate))
    heard = codec.decode(data)
    return Master(data, integrated_loudness(heard), true_peak(heard))


def _slope(tried: list[tuple[float, Master]]) -> float:
    """LU won per decibel of gain over the last two attempts (secant), as far as credible."""
    if len(tried) < 2:
        return 1.0
    (gain0, result0), (gain1, result1) = tried[-2:]
    if gain0 == gain1:
        return 1.0
    return min(1.0, max(0.1, (result1.lufs - result0.lufs) / (gain1 - gain0)))


def _best(results: list[Master]) -> Master:
    fit = [result for result in results if result.within(TOLERANCE_LU)]
    if not fit:
        last = results[-1]
        raise OutOfTolerance(
            f"{last.lufs:.1f} LUFS, peak {last.peak_dbfs:.1f} dBFS after {len(results)} attempts"
        )
    return min(fit, key=lambda result: abs(result.error))
