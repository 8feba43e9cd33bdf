"""Levels, codecs and filters against published values and plain formulas."""

import struct

import numpy as np
import pytest

from dispatcher.speech.alaw import (
    decode_alaw,
    decode_alaw_wav,
    encode_alaw,
    encode_alaw_wav,
)
from dispatcher.speech.chime import chime
from dispatcher.speech.limiter import limit
from dispatcher.speech.loudness import SILENT, integrated_loudness, true_peak
from dispatcher.speech.mp3 import decode_mp3, encode_mp3
from dispatcher.speech.pcm import Pcm, Signal, from_signal, join, repeat, silence
from dispatcher.speech.resample import resample

RATES = (8000, 22050, 48000)
# EBU Tech 3341 §2.9, stereo tones: seconds and dBFS. One channel alone is
# 3.01 LU softer, so it gets that much more.
LOUDNESS_CASES = {
    "1": ([(20, -23)], -23.0),
    "2": ([(20, -33)], -33.0),
    "3": ([(10, -36), (60, -23), (10, -36)], -23.0),
    "4": ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    "5": ([(20, -26), (20.1, -20), (20, -26)], -23.0),
}
# EBU Tech 3341 §2.9, cases 15 to 19: divisor of the rate, phase in degrees, amplitude, dBTP.
PEAK_CASES = [(4, 0, 0.5, -6.0), (4, 45, 0.5, -6.0), (6, 60, 0.5, -6.0), (8, 67.5, 0.5, -6.0)]


def tone(
    rate: int, seconds: float, frequency: float, amplitude: float, degrees: float = 0
) -> Signal:
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(amplitude * np.sin(2 * np.pi * frequency * time + np.radians(degrees)))


def level(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", LOUDNESS_CASES)
def test_loudness_is_that_of_ebu_tech_3341(case: str, rate: int) -> None:
    segments, expected = LOUDNESS_CASES[case]
    parts = [from_signal(tone(rate, s, 1000, level(db + 3.01)), rate) for s, db in segments]
    assert integrated_loudness(join(parts)) == pytest.approx(expected, abs=0.1)


def test_a_full_scale_tone_of_997_hz_is_minus_3_01_lufs() -> None:
    sound = from_signal(tone(48000, 5, 997, 1.0), 48000)
    assert integrated_loudness(sound) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("sound", [silence(3, 8000), silence(0, 8000), silence(0.2, 8000)])
def test_silence_has_no_loudness_and_no_peak(sound: Pcm) -> None:
    assert integrated_loudness(sound) == true_peak(sound) == SILENT


@pytest.mark.parametrize(("divisor", "degrees", "amplitude", "expected"), PEAK_CASES)
def test_true_peak_is_that_of_ebu_tech_3341(
    divisor: int, degrees: float, amplitude: float, expected: float
) -> None:
    # Faded in and out: a tone that starts at full height really has a higher peak there.
    signal = tone(48000, 1, 48000 / divisor, amplitude, degrees) * np.hanning(48000) ** 0.1
    measured = true_peak(from_signal(signal, 48000))
    assert expected - 0.4 <= measured <= expected + 0.2


def test_true_peak_sees_between_the_samples() -> None:
    sound = from_signal(tone(48000, 1, 12000, 1.41, 45), 48000)
    assert np.abs(sound.signal()).max() < 1.0
    assert true_peak(sound) == pytest.approx(20 * np.log10(1.41), abs=0.2)


@pytest.mark.parametrize("rate", RATES)
def test_the_limiter_holds_the_true_peak(rate: int) -> None:
    noise = np.random.default_rng(7).normal(0, 0.4, rate * 2)
    limited = from_signal(limit(noise, rate, level(-2)), rate)
    assert true_peak(limited) <= -1.8


def test_the_limiter_leaves_what_is_below_the_ceiling() -> None:
    quiet = tone(22050, 1, 440, 0.3)
    assert np.array_equal(limit(quiet, 22050, 0.5), quiet)


def test_the_limiter_is_over_soon_after_a_peak() -> None:
    signal = tone(22050, 1, 440, 0.3)
    signal[11025] = 1.0
    limited = limit(signal, 22050, 0.5)
    touched = np.flatnonzero(np.abs(limited - signal) > 1e-9)
    assert np.abs(touched - 11025).max() <= 0.015 * 22050


def test_resampling_keeps_the_telephone_band() -> None:
    converted = resample(from_signal(tone(22050, 1, 1000, 0.5), 22050), 8000)
    expected = tone(8000, 1, 1000, 0.5)
    inner = slice(400, -400)
    assert len(converted.samples) == 8000
    assert np.abs(converted.signal()[inner] - expected[inner]).max() < 0.001


@pytest.mark.parametrize("frequency", [4200, 5000, 9000])
def test_resampling_removes_what_would_fold_back(frequency: float) -> None:
    converted = resample(from_signal(tone(22050, 1, frequency, 0.9), 22050), 8000)
    assert np.abs(converted.signal()[400:-400]).max() < level(-60)


@pytest.mark.parametrize("rate", [16000, 24000, 44100])
def test_every_rate_of_an_engine_can_be_brought_to_the_telephone(rate: int) -> None:
    assert resample(silence(0.5, rate), 8000).seconds == pytest.approx(0.5, abs=0.001)


def g711(sample: int) -> int:
    """A-law of one 16-bit sample, word for word after ITU-T G.711 table 1a (13-bit magnitude)."""
    magnitude = sample // 8 if sample >= 0 else -(sample // 8) - 1
    segment = 0
    while segment < 7 and magnitude >= 32 << segment:
        segment += 1
    step = magnitude // 2 if segment == 0 else magnitude // (1 << segment)
    return ((0x80 if sample >= 0 else 0) + 16 * segment + step % 16) ^ 0x55


def test_a_law_is_bit_exact_for_every_sample() -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    assert encode_alaw(Pcm(8000, samples)) == bytes(g711(int(sample)) for sample in samples)


def test_a_law_decodes_to_the_value_that_encodes_to_it() -> None:
    codes = bytes(range(256))
    assert encode_alaw(decode_alaw(codes)) == codes


def test_a_law_silence_is_the_idle_code_of_an_exchange() -> None:
    assert encode_alaw(silence(0.01, 8000)) == b"\xd5" * 80


@pytest.mark.parametrize("count", [800, 801])
def test_an_a_law_wav_says_what_it_is(count: int) -> None:
    data = encode_alaw_wav(Pcm(8000, np.zeros(count, np.int16)))
    form, channels, rate, speed, align, bits = struct.unpack_from("<HHIIHH", data, 20)
    assert (form, channels, rate, speed, align, bits) == (6, 1, 8000, 8000, 1, 8)
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert len(data) % 2 == 0
    assert len(decode_alaw_wav(data).samples) == count


def test_another_wav_is_refused() -> None:
    with pytest.raises(ValueError, match="A-law"):
        decode_alaw_wav(b"RIFF" + bytes(40))


def test_an_mp3_has_64_kbit_a_second_and_the_same_bytes_each_time() -> None:
    sound = from_signal(tone(22050, 10, 440, 0.3), 22050)
    data = encode_mp3(sound)
    assert len(data) * 8 / 10 == pytest.approx(64_000, rel=0.02)
    assert data == encode_mp3(sound)
    assert decode_mp3(data).seconds == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize("rate", RATES)
def test_the_chime_is_two_seconds_without_a_click(rate: int) -> None:
    sound = chime(rate)
    assert sound.seconds == pytest.approx(2.0, abs=0.001)
    assert -7 < true_peak(sound) < -5
    assert np.abs(sound.signal()[[0, -1]]).max() < 0.001


def test_the_chime_is_always_the_same() -> None:
    assert np.array_equal(chime(22050).samples, chime(22050).samples)


def test_a_repetition_has_the_gap_between_and_not_after() -> None:
    sound = Pcm(10, np.ones(5, np.int16))
    assert repeat(sound, 2, 0.3).samples.tolist() == [1] * 5 + [0] * 3 + [1] * 5


def test_sounds_of_different_rates_are_not_joined() -> None:
    with pytest.raises(ValueError, match="rates"):
        join([silence(1, 8000), silence(1, 22050)])
