"""Before anything is sent the log is compared with what is kept outside, but not again at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dispatcher import bootstrap
from dispatcher.compare_outside import GOOD_FOR_S, Comparison
from dispatcher.config import Settings
from dispatcher.domain.errors import Misconfigured


@dataclass
class Log:
    """A log whose agreement, and a clock whose time, are set by hand."""

    agrees: bool = True
    time: float = 0.0
    asked: list[float] = field(default_factory=list)

    def compare(self) -> bool:
        self.asked.append(self.time)
        return self.agrees

    def clock(self) -> float:
        return self.time


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def comparison(log: Log) -> Comparison:
    return Comparison(log.compare, log.clock)


def test_nothing_is_sent_before_the_first_comparison(log: Log, comparison: Comparison) -> None:
    log.agrees = False
    assert not comparison.lately()
    assert log.asked == [0.0]


def test_agreement_holds_for_a_second(log: Log, comparison: Comparison) -> None:
    for log.time in (5.0, 5.5, 5.0 + GOOD_FOR_S, 5.9 + GOOD_FOR_S):
        assert comparison.lately()
    assert log.asked == [5.0, 5.0 + GOOD_FOR_S]


def test_a_log_that_went_back_is_asked_about_every_time(log: Log, comparison: Comparison) -> None:
    log.agrees = False
    assert [comparison.lately() for _ in range(3)] == [False] * 3
    assert len(log.asked) == 3


def test_what_a_beat_finds_holds_for_sending_too(log: Log, comparison: Comparison) -> None:
    assert comparison.lately()
    log.agrees = False
    assert not comparison.now()
    assert not comparison.lately()


def test_a_folder_that_cannot_be_read_ends_the_agreement(log: Log) -> None:
    answers = [True]
    comparison = Comparison(answers.pop, log.clock)
    assert comparison.lately()
    for ask in (comparison.now, comparison.lately):
        with pytest.raises(IndexError):
            ask()


@pytest.mark.parametrize("verb", ["expand", "deliver"])
def test_no_process_sends_beside_the_checkpoint_of_another_log(tmp_path: Path, verb: str) -> None:
    runtime = bootstrap.build(Settings(_env_file=None, data_dir=tmp_path))
    bootstrap.prepare(runtime, kind="test")
    runtime.kept.folder.mkdir(parents=True, exist_ok=True)
    (runtime.kept.folder / "newest.txt").write_text("another.log\n1\n")
    with pytest.raises(Misconfigured):
        runtime.verbs[verb](0)
    runtime.close()
