"""Simulators misbehave exactly as told, and the same seed misbehaves the same way."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from dispatcher.sim.clock import Clock
from dispatcher.sim.fates import Fates
from dispatcher.sim.launch import Started
from dispatcher.sim.misbehave import Fault, Manners, Temper, changed, log_normal
from dispatcher.sim.seen import Seen, Window
from dispatcher.sim.segments import count_parts
from tests.sim.asking import get, post
from tests.sim.conftest import Start

BAD = Manners(error=0.1, too_many=0.05, cut_after=0.05, malformed=0.05)


def cast(manners: Manners, seed: int, times: int) -> list[Fault]:
    temper = Temper(manners, seed, now=0.0)
    return [temper.fault(now=1.0) for _ in range(times)]


def test_the_same_seed_gives_the_same_faults() -> None:
    assert cast(BAD, 7, 200) == cast(BAD, 7, 200)


def test_another_seed_gives_other_faults() -> None:
    assert cast(BAD, 7, 200) != cast(BAD, 8, 200)


def test_faults_come_in_the_shares_that_were_asked_for() -> None:
    counted = Counter(cast(BAD, 7, 20_000))
    assert counted[Fault.ERROR] == pytest.approx(2000, rel=0.1)
    assert counted[Fault.CUT_AFTER] == pytest.approx(1000, rel=0.1)
    assert counted[Fault.NONE] == pytest.approx(15_000, rel=0.05)


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 1"):
        Manners(error=0.7, hang=0.6)


def test_a_misspelt_manner_is_refused() -> None:
    with pytest.raises(ValueError, match="eror"):
        changed(Manners(), {"eror": 0.5})


def test_an_outage_begins_and_ends_on_time() -> None:
    temper = Temper(Manners(outages=((3, 6),)), seed=1, now=100.0)
    seen = {at: temper.fault(100.0 + at) for at in (2.9, 3.0, 5.9, 6.0)}
    assert seen == {2.9: Fault.NONE, 3.0: Fault.OUTAGE, 5.9: Fault.OUTAGE, 6.0: Fault.NONE}


def test_what_exceeds_the_rate_is_too_many() -> None:
    temper = Temper(Manners(rate=3), seed=1, now=0.0)
    first = [temper.fault(10.0 + i / 10) for i in range(5)]
    assert first == [Fault.NONE] * 3 + [Fault.TOO_MANY] * 2
    assert temper.fault(11.0) is Fault.NONE


def test_latency_has_the_median_and_the_percentile_it_names() -> None:
    temper = Temper(Manners(latency=(0.1, 1.0)), seed=1, now=0.0)
    drawn = sorted(temper.latency() for _ in range(20_000))
    assert drawn[10_000] == pytest.approx(0.1, rel=0.05)
    assert drawn[19_800] == pytest.approx(1.0, rel=0.15)


def test_equal_median_and_percentile_are_a_constant() -> None:
    assert log_normal(Temper(Manners(), 1, 0.0).random, 0.25, 0.25) == 0.25


def test_a_fate_belongs_to_the_recipient_and_not_to_the_order() -> None:
    numbers = [f"+8490{i:07d}" for i in range(4000)]
    fates = Fates(shares=[("30003", 0.1)], seed=5)
    forwards = {number: fates.of(number) for number in numbers}
    assert forwards == {number: fates.of(number) for number in reversed(numbers)}
    assert Counter(forwards.values())["30003"] == pytest.approx(400, rel=0.15)


def test_the_first_pattern_found_decides() -> None:
    fates = Fates([("1$", "a"), ("^\\+84", "b")])
    assert [fates.of(to) for to in ("+841", "+842", "+33")] == ["a", "b", ""]


def test_the_peak_is_over_any_second_and_not_by_the_clock() -> None:
    window = Window()
    for at in (0.5, 0.75, 1.0, 1.25, 1.5):
        window.add(at, 1)
    assert window.peak == 4


def test_the_same_text_to_the_same_person_counts_as_doubled() -> None:
    seen = Seen(0.0)
    for to in ("+841", "+842", "+841"):
        seen.took(0.0, {"to": to, "text": "Tin"})
    report = seen.report(1.0)
    assert (report["messages"], report["distinct"], report["doubled"]) == (3, 2, 1)


def test_a_simulated_hour_can_pass_in_a_second() -> None:
    ticks = iter((0.0, 1.0, 1.0))
    clock = Clock(pace=3600, monotonic=lambda: next(ticks))
    later = clock.now()
    assert clock.until(later) == 0.0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3),
        ("ă" * 70, 1),
        ("ă" * 71, 2),
        ("ă" * 134, 2),
        ("ă" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),
    ],
)
def test_parts_are_counted_as_carriers_count(text: str, parts: int) -> None:
    assert count_parts(text) == parts


# Over the wire: what the client experiences, and whether the work was done nevertheless.


@pytest.fixture(scope="module")
def zalo(simulator: Start) -> Started:
    return simulator("zalo", seed=3)


def set_manners(started: Started, **manners: object) -> None:
    answer = post(f"{started.control}/_sim/manners", json={"afresh": True} | manners)
    assert answer.status_code == 200, answer.text


def ask_quota(started: Started) -> requests.Response:
    headers = {"access_token": "sim-zalo-access-token"}
    return get(f"{started.url}/message/quota", headers=headers, timeout=0.5)


@pytest.mark.parametrize(
    ("manners", "raised"),
    [
        ({"cut_before": 1}, requests.ConnectionError),
        ({"cut_after": 1}, requests.ConnectionError),
        ({"cut_within": 1}, requests.exceptions.ChunkedEncodingError),
        ({"hang": 1}, requests.ReadTimeout),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_broken_exchange_breaks_as_named(
    zalo: Started, manners: dict[str, object], raised: type[Exception]
) -> None:
    set_manners(zalo, **manners)
    with pytest.raises(raised):
        ask_quota(zalo)


def test_a_malformed_body_is_no_json(zalo: Started) -> None:
    set_manners(zalo, malformed=1)
    answer = ask_quota(zalo)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_error_has_the_status_that_was_chosen(zalo: Started) -> None:
    set_manners(zalo, error=1, error_status=502)
    assert ask_quota(zalo).status_code == 502


def test_an_outage_answers_503(zalo: Started) -> None:
    set_manners(zalo, outages=[[0, 60]])
    assert ask_quota(zalo).status_code == 503


def test_latency_is_felt(zalo: Started) -> None:
    set_manners(zalo, latency=[0.2, 0.2])
    assert ask_quota(zalo).elapsed.total_seconds() >= 0.2


def test_unknown_manners_are_refused_over_the_wire(zalo: Started) -> None:
    answer = post(f"{zalo.control}/_sim/manners", json={"eror": 1})
    assert answer.status_code == 400
    assert "eror" in answer.json()["error"]


def test_counters_count_and_reset(zalo: Started) -> None:
    post(f"{zalo.control}/_sim/reset")
    set_manners(zalo, error=1)
    for _ in range(3):
        ask_quota(zalo)
    seen = get(f"{zalo.control}/_sim/seen").json()
    assert (seen["requests"], seen["faults"], seen["statuses"]) == (3, {"error": 3}, {"503": 3})
    post(f"{zalo.control}/_sim/reset")
    assert get(f"{zalo.control}/_sim/seen").json()["requests"] == 0
