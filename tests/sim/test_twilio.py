"""The simulated Twilio satisfies Twilio's own client and Twilio's own signature check."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from dispatcher.sim.launch import Started
from tests.sim.asking import get, post
from tests.sim.conftest import Start
from tests.sim.listening import Mailbox, Posted

SID, TOKEN = "AC5f00000000000000000000000000000a", "5f00000000000000000000000000000b"
FAST = {"receipt_delay": [0.01, 0.01]}
TEXT = "Mưa lớn, nguy cơ ngập. Đề nghị bà con kê cao tài sản."
TO, FROM = "+84912000111", "+15005550006"


class Redirected(TwilioHttpClient):
    """Twilio's client, pointed at the simulator."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, self._base + urlsplit(url).path, *args, **kwargs)


@pytest.fixture(scope="module")
def twilio(simulator: Start) -> Started:
    return simulator("twilio", seed=7, manners=FAST, fate=["^\\+84912999=30005"])


@pytest.fixture
def client(twilio: Started) -> Client:
    post(f"{twilio.control}/_sim/manners", json={"afresh": True} | FAST)
    return Client(SID, TOKEN, http_client=Redirected(twilio.url))


def fields(post: Posted) -> dict[str, str]:
    return dict(parse_qsl(post.body.decode(), strict_parsing=True))


def test_a_message_is_queued_with_its_parts(client: Client) -> None:
    message = client.messages.create(to=TO, from_=FROM, body=TEXT + "!" * 30)
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert (message.status, message.num_segments, message.error_code) == ("queued", "2", None)
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=10)


def test_a_messaging_service_accepts_first(client: Client) -> None:
    message = client.messages.create(to=TO, messaging_service_sid="MG" + "0" * 32, body=TEXT)
    assert (message.status, message.from_) == ("accepted", None)


def test_a_message_can_be_looked_up_until_delivered(client: Client) -> None:
    sid = client.messages.create(to=TO, from_=FROM, body=TEXT).sid
    time.sleep(0.2)
    found = client.messages(sid).fetch()
    assert (found.status, found.body) == ("delivered", TEXT)


@pytest.mark.parametrize(
    ("to", "body", "code", "status"),
    [
        ("0912000111", TEXT, 21211, 400),
        ("+15005550001", TEXT, 21211, 400),
        ("+15005550004", TEXT, 21610, 400),
        ("+15005550009", TEXT, 21614, 400),
        (TO, "x" * 1601, 21617, 400),
        (TO, "", 21602, 400),
    ],
)
def test_refusals_carry_twilios_codes(
    client: Client, to: str, body: str, code: int, status: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=to, from_=FROM, body=body)
    assert (caught.value.code, caught.value.status) == (code, status)


def test_wrong_credentials_are_20003(twilio: Started) -> None:
    stranger = Client(SID, "wrong", http_client=Redirected(twilio.url))
    with pytest.raises(TwilioRestException) as caught:
        stranger.messages.create(to=TO, from_=FROM, body=TEXT)
    assert (caught.value.code, caught.value.status) == (20003, 401)


def test_too_many_requests_say_when_to_come_back(twilio: Started, client: Client) -> None:
    again = {"too_many": 1, "retry_after": 3}
    post(f"{twilio.control}/_sim/manners", json=again)
    url = f"{twilio.url}/2010-04-01/Accounts/{SID}/Messages.json"
    answer = post(url, auth=(SID, TOKEN), data={"To": TO, "From": FROM, "Body": TEXT})
    assert (answer.status_code, answer.json()["code"]) == (429, 20429)
    assert answer.headers["Retry-After"] == "3"


def test_a_scheduled_message_can_be_cancelled_and_is_not_sent(client: Client, box: Mailbox) -> None:
    message = client.messages.create(
        to=TO,
        messaging_service_sid="MG" + "0" * 32,
        body=TEXT,
        schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(seconds=0.3),
        status_callback=box.url,
    )
    assert message.status == "scheduled"
    assert client.messages(message.sid).update(status="canceled").status == "canceled"
    time.sleep(0.6)
    assert box.posts == []


def test_a_delivered_message_cannot_be_cancelled(client: Client) -> None:
    sid = client.messages.create(to=TO, from_=FROM, body=TEXT).sid
    time.sleep(0.2)
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).update(status="canceled")
    assert caught.value.status == 409


def test_callbacks_tell_the_way_of_a_message_in_order(client: Client, box: Mailbox) -> None:
    sid = client.messages.create(to=TO, from_=FROM, body=TEXT, status_callback=box.url).sid
    told = [fields(post) for post in box.wait(3)]
    assert [params["MessageStatus"] for params in told] == ["queued", "sent", "delivered"]
    assert {params["MessageSid"] for params in told} == {sid}
    assert told[2]["To"] == TO
    assert "ErrorCode" not in told[2]


def test_twilios_own_validator_accepts_the_signature(client: Client, box: Mailbox) -> None:
    client.messages.create(to=TO, from_=FROM, body=TEXT, status_callback=box.url)
    post = box.wait(1)[0]
    validator = RequestValidator(TOKEN)
    signature = post.headers["X-Twilio-Signature"]
    assert validator.validate(box.url, fields(post), signature)
    assert not validator.validate(box.url, fields(post) | {"To": "+84900000000"}, signature)


def test_an_unknown_handset_is_undelivered_with_its_code(client: Client, box: Mailbox) -> None:
    client.messages.create(to="+84912999111", from_=FROM, body=TEXT, status_callback=box.url)
    last = fields(box.wait(3)[2])
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30005")


def test_a_message_that_waits_longer_than_valid_fails(
    twilio: Started, client: Client, box: Mailbox
) -> None:
    slow = {"receipt_delay": [1.1, 1.1]}
    post(f"{twilio.control}/_sim/manners", json=slow)
    client.messages.create(to=TO, from_=FROM, body=TEXT, validity_period=1, status_callback=box.url)
    only = fields(box.wait(1)[0])
    assert (only["MessageStatus"], only["ErrorCode"]) == ("failed", "30036")


@pytest.mark.parametrize(
    ("manners", "count", "statuses"),
    [
        ({"receipts_doubled": 1}, 6, {"queued": 2, "sent": 2, "delivered": 2}),
        ({"receipts_reversed": 1}, 3, {"queued": 1, "sent": 1, "delivered": 1}),
        ({"receipts_unknown": 1}, 4, {"queued": 1, "sent": 1, "delivered": 2}),
    ],
)
def test_callbacks_misbehave_on_demand(
    twilio: Started,
    client: Client,
    box: Mailbox,
    manners: dict[str, float],
    count: int,
    statuses: dict[str, int],
) -> None:
    post(f"{twilio.control}/_sim/manners", json=manners)
    sid = client.messages.create(to=TO, from_=FROM, body=TEXT, status_callback=box.url).sid
    told = [fields(post) for post in box.wait(count)]
    words = [params["MessageStatus"] for params in told]
    assert {word: words.count(word) for word in words} == statuses
    assert (words[0] == "delivered") == ("receipts_reversed" in manners)
    strangers = [params for params in told if params["MessageSid"] != sid]
    assert len(strangers) == ("receipts_unknown" in manners)


def test_lost_callbacks_are_lost_but_the_message_arrives(
    twilio: Started, client: Client, box: Mailbox
) -> None:
    post(f"{twilio.control}/_sim/manners", json={"receipts_lost": 1})
    sid = client.messages.create(to=TO, from_=FROM, body=TEXT, status_callback=box.url).sid
    time.sleep(0.3)
    assert box.posts == []
    assert client.messages(sid).fetch().status == "delivered"


def test_a_connection_cut_after_reading_has_sent_the_message(
    twilio: Started, client: Client
) -> None:
    post(f"{twilio.control}/_sim/manners", json={"cut_after": 1})
    url = f"{twilio.url}/2010-04-01/Accounts/{SID}/Messages.json"
    ghost = {"To": "+84912000222", "From": FROM, "Body": TEXT}
    with pytest.raises(requests.ConnectionError):
        post(url, auth=(SID, TOKEN), data=ghost)
    found = get(f"{twilio.control}/_sim/messages", params={"to": "+84912000222"}).json()
    assert [message["text"] for message in found] == [TEXT]
