"""A commune's station for tests: sounds, hours that are open now, items to play."""

import hashlib
import io
import time

import numpy as np
import soundfile

from dispatcher.domain.model import Level, Media
from dispatcher.domain.playlist import HANOI, DayPart, Manifest, Play, PlayItem, plan
from tests.loudspeaker.desk import DAY_MS

RATE = 16_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def tone(seconds: float, pitch: int) -> bytes:
    """An MP3 of one tone."""
    times = np.arange(int(RATE * seconds)) / RATE
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * pitch * times), RATE, format="MP3")
    return file.getvalue()


def media(sound: bytes) -> Media:
    length = soundfile.info(io.BytesIO(sound)).duration
    digest = hashlib.sha256(sound).hexdigest()
    return Media(digest, "audio/mpeg", len(sound), round(length * 1000))


def around(now: int, before_min: int, after_min: int) -> DayPart:
    """The part of the day from ``before_min`` minutes ago to ``after_min`` minutes hence."""
    minutes = int((now / 60_000 + HANOI.utcoffset(None).total_seconds() / 60) % 1440)
    return DayPart((minutes - before_min) % 1440, (minutes + after_min) % 1440)


def draft(device: str, now: int, *, silent: bool = False) -> Manifest:
    """An empty manifest of a station that is open now, or silent now."""
    quiet = around(now, 60, 60) if silent else around(now, -180, 240)
    return Manifest(
        device, 0, now, now + 7 * DAY_MS, (), quiet=quiet, sessions=(around(now, 120, 120),)
    )


def item(ref: str, level: Level, sound: bytes, at: int, **terms: object) -> PlayItem:
    """An item with one occurrence from ``at`` on (an emergency: three), open for a minute."""
    plays: tuple[Play, ...] = (Play(f"{ref}#0", at, at + 60_000),)
    if level is Level.EMERGENCY:
        plays = plan(ref, level, at, at + 3_600_000)
    return PlayItem(ref, "ban-tin", 1, level, media(sound), plays, **{"gap_s": 0, **terms})  # type: ignore[arg-type]
