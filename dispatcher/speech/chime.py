"""The attention chime before an announcement: three struck tones, rising, computed and therefore
always the same.
"""

import numpy as np

from dispatcher.speech.pcm import Pcm, Signal, from_signal

SECONDS = 2.0
PEAK = 0.5
# G4, C5, E5: a major triad in its second inversion, heard as "attention" and not as an alarm.
# Hertz, onset in seconds.
NOTES = ((392.00, 0.0), (523.25, 0.42), (659.26, 0.84))
# Partials of a struck bar: multiple of the fundamental, amplitude, decay in seconds.
PARTIALS = ((1.0, 1.0, 0.50), (2.0, 0.35, 0.28), (3.0, 0.12, 0.16), (4.0, 0.05, 0.10))
ATTACK_S = 0.008
RELEASE_S = 0.08


def chime(rate: int) -> Pcm:
    """About two seconds of chime at `rate` hertz, peak −6 dBFS, fading to silence."""
    time = np.arange(round(SECONDS * rate)) / rate
    sound = np.zeros_like(time)
    for frequency, onset in NOTES:
        sound += _note(time - onset, frequency)
    sound *= np.minimum(1.0, (SECONDS - time) / RELEASE_S)
    return from_signal(sound * (PEAK / np.abs(sound).max()), rate)


def _note(time: Signal, frequency: float) -> Signal:
    after = np.maximum(time, 0.0)
    attack = np.minimum(1.0, after / ATTACK_S)
    tone = np.zeros_like(time)
    for multiple, amplitude, decay in PARTIALS:
        tone += (
            amplitude * np.exp(-after / decay) * np.sin(2 * np.pi * frequency * multiple * after)
        )
    return tone * attack
