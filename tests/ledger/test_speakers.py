"""Speakers in the ledger: whose words count, what is acknowledged, and two writers at once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from dispatcher.bootstrap import _heard
from dispatcher.domain.device import GENESIS, DeviceState, LogLine
from dispatcher.domain.model import Level, Media
from dispatcher.domain.playlist import Manifest, Play, PlayItem
from dispatcher.ledger import device_log, registry
from dispatcher.ledger.registry import NewSpeaker
from dispatcher.ledger.speakers import Stations
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import device_event, manifest, receipt, speaker
from dispatcher.queue import InlineQueue
from tests.ledger import world as worlds
from tests.ledger.world import COMMUNE, NOW

DEVICES = [f"14464-C{number:02d}" for number in range(1, 9)]
ONE, OTHER = DEVICES[:2]


@pytest.fixture
def stations(ledger: Ledger) -> Stations:
    """Eight clusters of a commune, enrolled against the order of their names."""
    commune = worlds.make(ledger).commune
    with ledger.begin() as conn:
        station = registry.add_station(
            conn, agency_id=commune, area=COMMUNE, name="Đài xã Gia Viễn", hours={}, now=NOW
        )
        enrolled = [
            NewSpeaker(station, device, "Cụm loa nhà văn hóa", None, bytes(32), True)
            for device in reversed(DEVICES)
        ]
        registry.add_speakers(conn, ledger.vault, enrolled)
    heard = partial(_heard, ledger, InlineQueue())
    return Stations(ledger, lambda manifest, body: "signed", lambda: NOW, heard)


def _unsigned(manifest: Manifest, body: bytes) -> str:
    return ""


def item(ref: str) -> PlayItem:
    return PlayItem(
        id=ref,
        message="ban-tin",
        rev=1,
        level=Level.NORMAL,
        media=Media("0" * 64, "audio/mpeg", 1, 1_000),
        plays=(Play(f"{ref}#0", NOW, NOW + 60_000),),
        gap_s=0,
    )


def log(boot: str, count: int, *, after: str = GENESIS, ref: str = "1.1.1") -> list[LogLine]:
    """A boot's lines, chained: each says that ``ref`` was played to its end."""
    lines: list[LogLine] = []
    for n in range(1, count + 1):
        said = {"b": boot, "n": n, "t": "end", "wall": NOW + n, "item": ref}
        text = json.dumps({**said, "of_ms": 1_000, "played_ms": 1_000}, separators=(",", ":"))
        previous = lines[-1].digest if lines else after
        digest = hashlib.sha256(previous.encode() + text.encode()).hexdigest()
        lines.append(LogLine.parse(f'{text[:-1]},"h":"{digest}"}}'.encode()))
    return lines


def speaker_id(ledger: Ledger, device: str) -> int:
    with ledger.read() as conn:
        return int(conn.scalars(select(speaker.c.id).where(speaker.c.device == device)).one())


def broken(ledger: Ledger, device: str) -> list[tuple[str, int]]:
    with ledger.read() as conn:
        return device_log.broken_chains(conn, speaker_id(ledger, device))


def words(ledger: Ledger) -> list[str]:
    with ledger.read() as conn:
        return list(conn.scalars(select(receipt.c.provider_ref).order_by(receipt.c.id)))


def test_a_device_speaks_of_its_own_items_and_of_no_others(
    ledger: Ledger, stations: Stations
) -> None:
    stations.publish([(ONE, item("1.1.1")), (OTHER, item("1.2.1"))])
    stations.append_events(ONE, log("b1", 1, ref="1.2.1"))
    assert words(ledger) == []
    stations.append_events(ONE, log("b2", 1, ref="1.1.1"))
    assert words(ledger) == [f"{ONE}/1.1.1"]


def test_a_second_line_of_the_same_number_is_neither_kept_nor_believed(
    ledger: Ledger, stations: Stations
) -> None:
    stations.publish([(ONE, item("1.1.1"))])
    stations.append_events(ONE, log("b1", 1, ref="9.9.9"))
    assert stations.append_events(ONE, log("b1", 1, ref="1.1.1")) == {"b1": 1}
    assert words(ledger) == []
    with ledger.read() as conn:
        assert conn.scalar(select(func.count()).select_from(device_event)) == 1


def test_words_that_were_kept_but_not_passed_on_come_with_the_repeat(
    ledger: Ledger, stations: Stations
) -> None:
    def dies(device: str, lines: Sequence[bytes]) -> None:
        raise OSError("the database went away")

    stations.publish([(ONE, item("1.1.1"))])
    with pytest.raises(OSError, match="went away"):
        Stations(ledger, _unsigned, lambda: NOW, dies).append_events(ONE, log("b1", 1))
    for _ in range(2):
        assert stations.append_events(ONE, log("b1", 1)) == {"b1": 1}
        assert words(ledger) == [f"{ONE}/1.1.1"]


#: Numbers of a boot's lines in the order of their uploads → what each upload is answered.
UPLOADS = [
    ([[1, 2], [3]], [2, 3]),
    ([[2, 3]], [0]),
    ([[2, 3], [1]], [0, 3]),
    ([[1], [3, 4], [2], [5]], [1, 1, 4, 5]),
    ([[1, 2], [1, 2]], [2, 2]),
]


@pytest.mark.parametrize(("uploads", "answers"), UPLOADS)
@pytest.mark.parametrize("restarted", [False, True])
def test_what_is_acknowledged_has_nothing_missing_below_it(
    ledger: Ledger,
    stations: Stations,
    uploads: list[list[int]],
    answers: list[int],
    restarted: bool,
) -> None:
    lines = log("b1", 5)
    answered = []
    for numbers in uploads:
        asked = Stations(ledger, _unsigned, lambda: NOW, _nobody) if restarted else stations
        answered.append(asked.append_events(ONE, [lines[n - 1] for n in numbers])["b1"])
    assert answered == answers


def _nobody(device: str, lines: Sequence[bytes]) -> None:
    pass


def test_lines_of_two_boots_in_one_upload_are_acknowledged_apart(stations: Stations) -> None:
    first = log("b1", 3)
    second = log("b0", 2, after=first[-1].digest)
    assert stations.append_events(ONE, [*first, *second]) == {"b1": 3, "b0": 2}


def test_a_whole_chain_goes_on_across_starts_whatever_their_names(
    ledger: Ledger, stations: Stations
) -> None:
    first = log("b9", 3)
    second = log("b1", 2, after=first[-1].digest)
    stations.append_events(ONE, [*first, *second])
    assert broken(ledger, ONE) == []


def test_a_gap_a_changed_line_and_a_start_from_nowhere_are_seen(
    ledger: Ledger, stations: Stations
) -> None:
    gap, changed, nowhere = log("gap", 4), log("changed", 3), log("nowhere", 2, after="1" * 64)
    false = LogLine.parse(changed[1].raw.replace(b'"played_ms":1000', b'"played_ms":9999'))
    stations.append_events(ONE, [gap[0], gap[1], gap[3]])
    stations.append_events(ONE, [changed[0], false, changed[2]])
    stations.append_events(ONE, nowhere)
    assert broken(ledger, ONE) == [("changed", 2), ("gap", 4), ("nowhere", 1)]
    assert broken(ledger, OTHER) == []


def test_states_of_many_devices_are_kept_each_with_its_own(
    ledger: Ledger, stations: Stations
) -> None:
    told = [DeviceState(each, NOW + n, b'{"n":%d}' % n) for n, each in enumerate(DEVICES)]
    stations.record_states([*told, DeviceState("NOBODY-01", NOW, b"{}")])
    with ledger.read() as conn:
        query = select(speaker.c.device, speaker.c.seen_at, speaker.c.state)
        kept = {row.device: (row.seen_at, row.state) for row in conn.execute(query)}
    assert kept == {each: (NOW + n, {"n": n}) for n, each in enumerate(DEVICES)}


def _published(stations: Stations, items: Sequence[tuple[str, PlayItem]]) -> None:
    assert set(stations.publish(items)) == {None}


def test_states_and_items_written_at_once_do_not_lock_each_other_out(
    ledger: Ledger, stations: Stations
) -> None:
    """On PostgreSQL two orders of locks end in a deadlock within a few dozen rounds."""
    end, failures = monotonic() + 1.0, list[DBAPIError]()

    def hammer(write: Callable[[], None]) -> None:
        try:
            while monotonic() < end:
                write()
        except DBAPIError as error:
            failures.append(error)

    states = [DeviceState(each, NOW, b"{}") for each in DEVICES]
    items = [(each, item(f"1.{n}.1")) for n, each in enumerate(DEVICES, 1)]
    writers = (lambda: stations.record_states(states), lambda: _published(stations, items))
    threads = [threading.Thread(target=hammer, args=(writer,)) for writer in writers]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert failures == []
    with ledger.read() as conn:
        assert conn.scalar(select(func.count()).select_from(manifest))
