"""What the channel hands over, and what it makes of a device's words."""

import json
from collections.abc import Mapping

import pytest

from channels.base import Malformed
from channels.loudspeaker.loa1 import Loa1
from channels.loudspeaker.signing import Signer
from dispatcher.domain.errors import BadAddress
from dispatcher.domain.model import (
    Callback,
    Handed,
    Level,
    Media,
    Parcel,
    Payload,
    Reference,
    Refused,
    StatusEvent,
)
from dispatcher.domain.playlist import DayPart
from dispatcher.domain.status import Reason, Status
from tests.loudspeaker.desk import MemoryDesk
from tests.loudspeaker.playing import KEY
from tests.loudspeaker.station import draft

NOON = 1_790_398_800_000 + 5 * 3_600_000
DEVICE = "06862-C01"
SOUND = Media("ab" * 32, "audio/mpeg", 98_682, 12_304)
ALL_DAY = {"sessions": [["06:00", "20:00"]]}


@pytest.fixture
def channel(signer: Signer, desk: MemoryDesk) -> Loa1:
    desk.enrol(draft(DEVICE, NOON), KEY)
    return Loa1(desk, lambda: NOON, lambda _moment: None)


def parcel(delivery: int, level: Level = Level.NORMAL, **terms: object) -> Parcel:
    made = {"media": SOUND, "extra": ALL_DAY, "valid_until": 0, "address": DEVICE} | terms
    payload = Payload(media=made["media"], extra=made["extra"])  # type: ignore[arg-type]
    return Parcel(
        Reference(1, delivery, 1),
        str(made["address"]),
        payload,
        valid_until=int(str(made["valid_until"])),
        level=level,
    )


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"extra": {}}, Reason.QUIET_HOURS),
        ({"extra": {"sessions": [["22:00", "23:00"]]}}, Reason.QUIET_HOURS),
        ({"extra": {**ALL_DAY, "volume": 101}}, Reason.BAD_PARAMETER),
        ({"extra": {**ALL_DAY, "late": "never"}}, Reason.BAD_PARAMETER),
        ({"extra": {"sessions": [["6h", "20h"]]}}, Reason.BAD_PARAMETER),
        ({"media": None}, Reason.RENDER_ERROR),
        ({"media": Media("ab" * 32, "audio/opus", 1, 1)}, Reason.BAD_PARAMETER),
        ({"valid_until": NOON - 1}, Reason.DEADLINE),
        ({"address": "06862-C99"}, Reason.CANNOT_RECEIVE),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_reason(
    channel: Loa1, terms: dict[str, object], reason: Reason
) -> None:
    [(index, outcome)] = channel.send([parcel(1, Level.NORMAL, **terms)])
    assert index == 0
    assert isinstance(outcome, Refused)
    assert outcome.failure.reason is reason
    assert not outcome.failure.again


def test_one_bad_parcel_holds_up_no_other(channel: Loa1) -> None:
    outcomes = dict(channel.send([parcel(1), parcel(2, media=None), parcel(3)]))
    assert sorted(outcomes) == [0, 1, 2]
    assert outcomes[0] == Handed(f"{DEVICE}/1.1.1")
    assert outcomes[2] == Handed(f"{DEVICE}/1.3.1")


def test_a_rate_slot_is_waited_for(desk: MemoryDesk) -> None:
    desk.enrol(draft(DEVICE, NOON), KEY)
    waited: list[float] = []
    early = parcel(1)
    late = Parcel(early.ref, early.address, early.payload, not_before=7.5)
    list(Loa1(desk, lambda: NOON, waited.append).send([early, late]))
    assert waited == [7.5]


def test_terms_may_come_as_values_too(channel: Loa1) -> None:
    terms = {"sessions": (DayPart.parse("06:00", "20:00"),), "repeat": 2}
    [(_, outcome)] = channel.send([parcel(1, extra=terms)])
    assert isinstance(outcome, Handed)


@pytest.mark.parametrize("text", ["06862-c01", " 06862-C01 ", "VN1"])
def test_a_device_id_is_brought_into_its_form(channel: Loa1, text: str) -> None:
    assert channel.check(text) == text.strip().upper()


@pytest.mark.parametrize("text", ["", "A", "loa số 1", "-AB", "AB-", "A/B", "A" * 41])
def test_what_is_no_device_id_is_refused(channel: Loa1, text: str) -> None:
    with pytest.raises(BadAddress):
        channel.check(text)


def words(*lines: Mapping[str, object]) -> Callback:
    body = "\n".join(json.dumps({"item": "1.7.2", "wall": NOON, **line}) for line in lines)
    return Callback("POST", "", {"LOA-Device-Id": DEVICE}, body.encode())


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ({"t": "cached"}, Status.ACCEPTED, Reason.NONE),
        ({"t": "end", "played_ms": 900, "of_ms": 1000, "left": 2}, Status.DELIVERED, Reason.NONE),
        (
            {"t": "end", "played_ms": 899, "of_ms": 1000, "left": 0},
            Status.FAILED,
            Reason.PLAYED_IN_PART,
        ),
        ({"t": "end", "played_ms": 0, "of_ms": 0, "left": 0}, Status.FAILED, Reason.PLAYED_IN_PART),
        ({"t": "missed", "left": 0}, Status.FAILED, Reason.MISSED),
        ({"t": "expired", "left": 0}, Status.FAILED, Reason.MISSED),
        ({"t": "preempted", "left": 0}, Status.FAILED, Reason.PREEMPTED),
        ({"t": "skipped_quiet", "left": 0}, Status.FAILED, Reason.QUIET_HOURS),
        ({"t": "fault", "left": 0}, Status.FAILED, Reason.DEVICE_FAULT),
        ({"t": "rejected", "reason": "wrong_sound"}, Status.FAILED, Reason.REJECTED_BY_DEVICE),
        ({"t": "cancelled", "played_ms": 5}, Status.CANCELLED, Reason.CANCELLED_BY_PERSON),
    ],
)
def test_a_word_of_the_device_becomes_ours(
    channel: Loa1, line: dict[str, object], status: Status, reason: Reason
) -> None:
    [event] = channel.receipts(words(line))
    assert isinstance(event, StatusEvent)
    assert (event.status, event.reason, event.at) == (status, reason, NOON)
    assert event.ref == Reference(1, 7, 2)
    assert event.provider_ref == f"{DEVICE}/1.7.2", "no device speaks for another"


@pytest.mark.parametrize(
    "line",
    [
        {"t": "end", "played_ms": 1, "of_ms": 1000, "left": 1},
        {"t": "missed", "left": 1},
        {"t": "preempted", "left": 1},
        {"t": "start"},
        {"t": "boot", "item": None},
        {"t": "rejected", "reason": "bad_signature", "item": ""},
        {"t": "a word of a later version"},
    ],
)
def test_while_something_may_yet_sound_nothing_is_final(
    channel: Loa1, line: dict[str, object]
) -> None:
    assert channel.receipts(words(line)) == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"t":"end"}\nnonsense', b"\xff"])
def test_what_is_no_log_is_kept_for_a_person(channel: Loa1, body: bytes) -> None:
    with pytest.raises(Malformed):
        channel.receipts(Callback("POST", "", {"loa-device-id": DEVICE}, body))


def test_a_log_of_no_device_is_nobodys(channel: Loa1) -> None:
    with pytest.raises(Malformed):
        channel.receipts(Callback("POST", "", {}, b""))
