"""Previewing: every example can be said and heard; what cannot is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.author import Desk, preview
from dispatcher.bootstrap import templates_dir
from dispatcher.domain.content import Content
from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Shape
from dispatcher.domain.templates import load_messages
from dispatcher.speech.espeak import EspeakVoice
from dispatcher.studio import READERS, SpeechStudio
from tests.ledger.world import NOW

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))


@pytest.fixture(scope="module")
def speaking() -> Iterator[Desk]:
    """A desk with the real voice; one for all examples."""
    kinds, templates = load_messages(templates_dir() / "messages")
    with EspeakVoice() as voice:
        yield Desk(kinds, templates, READERS, SpeechStudio(voice))


def example(desk: Desk, path: Path) -> Content:
    return Content.from_toml(path.read_text("utf-8"), kinds=desk.kinds, now=NOW)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_said_and_heard_on_the_channels_of_its_kind(
    speaking: Desk, path: Path
) -> None:
    content = example(speaking, path)
    draft = preview(speaking, content, speaking.kinds[content.kind].channels, NOW)
    heard = [each for each in draft.renditions if each.shape is Shape.AUDIO]
    assert {each.channel for each in heard} == {"loudspeaker", "ringback"}
    assert len(draft.sounds) == len(heard)
    assert all(media.duration_ms > 2_000 for media, _, _ in draft.sounds.values())


@pytest.mark.parametrize("channel", ["loudspeaker", "ringback"])
def test_words_that_no_voice_can_say_are_the_writers_to_change(
    speaking: Desk, channel: str
) -> None:
    content = example(speaking, next(each for each in EXAMPLES if each.stem == "water_cut"))
    mute = replace(speaking, studio=SpeechStudio(EspeakVoice(worker=("/nonexistent",))))
    with pytest.raises(BadInput) as refused:
        preview(mute, content, (channel,), NOW)
    assert (refused.value.code, refused.value.field) == (
        "speech_failed",
        f"overrides.{channel}.vi",
    )
