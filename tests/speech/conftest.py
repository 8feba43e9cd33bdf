"""One voice for the sound tests: starting its worker is most of their cost."""

from collections.abc import Iterator

import pytest

from dispatcher.speech.espeak import EspeakVoice


@pytest.fixture(scope="package")
def voice() -> Iterator[EspeakVoice]:
    with EspeakVoice("north") as speaking:
        yield speaking
