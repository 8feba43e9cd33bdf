"""The simulated Zalo: errors with HTTP 200, rotating tokens, falling quota, plain SHA-256."""

from __future__ import annotations

import hashlib
import json

import pytest

from dispatcher.sim.launch import Started
from tests.sim.asking import get, post
from tests.sim.conftest import Start
from tests.sim.listening import Mailbox

TOKEN = {"access_token": "sim-zalo-access-token"}
APP_ID, OA_SECRET = "3850000000000000001", "sim-zalo-oa-secret"
FAST = {"receipt_delay": [0.01, 0.01]}
DATA = {"ho_ten": "Vàng Thị Mỷ", "ngay": "25/11/2026", "dia_diem": "Trạm y tế xã Tả Van"}


def send(started: Started, **changes: object) -> dict[str, object]:
    body = {
        "phone": "84912000111",
        "template_id": "300002",
        "template_data": DATA,
        "tracking_id": "d1.1",
    }
    url = f"{started.url}/message/template"
    answer = post(url, headers=TOKEN, json=body | changes)
    assert answer.status_code == 200
    result: dict[str, object] = answer.json()
    return result


@pytest.fixture(scope="module")
def zalo(simulator: Start) -> Started:
    fates = ["^84912118=-118", "^84912000=seen", "^84912333=unreached", "^u-strange=-213"]
    return simulator("zalo", seed=7, manners=FAST, fate=fates)


def test_a_template_is_taken_and_the_quota_falls(simulator: Start) -> None:
    fresh = simulator("zalo", daily_quota=2)
    answers = [send(fresh) for _ in range(3)]
    assert answers[0]["error"] == 0
    data = answers[0]["data"]
    assert isinstance(data, dict)
    assert data["quota"] == {"dailyQuota": "2", "remainingQuota": "1"}
    assert data["sent_time"].isdigit()
    assert (data["sending_mode"], len(data["sent_time"])) == ("1", 13)
    assert answers[2]["error"] == -144


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "84912118999"}, -118),
        ({"phone": "113"}, -108),
        ({"phone": "+84912000111"}, 0),
        ({"phone": "0912000111"}, 0),
        ({"template_id": "1"}, -109),
        ({"template_data": {"ho_ten": "A"}}, -1122),
        ({"template_data": DATA | {"ho_ten": "A" * 31}}, -1121),
        ({"template_data": "x"}, -132),
        ({"tracking_id": ""}, -132),
        ({"tracking_id": "x" * 49}, -132),
    ],
)
def test_errors_come_with_http_200(zalo: Started, changes: dict[str, object], code: int) -> None:
    assert send(zalo, **changes)["error"] == code


def test_an_unknown_token_is_minus_124_and_minus_216_on_the_oa_side(zalo: Started) -> None:
    stranger = {"access_token": "x"}
    by_phone = post(f"{zalo.url}/message/template", headers=stranger, json={})
    by_user = post(f"{zalo.url}/v3.0/oa/message/cs", headers=stranger, json={})
    assert (by_phone.json()["error"], by_user.json()["error"]) == (-124, -216)


@pytest.mark.parametrize(
    ("time", "code"),
    [("21:59:30", 0), ("22:00:00", -133), ("05:59:30", -133), ("06:00:00", 0)],
)
def test_the_night_window_is_hanois(simulator: Start, time: str, code: int) -> None:
    nightly = simulator("zalo", night=True, now=f"2026-11-22T{time}+07:00")
    assert send(nightly)["error"] == code


def test_a_refresh_token_works_once(simulator: Start) -> None:
    fresh = simulator("zalo")
    url, key = f"{fresh.url}/v4/oa/access_token", {"secret_key": "sim-zalo-app-secret"}
    form = {
        "app_id": APP_ID,
        "grant_type": "refresh_token",
        "refresh_token": "sim-zalo-refresh-token",
    }
    first = post(url, headers=key, data=form).json()
    assert first["expires_in"] == "90000"
    assert post(url, headers=key, data=form).json()["error"] == -14014
    rotated = form | {"refresh_token": first["refresh_token"]}
    assert post(url, headers=key, data=rotated).json()["access_token"]
    quota = get(f"{fresh.url}/message/quota", headers={"access_token": first["access_token"]})
    assert quota.json()["error"] == 0


def test_the_app_secret_is_checked(zalo: Started) -> None:
    answer = post(f"{zalo.url}/v4/oa/access_token", headers={"secret_key": "x"}, data={})
    assert answer.json()["error"] == -14004


def test_an_access_token_expires(simulator: Start) -> None:
    brief = simulator("zalo", token_lifetime=0)
    assert send(brief)["error"] == -124


def test_webhooks_tell_delivery_and_reading_with_a_plain_sha256(
    simulator: Start, box: Mailbox
) -> None:
    webhook = simulator("zalo", callback_url=box.url, manners=FAST, fate=["^84912000=seen"])
    data = send(webhook)["data"]
    assert isinstance(data, dict)
    posts = box.wait(2)
    events = [json.loads(post.body) for post in posts]
    assert [event["event_name"] for event in events] == [
        "user_received_message",
        "user_seen_message",
    ]
    first = events[0]
    assert first["message"]["msg_id"] == data["msg_id"]
    assert first["message"]["tracking_id"] == "d1.1"
    assert first["message"]["delivery_time"].isdigit()
    assert first["recipient"] == {"id": "84912000111"}
    signed = APP_ID + posts[0].body.decode() + first["timestamp"] + OA_SECRET
    mac = hashlib.sha256(signed.encode()).hexdigest()
    assert posts[0].headers["X-ZEvent-Signature"] == f"mac={mac}"
    assert posts[0].headers["X-ZEvent-Server"] == "ZNS"


def test_a_webhook_that_is_not_answered_200_comes_again(simulator: Start, box: Mailbox) -> None:
    box.answers = [500, 503]
    webhook = simulator("zalo", callback_url=box.url, manners=FAST, retry_waits="0.02,0.02,0.02")
    send(webhook)
    posts = box.wait(3)
    assert len({post.body.split(b'"timestamp"')[0] for post in posts}) == 1
    assert [post.headers.get("num_retry") for post in posts] == [None, "1", "2"]


def test_status_tells_delivered_undelivered_and_unknown(zalo: Started) -> None:
    def status_of(phone: str) -> int:
        data = send(zalo, phone=phone)["data"]
        assert isinstance(data, dict)
        return ask(data["msg_id"])

    def ask(message_id: str) -> int:
        params = {"message_id": message_id}
        answer = get(f"{zalo.url}/message/status", headers=TOKEN, params=params)
        status: int = answer.json()["data"]["status"]
        return status

    assert status_of("84912333000") == 0
    assert ask("nope") == -1
    data = send(zalo)["data"]
    assert isinstance(data, dict)
    deadline = 50
    while ask(data["msg_id"]) != 1:
        deadline -= 1
        assert deadline, "never delivered"


def test_template_info_names_the_parameters(zalo: Started) -> None:
    params = {"template_id": "300002"}
    answer = get(f"{zalo.url}/template/info/v2", headers=TOKEN, params=params).json()
    listed = {param["name"]: param["maxLength"] for param in answer["data"]["listParams"]}
    assert listed == {"ho_ten": 30, "ngay": 20, "dia_diem": 200}


def test_the_oa_side_takes_templates_replies_and_articles(zalo: Started) -> None:
    def oa(path: str, body: dict[str, object]) -> int:
        error: int = post(zalo.url + path, headers=TOKEN, json=body).json()["error"]
        return error

    template = {"template_id": "300002", "template_data": DATA}
    assert oa("/v3.0/oa/message/template", template | {"user_id": "u-1"}) == 0
    assert oa("/v3.0/oa/message/template", template | {"user_id": "u-strange"}) == -213
    reply = {"recipient": {"user_id": "u-1"}, "message": {"text": "Xã đã nhận phản ánh."}}
    assert oa("/v3.0/oa/message/cs", reply) == 0
    article = {"payload": {"elements": [{"media_type": "article", "attachment_id": "a1"}]}}
    broadcast = {"recipient": {"target": {"cities": "9"}}, "message": {"attachment": article}}
    assert oa("/v2.0/oa/message", broadcast) == 0
    assert oa("/v2.0/oa/message", broadcast | {"message": {"text": "x"}}) == -201


def test_too_many_requests_are_minus_32_with_http_200(zalo: Started) -> None:
    post(f"{zalo.control}/_sim/manners", json={"too_many": 1})
    assert send(zalo)["error"] == -32
    post(f"{zalo.control}/_sim/manners", json={"too_many": 0})
