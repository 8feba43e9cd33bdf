"""Sealing in time: what was promised to auditors, and who is told when it is not kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import dramatiq
import pytest
from sqlalchemy import text

from dispatcher import bootstrap
from dispatcher.compare_outside import INSTALLATION
from dispatcher.config import Settings
from dispatcher.domain.alarms import Alarm
from dispatcher.ledger import desk, pages, sealer
from dispatcher.ledger.kept import Kept
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.pulse import PulseThread
from dispatcher.seal import seal, watch_merge_delay
from tests.ledger.chronicle import KEY

PROMISE_S = 10.0


def write_page(ledger: Ledger, *, age_s: float = 0.0) -> None:
    with ledger.begin() as conn:
        at = desk.now(conn) - round(age_s * 1000)
        pages.record(conn, "note", "note:1", actor=0, at=at, facts={})


def told(ledger: Ledger) -> bool:
    with ledger.read() as conn:
        return (INSTALLATION, "log") in desk.standing(conn, Alarm.MERGE_DELAY)


def kept_in(folder: Path) -> Kept:
    return Kept(folder, KEY.origin, KEY.public)


def test_an_old_page_raises_the_alarm_and_its_checkpoint_clears_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    write_page(ledger, age_s=PROMISE_S + 5)
    watch_merge_delay(ledger, PROMISE_S)
    assert told(ledger)
    seal(ledger, Sealer(ledger, KEY, "a"), kept_in(tmp_path))
    watch_merge_delay(ledger, PROMISE_S)
    assert not told(ledger)


def test_a_page_within_the_promise_raises_nothing(ledger: Ledger) -> None:
    write_page(ledger)
    watch_merge_delay(ledger, PROMISE_S)
    assert not told(ledger)


def test_more_pages_than_one_turn_takes_are_sealed_in_one_go(
    sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "AT_ONCE", 3)
    for _ in range(7):
        write_page(sqlite_ledger)
    seal(sqlite_ledger, Sealer(sqlite_ledger, KEY, "a"), kept_in(tmp_path))
    with sqlite_ledger.read() as conn:
        assert sealer.oldest_open(conn) is None


@pytest.mark.parametrize("promise_s", [1.0, PROMISE_S, 60.0])
def test_a_sealer_that_vanished_is_replaced_within_half_of_the_promise(
    tmp_path: Path, promise_s: float
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, merge_delay_s=promise_s)
    runtime = bootstrap.build(settings)
    bootstrap.prepare(runtime, kind="test")
    runtime.verbs["seal"](0)
    with runtime.ledger.read() as conn:
        until = conn.execute(text("SELECT until FROM lease WHERE name = 'sealer'")).scalar_one()
        assert until - desk.now(conn) <= promise_s * 500
    runtime.close()


def test_a_beat_that_takes_long_does_not_hold_up_sealing(tmp_path: Path) -> None:
    runtime = bootstrap.build(Settings(_env_file=None, data_dir=tmp_path, tick_s=0.05))
    bootstrap.prepare(runtime, kind="test")
    write_page(runtime.ledger)
    entered, over, sealed = threading.Event(), threading.Event(), threading.Event()

    def slow_beat(_lane: int) -> None:
        entered.set()
        over.wait()

    def seals(lane: int) -> None:
        runtime.verbs["seal"](lane)
        if entered.is_set():
            sealed.set()

    verbs = {**dict.fromkeys(runtime.verbs, slow_beat), "seal": seals}
    pulse = PulseThread(replace(runtime, verbs=verbs))
    worker = dramatiq.Worker(runtime.broker)
    pulse.after_worker_boot(runtime.broker, worker)
    try:
        assert entered.wait(30)
        assert sealed.wait(30)
    finally:
        over.set()
        pulse.before_worker_shutdown(runtime.broker, worker)
    with runtime.ledger.read() as conn:
        assert sealer.oldest_open(conn) is None
    runtime.close()
