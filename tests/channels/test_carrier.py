"""What is special about orders to carriers."""

import base64
import json
import re
import socket
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.base import BadSignature, Malformed
from dispatcher.domain.errors import BadAddress
from dispatcher.domain.model import Accepted, Refused, Unclear
from dispatcher.domain.status import Evidence, Fault, Reason, Status
from tests.channels.servers import always, http_server, response
from tests.channels.subjects import (
    NOW,
    SIGNING_KEY,
    SOUND,
    carrier,
    carrier_callback,
    carrier_order,
    carrier_state,
    reference,
)
from tests.contract import outcomes


class Desk:
    """Keeps what it is sent; the sound is asked for with the first order."""

    def __init__(self, *, sound_status: int = 202) -> None:
        self.requests: list[tuple[bytes, bytes]] = []
        self._sound_status = sound_status

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        self.requests.append((head, body))
        sound = head.startswith(b"PUT")
        shown = {
            "order": "71.5.1",
            "carrier_ref": "CR1",
            "state": "accepted",
            "audio": "held" if sound else "missing",
        }
        status = self._sound_status if sound else 202
        connection.sendall(response(status, json.dumps(shown).encode() if status < 300 else b""))


def test_an_order_is_signed_and_followed_by_its_sound() -> None:
    desk = Desk()
    with http_server(desk) as url, carrier(url) as channel:
        assert outcomes(channel, [carrier_order(5)]) == [Accepted("71.5.1/CR1")]
    (placed, order), (put, sound) = desk.requests
    assert placed.startswith(b"POST /orders ")
    assert put.startswith(b"PUT /orders/71.5.1/audio ")
    assert sound == SOUND
    signature = re.search(rb"Loa-Signature: ed25519;kid=ubnd-minh-chau;sig=(\S+)", placed)
    assert signature
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SIGNING_KEY))
    key.public_key().verify(base64.b64decode(signature.group(1)), order)


def test_an_order_says_what_where_when_and_on_whose_document() -> None:
    desk = Desk()
    with http_server(desk) as url, carrier(url) as channel:
        outcomes(channel, [carrier_order(5)])
    order = json.loads(desk.requests[0][1])
    terms = carrier_order(5).payload.extra
    assert {name: order[name] for name in terms} == terms
    assert (order["order"], order["medium"]) == ("71.5.1", "ringback")
    assert order["text"] == "Nước sông Hồng đang lên trên báo động ba."
    assert (order["audio"]["bytes"], order["audio"]["duration_ms"]) == (8_000, 1_000)


def test_the_same_order_has_the_same_bytes() -> None:
    desk = Desk()
    with http_server(desk) as url, carrier(url) as channel:
        outcomes(channel, [carrier_order(5), carrier_order(5)])
    assert desk.requests[0] == desk.requests[2]


@pytest.mark.parametrize(("status", "kind"), [(502, Unclear), (404, Refused)])
def test_an_order_without_its_sound_is_not_accepted(status: int, kind: type) -> None:
    with http_server(Desk(sound_status=status)) as url, carrier(url) as channel:
        (outcome,) = outcomes(channel, [carrier_order(5)])
    assert isinstance(outcome, kind)


def test_a_drill_does_not_leave_by_a_live_route_nor_the_other_way_round() -> None:
    live = carrier_order(5)
    drill = replace(
        live, payload=replace(live.payload, extra={**live.payload.extra, "drill": True})
    )
    desk = Desk()
    with http_server(desk) as url, carrier(url) as channel:
        (refused,) = outcomes(channel, [drill])
    with http_server(desk) as url, carrier(url, drill=True) as channel:
        (refused_too,) = outcomes(channel, [live])
    assert isinstance(refused, Refused)
    assert isinstance(refused_too, Refused)
    assert not desk.requests


@pytest.mark.parametrize("what", ["no sound", "lost sound", "other sound", "no areas"])
def test_an_order_that_is_not_whole_is_our_fault_and_not_sent(what: str) -> None:
    order = carrier_order(5)
    media = order.payload.media
    assert media
    payload = {
        "no sound": replace(order.payload, media=None),
        "lost sound": replace(order.payload, media=replace(media, sha256="0" * 64)),
        "other sound": replace(order.payload, media=replace(media, size=7)),
        "no areas": replace(order.payload, extra={"drill": False}),
    }[what]
    desk = Desk()
    with http_server(desk) as url, carrier(url) as channel:
        (outcome,) = outcomes(channel, [replace(order, payload=payload)])
    assert isinstance(outcome, Refused)
    assert outcome.failure.fault is Fault.OURS
    assert not desk.requests


@pytest.mark.parametrize(
    ("status", "word", "reason", "again"),
    [
        (401, "bad_signature", Reason.BAD_CREDENTIALS, True),
        (409, "order_differs", Reason.INTERNAL, False),
        (422, "bad_order", Reason.BAD_PARAMETER, False),
        (429, "too_many_orders", Reason.RATE_LIMITED, True),
        (503, "unavailable", Reason.PROVIDER_ERROR, True),
    ],
)
def test_the_desk_says_why_it_refuses(
    status: int, word: str, reason: Reason, *, again: bool
) -> None:
    body = json.dumps({"error": word, "field": "areas"}).encode()
    with http_server(always(response(status, body))) as url, carrier(url) as channel:
        (outcome,) = outcomes(channel, [carrier_order(5)])
    assert isinstance(outcome, Refused)
    assert (outcome.failure.reason, outcome.failure.again) == (reason, again)
    assert (outcome.failure.code, outcome.failure.words) == (word, "areas")


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("installed", Status.ACCEPTED, Reason.NONE),
        ("active", Status.DELIVERED, Reason.NONE),
        ("rejected", Status.FAILED, Reason.REFUSED_BY_CARRIER),
        ("withdrawn", Status.CANCELLED, Reason.WITHDRAWN),
    ],
)
def test_a_state_is_translated(state: str, status: Status, reason: Reason) -> None:
    body = carrier_state(state, reason="no contract")
    with carrier("http://127.0.0.1:1") as channel:
        (event,) = channel.receipts(carrier_callback(body))
    assert (event.ref, event.provider_ref) == (reference(200), "71.200.1/CR1")
    assert (event.status, event.reason, event.evidence) == (status, reason, Evidence.CARRIER)
    assert event.at == 1_795_431_601_000


def test_an_order_that_ended_was_heard_until_then() -> None:
    with carrier("http://127.0.0.1:1") as channel:
        assert not channel.receipts(carrier_callback(carrier_state("ended")))


def _report(*plays: object) -> bytes:
    rows = [{"area": "01", "calls": 100, "plays": count} for count in plays]
    return carrier_state("active", type="report", rows=rows)


def test_plays_that_are_reported_are_the_best_word_there_is() -> None:
    with carrier("http://127.0.0.1:1") as channel:
        (event,) = channel.receipts(carrier_callback(_report(80, 60)))
        assert (event.status, event.evidence) == (Status.SEEN, Evidence.REPORT)
        assert event.words == "calls=200 plays=140"
        assert not channel.receipts(carrier_callback(_report(0)))


@pytest.mark.parametrize(
    "body",
    [
        carrier_state("singing"),
        carrier_state("active", at="tomorrow"),
        carrier_state("active", at="2026-11-23T18:00:01"),
        carrier_state("active", type="gossip"),
        carrier_state("active", type="report"),
        carrier_state("active", type="report", rows=["x"]),
        _report(-1),
        _report("many"),
    ],
)
def test_words_that_are_not_known_change_nothing(body: bytes) -> None:
    with carrier("http://127.0.0.1:1") as channel, pytest.raises(Malformed):
        channel.receipts(carrier_callback(body))


def test_an_old_callback_is_not_believed() -> None:
    with carrier("http://127.0.0.1:1") as channel:
        assert channel.receipts(carrier_callback(carrier_state("active"), at=NOW - 599))
        for at in (NOW - 601, NOW + 601):
            with pytest.raises(BadSignature):
                channel.receipts(carrier_callback(carrier_state("active"), at=at))


def test_the_desk_can_be_asked_by_our_own_name() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        known = request.startswith(b"GET /orders/71.200.1 ")
        body = {"order": "71.200.1", "carrier_ref": "CR1", "state": "active"}
        shown = response(200, json.dumps(body).encode())
        connection.sendall(shown if known else response(404, b'{"error": "no_such_order"}'))

    with http_server(answer) as url, carrier(url) as channel:
        (event,) = channel.ask([reference(201), reference(200)])
    assert (event.ref, event.status) == (reference(200), Status.DELIVERED)


def test_an_order_is_withdrawn_by_our_name_under_our_signature() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        over = request.startswith(b"POST /orders/71.9.1/")
        connection.sendall(response(409 if over else 202, b"{}"))

    with http_server(answer) as url, carrier(url) as channel:
        told = dict(channel.cancel(["71.5.1/CR1", "71.9.1/CR2"]))
    assert told == {"71.5.1/CR1": True, "71.9.1/CR2": False}
    assert seen[0].startswith(b"POST /orders/71.5.1/withdraw ")
    assert b"Loa-Signature: ed25519;" in seen[0]
    assert seen[0].endswith(b'{"order":"71.5.1"}')


def test_an_order_has_an_identifier() -> None:
    with carrier("http://127.0.0.1:1") as channel:
        assert channel.check("order-5") == "order-5"
        with pytest.raises(BadAddress):
            channel.check("../orders")
