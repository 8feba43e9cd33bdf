"""The engine's process: the same bits each time, and no call that hangs or takes ours down."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from dispatcher.domain.status import Fault
from dispatcher.speech.errors import UnknownLanguage, Unspoken, VoiceUnavailable
from dispatcher.speech.espeak import EspeakVoice

WORDS = "mực nước sông đạt ba phẩy năm mét"
MUTE = (sys.executable, "-c", "import time; time.sleep(60)")
CRASHING = (sys.executable, "-c", "import sys; sys.stdin.buffer.read(4)")
ORPHAN = """
import sys, time
from dispatcher.speech.espeak import EspeakVoice
voice = EspeakVoice()
voice.synthesise("xin chào bà con", "vi")
print(voice._process.pid, flush=True)
time.sleep(60)
"""


def worker_pid(voice: EspeakVoice) -> int:
    assert voice._process is not None
    return voice._process.pid


def test_two_workers_speak_the_same_bits(voice: EspeakVoice) -> None:
    with EspeakVoice("north") as other:
        voice.synthesise("câu khác nói trước", "vi")
        first, second = voice.synthesise(WORDS, "vi"), other.synthesise(WORDS, "vi")
    assert np.array_equal(first.samples, second.samples)


def test_the_regions_sound_different(voice: EspeakVoice) -> None:
    with EspeakVoice("south") as southern:
        heard = southern.synthesise(WORDS, "vi")
        assert southern.id != voice.id
    assert not np.array_equal(heard.samples, voice.synthesise(WORDS, "vi").samples)


def test_a_higher_rate_is_shorter(voice: EspeakVoice) -> None:
    with EspeakVoice("north", rate=220) as hasty:
        assert hasty.synthesise(WORDS, "vi").seconds < voice.synthesise(WORDS, "vi").seconds


@pytest.mark.parametrize("words", ["", " ", "..."])
def test_words_without_sound_are_an_error_of_the_content(voice: EspeakVoice, words: str) -> None:
    with pytest.raises(Unspoken) as caught:
        voice.synthesise(words, "vi")
    assert (caught.value.retryable, caught.value.fault) == (False, Fault.CONTENT)


def test_a_language_without_a_voice_is_refused(voice: EspeakVoice) -> None:
    with pytest.raises(UnknownLanguage, match="xx"):
        voice.synthesise("hello", "xx")


def test_a_killed_worker_is_started_again(voice: EspeakVoice) -> None:
    expected = voice.synthesise(WORDS, "vi")
    os.kill(worker_pid(voice), signal.SIGKILL)
    psutil.Process(worker_pid(voice)).wait(5)
    assert np.array_equal(voice.synthesise(WORDS, "vi").samples, expected.samples)


def test_a_crash_in_the_middle_is_retryable_and_the_routes_fault() -> None:
    with EspeakVoice(worker=CRASHING) as voice, pytest.raises(VoiceUnavailable) as caught:
        voice.synthesise(WORDS, "vi")
    assert (caught.value.retryable, caught.value.fault) == (True, Fault.ROUTE)


def test_a_worker_that_hangs_is_given_up_and_gone() -> None:
    with EspeakVoice(worker=MUTE, timeout_s=0.2) as voice:
        before = {child.pid for child in psutil.Process().children()}
        with pytest.raises(VoiceUnavailable, match="timed out"):
            voice.synthesise(WORDS, "vi")
        assert {child.pid for child in psutil.Process().children()} <= before


def test_a_worker_that_is_not_there_is_reported() -> None:
    with EspeakVoice(worker=("/nonexistent/worker",)) as voice, pytest.raises(VoiceUnavailable):
        voice.synthesise(WORDS, "vi")


def test_closing_ends_the_worker() -> None:
    voice = EspeakVoice()
    voice.synthesise(WORDS, "vi")
    pid = worker_pid(voice)
    voice.close()
    assert not psutil.pid_exists(pid)


def test_the_worker_dies_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the worker outlived its parent"
        time.sleep(0.02)


@pytest.mark.parametrize("words", ["hết", "một", "tắt", "ục"])
def test_one_short_syllable_is_a_sentence(voice: EspeakVoice, words: str) -> None:
    assert 0.1 < voice.synthesise(words, "vi").seconds < 0.3
