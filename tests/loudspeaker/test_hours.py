"""When an item may sound, as the server plans it and as the device, by its own code, allows it."""

from datetime import datetime

import pytest

from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Level, Media
from dispatcher.domain.playlist import (
    HANOI,
    QUIET,
    DayPart,
    Manifest,
    Play,
    PlayItem,
    build,
    plan,
)
from dispatcher.player.manifest import Item, Occurrence
from dispatcher.player.manifest import Manifest as Held
from dispatcher.player.schedule import Moment, audible, due, given_up

MINUTE = 60_000
MORNING, EVENING = DayPart.parse("05:00", "06:30"), DayPart.parse("17:00", "18:00")
SESSIONS = (MORNING, EVENING)


def at(clock: str, day: int = 5) -> int:
    hour, minute = clock.split(":")
    return round(datetime(2026, 10, day, int(hour), int(minute), tzinfo=HANOI).timestamp() * 1000)


@pytest.mark.parametrize(
    ("asked", "sessions", "expected"),
    [
        ("17:10", SESSIONS, ("17:10", "18:00")),
        ("12:00", SESSIONS, ("17:00", "18:00")),
        ("04:00", SESSIONS, ("05:30", "06:30")),
        ("12:00", (DayPart.parse("20:00", "22:30"),), ("20:00", "21:00")),
        ("12:00", (DayPart.parse("22:00", "23:00"),), None),
        ("12:00", (), None),
    ],
    ids=["inside", "next session", "silence first", "silence last", "all silent", "no session"],
)
@pytest.mark.parametrize("level", [Level.NORMAL, Level.PRIORITY])
def test_without_an_emergency_an_item_waits_for_an_open_session(
    level: Level, asked: str, sessions: tuple[DayPart, ...], expected: tuple[str, str] | None
) -> None:
    plays = plan("1.2.3", level, at(asked), 0, sessions=sessions)
    wanted = (Play("1.2.3#0", at(expected[0]), at(expected[1])),) if expected else ()
    assert plays == wanted


def test_after_the_last_session_an_item_waits_for_tomorrow() -> None:
    [play] = plan("1.2.3", Level.NORMAL, at("18:30"), 0, sessions=SESSIONS)
    assert (play.at, play.until) == (at("05:30", 6), at("06:30", 6))


def test_an_item_that_a_session_cannot_hold_goes_to_one_that_can() -> None:
    sessions = (DayPart.parse("17:00", "17:10"), DayPart.parse("18:00", "19:00"))
    [play] = plan("1.2.3", Level.NORMAL, at("16:00"), 0, sessions=sessions, length_ms=15 * MINUTE)
    assert play.at == at("18:00")


def test_nothing_is_planned_beyond_the_deadline() -> None:
    assert plan("1.2.3", Level.PRIORITY, at("12:00"), at("16:00"), sessions=SESSIONS) == ()
    assert plan("1.2.3", Level.EMERGENCY, at("12:00"), at("12:00")) == ()


def test_an_emergency_sounds_at_night_three_times_ten_minutes_apart_while_valid() -> None:
    night = at("03:15")
    plays = plan("1.2.3", Level.EMERGENCY, night, night + 60 * MINUTE)
    assert [(play.at - night, play.until - night) for play in plays] == [
        (0, 10 * MINUTE),
        (10 * MINUTE, 20 * MINUTE),
        (20 * MINUTE, 60 * MINUTE),
    ]
    short = plan("1.2.3", Level.EMERGENCY, night, night + 15 * MINUTE)
    assert [(play.at - night, play.until - night) for play in short] == [
        (0, 10 * MINUTE),
        (10 * MINUTE, 15 * MINUTE),
    ]


@pytest.mark.parametrize("text", ["24:00", "5:30", "05:60", "05-30", "", "٠٥:٣٠"])
def test_an_hour_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        DayPart.parse(text, "06:00")


def test_a_manifest_of_the_same_terms_is_the_same_bytes() -> None:
    item = PlayItem("1.2.3", "m", 1, Level.NORMAL, Media("0" * 64, "audio/mpeg", 9, 9), ())
    manifest = Manifest("VN-1", 7, 1, 2, [item], quiet=QUIET, sessions=SESSIONS)
    assert build(manifest) == build(manifest)
    assert b'"quiet":[["21:00","05:30"]]' in build(manifest)


# The device's side ----------------------------------------------------------------------------


def held(*items: Item) -> Held:
    return Held(
        seq=1,
        not_after=at("12:00", 30),
        tz_minutes=420,
        quiet=((21 * 60, 5 * 60 + 30),),
        sessions=((5 * 60, 6 * 60 + 30), (17 * 60, 18 * 60)),
        items=items,
        cancelled={},
    )


def told(level: str, start: int, until: int, **terms: object) -> Item:
    facts: dict[str, object] = {
        "id": f"1.{level}.1",
        "rev": 1,
        "level": level,
        "sha256": "0" * 64,
        "bytes": 9,
        "ms": MINUTE,
        "plays": (Occurrence(f"1.{level}.1#0", start, until),),
        "repeat": 1,
        "gap_s": 0,
        "volume": 80,
        "on_preempt": "restart",
        "late": "play",
        "ttl_s": 600,
        "valid_until": 0,
        "drill": False,
    }
    return Item(**{**facts, **terms})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("clock", "may"),
    [
        ("05:29", False),
        ("05:30", True),
        ("06:28", True),
        ("06:30", False),
        ("12:00", False),
        ("17:59", False),
        ("20:59", False),
        ("03:15", False),
    ],
)
def test_the_device_allows_only_what_begins_and_ends_in_an_open_session(
    clock: str, *, may: bool
) -> None:
    assert audible(held(), at(clock), MINUTE) is may


@pytest.mark.parametrize(
    ("level", "clock", "expected"),
    [("emergency", "03:15", 1), ("priority", "03:15", 0), ("priority", "17:30", 1)],
)
def test_at_night_the_device_plays_only_an_emergency(level: str, clock: str, expected: int) -> None:
    manifest = held(told(level, at(clock), at(clock) + 10 * MINUTE))
    assert len(due(manifest, Moment(at(clock), 0, set()))) == expected


def test_what_is_due_goes_by_level_then_by_hour() -> None:
    now = at("17:30")
    items = [
        told("normal", now - 3, now + MINUTE),
        told("priority", now - 1, now + MINUTE),
        told("priority", now - 2, now + MINUTE, id="earlier"),
        told("emergency", now, now + MINUTE),
    ]
    order = [item.id for item, _ in due(held(*items), Moment(now, 0, set()))]
    assert order == ["1.emergency.1", "earlier", "1.priority.1", "1.normal.1"]


@pytest.mark.parametrize(
    ("level", "age_ms", "expected"),
    [
        ("emergency", 0, 1),
        ("emergency", 599_999, 1),
        ("emergency", 600_000, 0),
        ("emergency", None, 0),
        ("priority", 0, 0),
        ("normal", 0, 0),
    ],
)
def test_a_clock_that_was_never_set_plays_fresh_emergencies_only(
    level: str, age_ms: int | None, expected: int
) -> None:
    manifest = held(told(level, at("17:30"), at("17:40")))
    assert len(due(manifest, Moment(None, age_ms, set()))) == expected


def test_without_a_clock_the_repeats_keep_their_distance() -> None:
    plays = tuple(Occurrence(f"o{k}", at("17:30") + k * 10 * MINUTE, at("18:30")) for k in range(3))
    manifest = held(told("emergency", 0, 0, plays=plays, ttl_s=3600))
    ages = {0: 1, 9 * MINUTE: 1, 10 * MINUTE: 2, 20 * MINUTE: 3}
    assert {age: len(due(manifest, Moment(None, age, set()))) for age in ages} == ages


@pytest.mark.parametrize(
    ("terms", "clock", "word"),
    [
        ({}, "17:40", "missed"),
        ({"valid_until": at("17:35")}, "17:36", "expired"),
        ({"late": "skip"}, "17:31", "missed"),
    ],
)
def test_what_can_no_longer_begin_is_given_up_in_words(
    terms: dict[str, object], clock: str, word: str
) -> None:
    manifest = held(told("priority", at("17:30"), at("17:40"), **terms))
    [(said, _, _)] = given_up(manifest, Moment(at(clock), 0, set()))
    assert said == word
    assert due(manifest, Moment(at(clock), 0, set())) == []


def test_a_snapshot_past_its_date_is_not_played_from() -> None:
    late = at("17:00", 31)
    manifest = held(told("emergency", late, late + MINUTE))
    assert due(manifest, Moment(late, 0, set())) == []
