"""What is special about Twilio."""

import json
import socket
from urllib.parse import parse_qs, urlencode

import pytest
from pydantic import ValidationError

from channels.base import BadSignature, Malformed
from channels.sms.twilio import TwilioSettings
from dispatcher.domain.errors import BadAddress
from dispatcher.domain.model import Accepted, Parcel, Payload, Refused, Unclear
from dispatcher.domain.status import Evidence, Reason, Status
from tests.channels.servers import always, http_server, response
from tests.channels.subjects import (
    ACCOUNT_SID,
    CALLBACK_URL,
    NOW,
    PHONE,
    reference,
    sms,
    twilio,
    twilio_callback,
)
from tests.contract import outcomes


def _sent(parcel: Parcel) -> dict[str, list[str]]:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(response(201, b'{"sid": "SM1", "num_segments": "0"}'))

    with http_server(answer) as url, twilio(url) as channel:
        assert outcomes(channel, [parcel]) == [Accepted("SM1", parts=1)]
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json ".encode())
    return parse_qs(body.decode())


def test_the_request_carries_text_sender_and_our_reference() -> None:
    assert _sent(sms(5)) == {
        "To": [PHONE],
        "From": ["UBND MCHAU"],
        "Body": ["Nước sông đang lên nhanh."],
        "StatusCallback": [f"{CALLBACK_URL}?ref=71.5.1"],
    }


@pytest.mark.parametrize(
    ("seconds", "validity"), [(90, "90"), (0.2, "1"), (-60, "1"), (86_400, "36000")]
)
def test_the_deadline_becomes_a_validity_that_twilio_takes(seconds: float, validity: str) -> None:
    valid_until = int((NOW + seconds) * 1000)
    parcel = Parcel(reference(5), PHONE, Payload(text="x"), valid_until=valid_until)
    assert _sent(parcel)["ValidityPeriod"] == [validity]


@pytest.mark.parametrize(
    ("status", "code", "reason", "again"),
    [
        (400, 21211, Reason.BAD_ADDRESS, False),
        (400, 21610, Reason.OPTED_OUT, False),
        (400, 21614, Reason.NOT_MOBILE, False),
        (400, 21617, Reason.TOO_LONG, False),
        (400, 21606, Reason.SENDER_NOT_REGISTERED, True),
        (401, 20003, Reason.BAD_CREDENTIALS, True),
        (429, 20429, Reason.RATE_LIMITED, True),
        (503, 20503, Reason.PROVIDER_ERROR, True),
        (400, 29999, Reason.INTERNAL, False),
    ],
)
def test_a_code_says_why_nothing_was_sent(
    status: int, code: int, reason: Reason, *, again: bool
) -> None:
    body = json.dumps({"code": code, "message": f"number {PHONE}", "status": status}).encode()
    with http_server(always(response(status, body))) as url, twilio(url) as channel:
        (outcome,) = outcomes(channel, [sms(1)])
    assert isinstance(outcome, Refused)
    assert (outcome.failure.reason, outcome.failure.again) == (reason, again)
    assert (outcome.failure.code, outcome.failure.words) == (str(code), "number •••678")


def test_twilios_own_server_error_may_have_sent_the_message() -> None:
    answer = always(response(500, b'{"code": 20500, "message": "Internal Server Error"}'))
    with http_server(answer) as url, twilio(url) as channel:
        (outcome,) = outcomes(channel, [sms(1)])
    assert isinstance(outcome, Unclear)


@pytest.mark.parametrize(
    ("word", "code", "status", "reason", "evidence"),
    [
        ("queued", "", Status.ACCEPTED, Reason.NONE, Evidence.PROVIDER),
        ("sent", "", Status.ACCEPTED, Reason.NONE, Evidence.PROVIDER),
        ("delivered", "", Status.DELIVERED, Reason.NONE, Evidence.CARRIER),
        ("read", "", Status.SEEN, Reason.NONE, Evidence.DEVICE),
        ("undelivered", "30003", Status.FAILED, Reason.UNREACHABLE, Evidence.CARRIER),
        ("undelivered", "30005", Status.FAILED, Reason.UNKNOWN_SUBSCRIBER, Evidence.CARRIER),
        ("failed", "30036", Status.EXPIRED, Reason.DEADLINE, Evidence.PROVIDER),
        ("failed", "39999", Status.FAILED, Reason.PROVIDER_ERROR, Evidence.PROVIDER),
        ("canceled", "", Status.CANCELLED, Reason.CANCELLED_BY_PERSON, Evidence.PROVIDER),
    ],
)
def test_a_status_word_is_translated(
    word: str, code: str, status: Status, reason: Reason, evidence: Evidence
) -> None:
    body = urlencode({"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": code}).encode()
    with twilio("http://127.0.0.1:1") as channel:
        (event,) = channel.receipts(twilio_callback(body))
    assert (event.ref, event.provider_ref) == (reference(200), "SM1")
    assert (event.status, event.reason, event.evidence) == (status, reason, evidence)
    assert (event.code, event.words) == (code, word)


def test_a_status_word_that_is_not_known_changes_nothing() -> None:
    with twilio("http://127.0.0.1:1") as channel, pytest.raises(Malformed):
        channel.receipts(twilio_callback(b"MessageSid=SM1&MessageStatus=teleported"))


def test_the_reference_in_the_url_is_signed_too() -> None:
    callback = twilio_callback(b"MessageSid=SM1&MessageStatus=delivered")
    moved = type(callback)(
        "POST", callback.url.replace("200", "201"), callback.headers, callback.body
    )
    with twilio("http://127.0.0.1:1") as channel, pytest.raises(BadSignature):
        channel.receipts(moved)


def test_records_can_be_looked_up_and_the_unknown_are_passed_over() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        known = b"/Messages/SM1.json" in request
        record = b'{"sid": "SM1", "status": "undelivered", "error_code": 30006}'
        lost = b'{"code": 20404, "message": "not found", "status": 404}'
        connection.sendall(response(200, record) if known else response(404, lost))

    with http_server(answer) as url, twilio(url) as channel:
        (event,) = channel.ask_about(["SM0", "SM1"])
    assert (event.provider_ref, event.reason) == ("SM1", Reason.NOT_MOBILE)


def test_only_what_twilio_says_is_cancelled_counts_as_cancelled() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        if b"/Messages/SM1.json" in request:
            assert request.endswith(b"Status=canceled")
            connection.sendall(response(200, b'{"sid": "SM1", "status": "canceled"}'))
        elif b"/Messages/SM2.json" in request:
            connection.sendall(response(409, b'{"code": 30409, "message": "too late"}'))

    with http_server(answer) as url, twilio(url) as channel:
        told = dict(channel.cancel(["SM1", "SM2", "SM3"]))
    assert told == {"SM1": True, "SM2": False, "SM3": False}


def test_a_fixed_line_is_no_address_for_sms() -> None:
    with twilio("http://127.0.0.1:1") as channel:
        assert channel.check("0912 345 678") == PHONE
        with pytest.raises(BadAddress):
            channel.check("024 3825 1234")


@pytest.mark.parametrize("senders", [{}, {"sender": "UBND", "messaging_service": "MG1"}])
def test_settings_name_exactly_one_sender(senders: dict[str, str]) -> None:
    account = {"account_sid": ACCOUNT_SID, "auth_token": "t", "callback_url": CALLBACK_URL}
    with pytest.raises(ValidationError, match="either sender"):
        TwilioSettings.model_validate(account | senders)


def test_settings_do_not_show_their_secret() -> None:
    with twilio("http://127.0.0.1:1") as channel:
        assert "twilio-secret" not in repr(channel._settings)
