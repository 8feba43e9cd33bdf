"""One table gives every HTTP status a meaning."""

import pytest

from channels import http_errors
from channels.door import Lost, Reply
from channels.redaction import redacted
from dispatcher.domain.model import Refused, Unclear
from dispatcher.domain.status import Fault, Reason

# Sun, 22 Nov 2026 00:00:00 GMT
_NOW = 1_795_305_600.0


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("Sun, 22 Nov 2026 00:02:00 GMT", 120.0),
        ("Sat, 21 Nov 2026 23:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_a_wait_is_read_as_seconds_or_date(asked: str, seconds: float | None) -> None:
    assert http_errors.retry_after(Reply(429, b"", {"retry-after": asked}), _NOW) == seconds


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_answers_both_questions(status: int) -> None:
    failure = http_errors.failure(Reply(status, b"", {"retry-after": "3"}), _NOW)
    assert failure.fault in (Fault.CONTENT, Fault.ROUTE, Fault.OURS)
    assert failure.after == (3 if failure.again else None)
    assert failure.code == str(status)


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (Lost(sent=False, timed_out=False, words=""), Refused, Reason.NO_CONNECTION),
        (Lost(sent=False, timed_out=True, words=""), Refused, Reason.TIMEOUT),
        (Lost(sent=True, timed_out=False, words=""), Unclear, Reason.NO_CONNECTION),
        (Lost(sent=True, timed_out=True, words=""), Unclear, Reason.TIMEOUT),
    ],
)
def test_what_was_lost_before_it_left_was_not_sent(
    answer: Lost, kind: type[Refused | Unclear], reason: Reason
) -> None:
    outcome = http_errors.lost(answer)
    assert isinstance(outcome, kind)
    assert (outcome.failure.reason, outcome.failure.again) == (reason, True)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("<dan.le@xa.example>: no such user", "<•••@xa.example>: no such user"),
        ("to +84 912 345 678\nfailed", "to •••678 failed"),
        ("error 21211", "error 21211"),
        ("x" * 5000, "x" * 200),
    ],
)
def test_foreign_words_are_made_fit_for_a_log(words: str, shown: str) -> None:
    assert redacted(words) == shown
