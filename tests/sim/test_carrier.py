"""The simulated carrier keeps to docs/carrier-orders.md, checked with keys made here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatcher.sim.launch import Started
from tests.sim.asking import get, post, put
from tests.sim.conftest import Start
from tests.sim.listening import Mailbox, Posted

HANOI = timezone(timedelta(hours=7))
LIVE = Ed25519PrivateKey.from_private_bytes(b"\x4c" * 32)
DRILL = Ed25519PrivateKey.from_private_bytes(b"\x44" * 32)
SOUND = b"\xd5" * 8 * 12_000
NOON = datetime(2026, 9, 10, 12, 0, tzinfo=HANOI)
FAST = {"receipt_delay": [0.01, 0.01]}


def order(name: str, **changes: object) -> dict[str, Any]:
    return {
        "order": name,
        "medium": "ringback",
        "carrier": "viettel",
        "audio": {
            "sha256": hashlib.sha256(SOUND).hexdigest(),
            "mime": "audio/PCMA",
            "bytes": len(SOUND),
            "duration_ms": 12_000,
        },
        "text": "Đề nghị bà con vùng bãi sơ tán ngay.",
        "areas": ["01", "25"],
        "period": {
            "from": NOON.isoformat(),
            "until": (NOON + timedelta(minutes=90)).isoformat(),
        },
        "caller_class": "all",
        "authorised_by": {"symbol": "15/CĐ-UBND", "agency": "UBND thành phố Hà Nội"},
        "drill": False,
    } | changes


def signed(
    started: Started,
    path: str,
    body: dict[str, Any],
    key: Ed25519PrivateKey = LIVE,
    kid: str = "loa-live-sim",
) -> requests.Response:
    raw = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    signature = base64.b64encode(key.sign(raw)).decode()
    headers = {"Loa-Signature": f"ed25519;kid={kid};sig={signature}"}
    return post(started.url + path, data=raw, headers=headers)


def put_sound(started: Started, name: str, sound: bytes = SOUND) -> requests.Response:
    return put(
        f"{started.url}/orders/{name}/audio",
        data=sound,
        headers={"Content-Type": "audio/PCMA"},
    )


def told(posts: list[Posted]) -> list[dict[str, Any]]:
    return [json.loads(post.body) for post in posts]


@pytest.fixture(scope="module")
def desk(simulator: Start) -> Started:
    start = NOON - timedelta(hours=1)
    return simulator("carrier", seed=7, now=start.isoformat(), manners=FAST)


def test_an_order_is_accepted_and_waits_for_its_sound(desk: Started) -> None:
    answer = signed(desk, "/orders", order("a1"))
    assert answer.status_code == 202
    placed = answer.json()
    assert (placed["order"], placed["state"], placed["audio"]) == ("a1", "accepted", "missing")
    assert placed["carrier_ref"].startswith("CR")
    assert put_sound(desk, "a1").json()["audio"] == "held"


def test_the_same_order_again_is_the_same_order(desk: Started) -> None:
    first = signed(desk, "/orders", order("a2")).json()
    assert signed(desk, "/orders", order("a2")).json() == first
    changed = signed(desk, "/orders", order("a2", areas=["08"]))
    assert (changed.status_code, changed.json()["error"]) == (409, "order_differs")


def test_a_signature_by_nobody_or_over_other_bytes_is_refused(desk: Started) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    assert signed(desk, "/orders", order("a3"), key=stranger).status_code == 401
    assert signed(desk, "/orders", order("a3"), kid="unknown").status_code == 401
    assert post(f"{desk.url}/orders", json=order("a3")).status_code == 401


@pytest.mark.parametrize(
    ("drill", "key", "kid", "status"),
    [
        (True, DRILL, "loa-drill-sim", 202),
        (True, LIVE, "loa-live-sim", 403),
        (False, DRILL, "loa-drill-sim", 403),
    ],
)
def test_drill_keys_sign_drills_and_nothing_else(
    desk: Started, *, drill: bool, key: Ed25519PrivateKey, kid: str, status: int
) -> None:
    placed = signed(desk, "/orders", order(f"d-{drill}-{kid}", drill=drill), key, kid)
    assert placed.status_code == status


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"medium": "fax"}, "medium"),
        ({"areas": []}, "areas"),
        ({"areas": ["1"]}, "areas"),
        ({"text": " "}, "text"),
        ({"audio": None}, "audio"),
        ({"audio": {"mime": "audio/mpeg"}}, "audio"),
        ({"medium": "area_sms"}, "audio"),
        ({"caller_class": "kings"}, "caller_class"),
        ({"authorised_by": {"symbol": "", "agency": "x"}}, "authorised_by"),
        ({"period": {"from": "2026-09-10T12:00:00", "until": "2026-09-10T13:00:00"}}, "period"),
        (
            {"period": {"from": "2026-01-01T00:00:00+07:00", "until": "2026-01-02T00:00:00+07:00"}},
            "period.until",
        ),
        ({"drill": "no"}, "drill"),
    ],
)
def test_a_bad_order_is_refused_and_the_field_is_named(
    desk: Started, changes: dict[str, object], field: str
) -> None:
    answer = signed(desk, "/orders", order("bad") | changes)
    assert (answer.status_code, answer.json()) == (422, {"error": "bad_order", "field": field})


def test_a_sound_that_is_not_the_signed_one_is_refused(desk: Started) -> None:
    signed(desk, "/orders", order("a4"))
    answer = put_sound(desk, "a4", SOUND[:-1] + b"\x00")
    assert (answer.status_code, answer.json()["error"]) == (422, "audio_differs")


def test_the_states_and_reports_of_ninety_minutes(simulator: Start, box: Mailbox) -> None:
    # Two hours pass in 1.2 s.
    start = NOON - timedelta(minutes=5)
    desk = simulator(
        "carrier",
        seed=7,
        callback_url=box.url,
        now=start.isoformat(),
        pace=6000,
        manners=FAST,
    )
    signed(desk, "/orders", order("o1"))
    put_sound(desk, "o1")
    posts = box.wait(5)
    messages = sorted(told(posts), key=lambda message: message["at"])
    states = [message["state"] for message in messages if message["type"] == "state"]
    assert states == ["installed", "active", "ended"]
    active = next(message for message in messages if message.get("state") == "active")
    assert active["from"] == "2026-09-10T12:00:00+07:00"
    reports = [message["rows"] for message in messages if message["type"] == "report"]
    assert [[row["area"] for row in rows] for rows in reports] == [["01", "25"]] * 2
    assert [rows[0]["hour"][11:13] for rows in reports] == ["12", "13"]
    assert all(0 < row["plays"] <= row["calls"] for rows in reports for row in rows)
    assert len({message["event"] for message in messages}) == 5
    history = get(f"{desk.url}/orders/o1").json()
    assert history["state"] == "ended"


def test_reports_are_signed_with_the_agreed_secret(simulator: Start, box: Mailbox) -> None:
    desk = simulator("carrier", callback_url=box.url, now=NOON.isoformat(), manners=FAST)
    sms = order("o2", medium="area_sms", audio=None)
    assert "audio" not in signed(desk, "/orders", sms).json()
    post = box.wait(1)[0]
    stamp, v1 = (part.partition("=")[2] for part in post.headers["Carrier-Signature"].split(";"))
    mac = hmac.new(b"sim-carrier-callback-secret", f"{stamp}.".encode() + post.body, "sha256")
    assert hmac.compare_digest(mac.hexdigest(), v1)
    assert int(stamp) == pytest.approx(NOON.timestamp(), abs=5)


def test_an_area_that_is_not_covered_rejects_the_order(simulator: Start, box: Mailbox) -> None:
    desk = simulator(
        "carrier",
        callback_url=box.url,
        now=NOON.isoformat(),
        manners=FAST,
        fate=["^25$=area_not_covered"],
    )
    signed(desk, "/orders", order("o3", medium="area_sms", audio=None))
    message = told(box.wait(1))[0]
    assert (message["state"], message["reason"]) == ("rejected", "area_not_covered")


def test_withdrawing_ends_an_order_and_can_be_repeated(simulator: Start, box: Mailbox) -> None:
    desk = simulator("carrier", callback_url=box.url, now=NOON.isoformat(), manners=FAST)
    signed(desk, "/orders", order("o4", medium="area_sms", audio=None))
    box.wait(2)
    body = {"order": "o4", "reason": "Đã hết nguy cơ"}
    unsigned = post(f"{desk.url}/orders/o4/withdraw", json=body)
    assert unsigned.status_code == 401
    for _ in range(2):
        answer = signed(desk, "/orders/o4/withdraw", body)
        assert (answer.status_code, answer.json()["state"]) == (202, "withdrawn")
    states = {message.get("state") for message in told(box.wait(4))}
    assert states == {"installed", "active", "withdrawn", None}
