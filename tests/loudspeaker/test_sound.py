"""What reaches the sound device, block by block."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dispatcher.player.performance import Performance, Score
from dispatcher.player.sinks import sink_named
from tests.loudspeaker.playing import Players
from tests.loudspeaker.station import RATE, media

FAST = 50.0


@pytest.fixture
def sound(tmp_path: Path, bulletin: bytes) -> Path:
    path = tmp_path / "sound"
    path.write_bytes(bulletin)
    return path


def performed(score: Score, tmp_path: Path) -> Performance:
    performance = Performance(score, sink_named(f"file:{tmp_path / 'heard'}"), FAST)
    performance.start()
    Players.wait(lambda: not performance.sounding, "the performance ended")
    return performance


@pytest.mark.parametrize(
    ("repeat", "start_ms", "heard_s"), [(1, 0, 6), (3, 0, 18), (2, 9000, 3), (1, 4500, 1.5)]
)
def test_what_is_heard_is_what_the_score_says(
    tmp_path: Path, sound: Path, bulletin: bytes, repeat: int, start_ms: int, heard_s: float
) -> None:
    performance = performed(Score("o", sound, repeat, 0, 80, start_ms), tmp_path)
    [wav] = (tmp_path / "heard").glob("*.wav")
    assert soundfile.info(wav).duration == pytest.approx(heard_s, abs=0.2)
    assert performance.played_ms == pytest.approx(repeat * media(bulletin).duration_ms, abs=50)
    assert performance.fault == ""


def test_the_volume_is_a_share_of_the_sound(tmp_path: Path, sound: Path) -> None:
    performed(Score("loud", sound, 1, 0, 100), tmp_path)
    performed(Score("soft", sound, 1, 0, 25), tmp_path)
    loud, soft = (
        soundfile.read(tmp_path / "heard" / f"{name}.0.wav")[0] for name in ("loud", "soft")
    )
    assert np.abs(soft).max() == pytest.approx(np.abs(loud).max() / 4, rel=0.02)


def test_what_cannot_be_decoded_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(b"not a sound")
    performance = performed(Score("o", noise, 1, 0, 80), tmp_path)
    assert performance.fault
    assert performance.played_ms == 0


@pytest.fixture
def aplay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of aplay's name that keeps what it is given."""
    program = tmp_path / "bin" / "aplay"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nexec cat > {tmp_path}/heard.raw\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return tmp_path / "heard.raw"


def test_a_sound_card_gets_the_samples_through_aplay(
    tmp_path: Path, aplay: Path, sound: Path
) -> None:
    performance = Performance(Score("o", sound, 1, 0, 100), sink_named("alsa"), FAST)
    performance.start()
    Players.wait(lambda: not performance.sounding, "the performance ended")
    assert performance.fault == ""
    assert f"-f S16_LE -r {RATE} -c 1" in (tmp_path / "arguments").read_text()
    heard = np.frombuffer(aplay.read_bytes(), "<i2")
    assert len(heard) == pytest.approx(6 * RATE, rel=0.03)
    assert np.abs(heard).max() == pytest.approx(0.3 * 32_767, rel=0.1)


def test_a_sound_card_falls_silent_at_once(aplay: Path, sound: Path) -> None:
    performance = Performance(Score("o", sound, 1, 0, 100), sink_named("alsa"), 1.0)
    performance.start()
    Players.wait(lambda: performance.played_ms > 0, "it began")
    performance.stop()
    assert not performance.sounding
    assert performance.played_ms < 2000


def test_a_missing_aplay_is_a_fault(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    performance = Performance(Score("o", sound, 1, 0, 100), sink_named("alsa"), FAST)
    performance.start()
    Players.wait(lambda: not performance.sounding, "the performance ended")
    assert "alsa-utils" in performance.fault


@pytest.mark.parametrize("text", ["", "file:", "speaker", "null:x"])
def test_a_sink_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no such sink"):
        sink_named(text)
