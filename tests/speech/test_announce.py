"""What is approved is what is heard, and it is as loud as it should be."""

import hashlib

import numpy as np
import pytest

from dispatcher.speech.alaw import decode_alaw, decode_alaw_wav
from dispatcher.speech.errors import OutOfTolerance, Unspoken
from dispatcher.speech.espeak import EspeakVoice
from dispatcher.speech.loudness import integrated_loudness, true_peak
from dispatcher.speech.mp3 import decode_mp3
from dispatcher.speech.pcm import Pcm, Signal, silence
from dispatcher.speech.resample import resample
from dispatcher.speech.sentences import LONGEST, utterances
from dispatcher.speech.spoken import (
    EXCHANGE,
    SPEAKER,
    TELEPHONE,
    Audio,
    Recipe,
    announce,
    cache_key,
    speak,
)
from dispatcher.speech.verbalise import verbalise

WRITTEN = "UBND xã thông báo: lúc 7h30 ngày 24/11/2022, mực nước sông đạt 3,5m, số 07/CT-TTg"
WORDS = verbalise(WRITTEN)
CHANGES = {
    "the last word": ("Chính phủ", "Chính trị"),
    "the year": ("hai mươi hai,", "hai mươi ba,"),
    "the water level": ("ba phẩy năm", "hai phẩy năm"),
    "the hour": ("bảy giờ", "tám giờ"),
}
WINDOW_S = 0.4
AUDIBLE = 200 / 32768
SAME = 0.8
DECODERS = {SPEAKER: decode_mp3, TELEPHONE: decode_alaw_wav, EXCHANGE: decode_alaw}


@pytest.fixture(scope="module")
def spoken(voice: EspeakVoice) -> dict[Recipe, Audio]:
    return {recipe: announce(WORDS, voice, recipe) for recipe in DECODERS}


def least_agreement(heard: Pcm, expected: Pcm) -> float:
    """Smallest correlation over 0.4 s windows of speech, after aligning by the highest peak."""
    reference, signal = resample(expected, 8000).signal(), resample(heard, 8000).signal()
    size = 1 << (len(signal) + len(reference)).bit_length()
    spectrum = np.fft.rfft(signal, size) * np.conj(np.fft.rfft(reference, size))
    lag = int(np.argmax(np.fft.irfft(spectrum, size)[: len(signal)]))
    aligned = np.pad(signal[lag : lag + len(reference)], (0, len(reference)))[: len(reference)]
    width = round(WINDOW_S * 8000)
    starts = range(0, len(reference) - width, width // 2)
    return min(
        _correlation(aligned[at : at + width], reference[at : at + width])
        for at in starts
        if np.sqrt(np.mean(reference[at : at + width] ** 2)) > AUDIBLE
    )


def _correlation(one: Signal, other: Signal) -> float:
    scale = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / scale) if scale else 0.0


@pytest.mark.parametrize("recipe", DECODERS, ids=lambda recipe: recipe.codec)
def test_the_file_says_the_approved_words(
    spoken: dict[Recipe, Audio], voice: EspeakVoice, recipe: Recipe
) -> None:
    heard = DECODERS[recipe](spoken[recipe].data)
    assert least_agreement(heard, speak(WORDS, voice)) >= SAME


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("recipe", [SPEAKER, TELEPHONE], ids=lambda recipe: recipe.codec)
def test_one_changed_word_is_noticed(
    spoken: dict[Recipe, Audio], voice: EspeakVoice, recipe: Recipe, change: str
) -> None:
    other = WORDS.replace(*CHANGES[change])
    assert other != WORDS
    heard = DECODERS[recipe](spoken[recipe].data)
    assert least_agreement(heard, speak(other, voice)) < SAME


@pytest.mark.parametrize("recipe", DECODERS, ids=lambda recipe: recipe.codec)
def test_the_file_is_at_minus_16_lufs_below_minus_1_dbfs(
    spoken: dict[Recipe, Audio], recipe: Recipe
) -> None:
    heard = DECODERS[recipe](spoken[recipe].data)
    assert integrated_loudness(heard) == pytest.approx(-16, abs=0.5)
    assert true_peak(heard) <= -1.0


@pytest.mark.parametrize("recipe", DECODERS, ids=lambda recipe: recipe.codec)
def test_the_label_tells_what_is_in_the_file(spoken: dict[Recipe, Audio], recipe: Recipe) -> None:
    audio, heard = spoken[recipe], DECODERS[recipe](spoken[recipe].data)
    assert audio.sha256 == hashlib.sha256(audio.data).hexdigest()
    assert (audio.lufs, audio.peak_dbfs) == (integrated_loudness(heard), true_peak(heard))
    assert audio.duration_ms == pytest.approx(heard.seconds * 1000, abs=150)


def test_two_syntheses_give_the_same_file(spoken: dict[Recipe, Audio]) -> None:
    with EspeakVoice("north") as fresh:
        assert announce(WORDS, fresh, SPEAKER) == spoken[SPEAKER]


def test_a_short_warning_is_as_loud_as_a_long_one(voice: EspeakVoice) -> None:
    assert announce("Chạy ngay!", voice).lufs == pytest.approx(-16, abs=0.5)


def test_a_repeated_announcement_is_longer_by_itself_and_the_gap(voice: EspeakVoice) -> None:
    once = announce("Lũ về", voice, Recipe("mp3", with_chime=False))
    thrice = announce("Lũ về", voice, Recipe("mp3", with_chime=False, times=3, gap_s=1.0))
    speech_ms = speak("Lũ về", voice).seconds * 1000
    assert thrice.duration_ms - once.duration_ms == pytest.approx(2 * (speech_ms + 1000), abs=2)


@pytest.mark.parametrize("words", ["", "\n", "…", "- ."])
def test_words_without_a_word_are_refused(voice: EspeakVoice, words: str) -> None:
    with pytest.raises(Unspoken):
        announce(words, voice)


class Mute:
    """An engine that answers with silence."""

    id = "mute"

    def synthesise(self, words: str, lang: str) -> Pcm:
        return silence(2, 22050)


def test_silence_from_an_engine_is_never_delivered() -> None:
    with pytest.raises(OutOfTolerance):
        announce("Lũ về", Mute(), TELEPHONE)


class TestUtterances:
    def test_end_with_sentences_and_lines(self) -> None:
        found = utterances("Lũ về. Chạy ngay!\nLên đê")
        assert [u.words for u in found] == ["Lũ về.", "Chạy ngay!", "Lên đê"]
        assert found[0].pause_s < found[1].pause_s

    def test_are_never_longer_than_an_engine_can_bear(self) -> None:
        for words in ("mưa to, " * 200, "mưa " * 400, "a" * 2000):
            assert all(0 < len(u.words) <= LONGEST for u in utterances(words))

    def test_lose_no_word(self) -> None:
        words = "mưa to, gió lớn; nước lên. " * 60
        assert " ".join(u.words for u in utterances(words)).split() == words.split()


class TestCacheKey:
    KEY = cache_key(WORDS, "espeak/vi/150", SPEAKER)

    @pytest.mark.parametrize(
        "other",
        [
            cache_key(WORDS + ".", "espeak/vi/150", SPEAKER),
            cache_key(WORDS, "espeak/vi/160", SPEAKER),
            cache_key(WORDS, "espeak/vi/150", TELEPHONE),
            cache_key(WORDS, "espeak/vi/150", Recipe("mp3", with_chime=True, times=2)),
            cache_key(WORDS, "espeak/vi/150", SPEAKER, "en"),
        ],
    )
    def test_changes_with_everything_that_is_heard(self, other: str) -> None:
        assert other != self.KEY

    def test_is_the_same_for_the_same_words(self) -> None:
        assert cache_key(WORDS, "espeak/vi/150", SPEAKER) == self.KEY
