"""The contract kit: what the engine relies on, tried on every provider.

A provider's test class names its ``subject`` and inherits the sentences.
"""

import logging
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import pytest

from channels.base import BadSignature, Channel, Malformed
from dispatcher.domain.model import (
    Accepted,
    Callback,
    Outcome,
    Parcel,
    Refused,
    Unclear,
)
from dispatcher.domain.status import Fault, Reason
from tests.channels.servers import always, closed_port, http_server, response

#: Bodies that are not what any provider answers.
MALFORMED = (
    b"",
    b"\xff\xfe\x00",
    b"<html><body>Bad gateway</body></html>",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"{}",
    b"[" * 100_000,
    b'{"sid": 17, "error": "0", "data": [], "carrier_ref": null, "code": "x"}',
    b'{"sid": "", "error": 0, "data": {"msg_id": 5}, "code": true}',
    b'{"error": 1e999, "code": 1e999}',
)

#: Marks the reference in a request whatever its encoding.
_REFERENCE = re.compile(rb"71\.(\d{3})\.1")


@dataclass(frozen=True, slots=True)
class Subject:
    """A provider on trial.

    ``make``: a channel that talks to a base URL; ``parcel``: a parcel by the number of its
    delivery; ``success``: the body by which the provider takes a message; ``sign``: a callback
    with this body, genuinely signed; ``genuine``: the body of a real one; ``hidden``: what must
    never be seen in a log.
    """

    make: Callable[[str], AbstractContextManager[Channel]]
    parcel: Callable[[int], Parcel]
    success: bytes
    sign: Callable[[bytes], Callback]
    genuine: bytes
    hidden: Sequence[str]


def outcomes(channel: Channel, parcels: Sequence[Parcel]) -> list[Outcome]:
    """The outcomes in the order of the parcels: one for each, each answering both questions."""
    told = list(channel.send(parcels))
    assert sorted(index for index, _ in told) == list(range(len(parcels)))
    for _, outcome in told:
        if isinstance(outcome, Refused | Unclear):
            assert outcome.failure.reason is not Reason.NONE
            assert outcome.failure.fault is not Fault.NOBODY
            assert outcome.failure.after is None or outcome.failure.after >= 0
    return [outcome for _, outcome in sorted(told, key=lambda pair: pair[0])]


class ChannelContract:
    """For every provider, whatever its wire."""

    subject: Subject

    @pytest.fixture(autouse=True)
    def _nothing_hidden_is_logged(self, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
        caplog.set_level(logging.DEBUG)
        yield
        for words in self.subject.hidden:
            assert words not in caplog.text

    def test_a_refused_connection_sent_nothing(self) -> None:
        with self.subject.make(f"http://127.0.0.1:{closed_port()}") as channel:
            told = outcomes(channel, [self.subject.parcel(number) for number in range(100, 103)])
        for outcome in told:
            assert isinstance(outcome, Refused)
            assert outcome.failure.again
            assert outcome.failure.reason is Reason.NO_CONNECTION

    def test_no_parcels_no_outcomes(self) -> None:
        with self.subject.make(f"http://127.0.0.1:{closed_port()}") as channel:
            assert outcomes(channel, []) == []

    def test_a_genuine_callback_is_believed(self) -> None:
        with self.subject.make("http://127.0.0.1:1") as channel:
            (event,) = channel.receipts(self.subject.sign(self.subject.genuine))
        assert event.ref == self.subject.parcel(200).ref

    @pytest.mark.parametrize("header", ["", "mac=", "t=1;v1=00", "AAAA", "ü"])
    def test_a_callback_that_is_not_signed_is_refused(self, header: str) -> None:
        genuine = self.subject.sign(self.subject.genuine)
        forged = replace(genuine, headers=dict.fromkeys(genuine.headers, header), body=b"x=1")
        self._refuses(forged)

    def test_a_changed_byte_is_refused(self) -> None:
        genuine = self.subject.sign(self.subject.genuine)
        self._refuses(replace(genuine, body=genuine.body.replace(b"71.200.1", b"71.201.1")))

    def _refuses(self, callback: Callback) -> None:
        with self.subject.make("http://127.0.0.1:1") as channel:
            with pytest.raises(BadSignature) as refusal:
                channel.receipts(callback)
            for words in self.subject.hidden:
                assert words not in str(refusal.value)

    @pytest.mark.parametrize("body", MALFORMED)
    def test_a_signed_callback_that_cannot_be_read_is_malformed_or_nothing(
        self, body: bytes
    ) -> None:
        with self.subject.make("http://127.0.0.1:1") as channel:
            try:
                said = str(channel.receipts(self.subject.sign(body)) or "")
            except (Malformed, BadSignature) as error:
                said = str(error)
        assert "StatusEvent" not in said
        assert not any(words in said for words in self.subject.hidden)


class HttpContract(ChannelContract):
    """For providers that speak HTTP."""

    def test_every_status_gives_one_outcome(self) -> None:
        def answer(connection: socket.socket, request: bytes) -> None:
            found = _REFERENCE.search(request)
            assert found
            connection.sendall(response(int(found.group(1)), b"<html></html>"))

        statuses = range(100, 600)
        with http_server(answer) as url, self.subject.make(url) as channel:
            told = outcomes(channel, [self.subject.parcel(status) for status in statuses])
        for status, outcome in zip(statuses, told, strict=True):
            unclear = status // 100 in (1, 2, 5) and status not in (501, 505, 511)
            assert isinstance(outcome, Unclear if unclear else Refused), status

    @pytest.mark.parametrize(
        ("status", "reason", "again"),
        [
            (301, Reason.PROVIDER_ERROR, True),
            (400, Reason.INTERNAL, False),
            (401, Reason.BAD_CREDENTIALS, True),
            (403, Reason.BAD_CREDENTIALS, True),
            (408, Reason.TIMEOUT, True),
            (429, Reason.RATE_LIMITED, True),
        ],
    )
    def test_a_plain_status_says_whose_fault(
        self, status: int, reason: Reason, *, again: bool
    ) -> None:
        outcome = self._answered(always(response(status, b"no")))
        assert isinstance(outcome, Refused)
        assert (outcome.failure.reason, outcome.failure.again) == (reason, again)

    def test_the_wait_that_is_asked_for_is_kept(self) -> None:
        outcome = self._answered(always(response(429, b"", Retry_After="17")))
        assert isinstance(outcome, Refused)
        assert outcome.failure.after == 17

    def test_a_taken_message_has_the_name_that_the_provider_gave_it(self) -> None:
        outcome = self._answered(always(response(201, self.subject.success)))
        assert isinstance(outcome, Accepted)
        assert outcome.provider_ref

    @pytest.mark.parametrize("body", MALFORMED)
    def test_a_success_that_cannot_be_read_is_unclear(self, body: bytes) -> None:
        assert isinstance(self._answered(always(response(200, body))), Unclear)

    @pytest.mark.parametrize("body", MALFORMED)
    def test_a_refusal_that_cannot_be_read_is_a_refusal(self, body: bytes) -> None:
        assert isinstance(self._answered(always(response(404, body))), Refused)

    def test_silence_is_unclear(self) -> None:
        def stay_silent(connection: socket.socket, _: bytes) -> None:
            connection.recv(1)

        outcome = self._answered(stay_silent)
        assert isinstance(outcome, Unclear)
        assert outcome.failure.reason is Reason.TIMEOUT

    def test_a_connection_cut_before_the_answer_is_unclear(self) -> None:
        assert isinstance(self._answered(lambda *_: None), Unclear)

    def test_a_connection_cut_within_the_answer_is_unclear(self) -> None:
        half = response(201, self.subject.success)[:-5]
        assert isinstance(self._answered(always(half)), Unclear)

    def test_an_answer_that_is_not_http_is_unclear(self) -> None:
        assert isinstance(self._answered(always(b"\x00\x01garbage\r\n\r\n")), Unclear)

    def test_what_a_provider_quotes_is_masked(self) -> None:
        quoting = b'{"message": "+84912345678, 0912 345 678, dan@xa.example", "error": -9999}'
        for status in (200, 400, 500):
            told = repr(self._answered(always(response(status, quoting))))
            assert not re.search(r"912 ?345|dan@", told)

    def _answered(self, answer: Callable[[socket.socket, bytes], None]) -> Outcome:
        with http_server(answer) as url, self.subject.make(url) as channel:
            (outcome,) = outcomes(channel, [self.subject.parcel(100)])
        return outcome
