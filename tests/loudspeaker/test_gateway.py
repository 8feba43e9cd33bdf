"""The gateway's wire, as a device would find it: requests written out, a real server."""

import gzip
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from dispatcher.domain.device import Device, SignedManifest
from dispatcher.domain.model import Level
from dispatcher.web.device_auth import NONCE_S
from dispatcher.web.devices import create_gateway
from tests.loudspeaker.desk import MemoryDesk
from tests.loudspeaker.playing import KEY
from tests.loudspeaker.serving import Server
from tests.loudspeaker.station import draft, item, media, now_ms

A, B = "06862-C01", "06862-C02"


class Client:
    """A device's side, minimal: signs by hand."""

    def __init__(self, url: str, device: str = A, key: bytes = KEY) -> None:
        self._netloc = url.removeprefix("http://")
        self.device = device
        self._key = key
        self.nonce = "0." + "0" * 32

    def ask(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) with the nonce at hand."""
        given = headers or {}
        digest = hashlib.sha256(body).hexdigest()
        state = given.get("Loa-State", "")
        text = f"LOA/1\n{method}\n{target}\n{self.nonce}\n{state}\n{digest}"
        mac = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        proof = f'Loa-Device id="{self.device}", nonce="{self.nonce}", mac="{mac}"'
        return self.raw(method, target, {"Authorization": proof, **given}, body)

    def raw(
        self, method: str, target: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._netloc, timeout=20)
        try:
            connection.request(method, target, body, headers)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            self.nonce = found.get("loa-nonce", self.nonce)
            return reply.status, found, reply.read()
        finally:
            connection.close()


@pytest.fixture
def client(server: Server, desk: MemoryDesk) -> Client:
    """An enrolled device that has learnt a nonce."""
    desk.enrol(draft(A, now_ms()), KEY)
    made = Client(server.url)
    made.raw("GET", "/devices/v1/time", {})
    return made


def manifest(device: str, wait: int = 0) -> str:
    return f"/devices/v1/{device}/manifest?wait={wait}"


def test_the_time_is_told_to_anyone(client: Client) -> None:
    status, headers, body = client.raw("GET", "/devices/v1/time", {})
    assert status == 200
    assert abs(json.loads(body)["ms"] - now_ms()) < 2000
    assert abs(int(headers["loa-time"]) - now_ms()) < 2000


def test_a_stale_nonce_costs_one_more_request_and_no_clock(desk: MemoryDesk, alarm: bytes) -> None:
    clock = [1_000_000_000_000]
    with Server(create_gateway(desk, lambda: b"s", lambda: clock[0], watch_s=0.05)) as server:
        desk.enrol(draft(A, now_ms()), KEY)
        client = Client(server.url)
        assert client.ask("GET", manifest(A))[0] == 401
        old = client.nonce
        assert client.ask("GET", manifest(A))[0] == 304
        clock[0] += (NONCE_S + 1) * 1000
        client.nonce = old
        assert client.ask("GET", manifest(A))[0] == 401
        assert client.ask("GET", manifest(A))[0] == 304


def test_another_gateway_of_the_installation_knows_the_nonce(desk: MemoryDesk) -> None:
    desk.enrol(draft(A, now_ms()), KEY)
    one, other = (create_gateway(desk, lambda: b"shared", now_ms) for _ in range(2))
    with Server(one) as first, Server(other) as second:
        client = Client(first.url)
        client.raw("GET", "/devices/v1/time", {})
        elsewhere = Client(second.url)
        elsewhere.nonce = client.nonce
        assert elsewhere.ask("GET", manifest(A))[0] == 304


@pytest.mark.parametrize(
    ("device", "key", "nonce"),
    [
        (A, bytes(32), "{good}"),
        (B, KEY, "{good}"),
        (A, KEY, "{good}x"),
        (A, KEY, "{now}." + "0" * 32),
    ],
    ids=["wrong key", "unknown device", "garbled nonce", "invented nonce"],
)
def test_whoever_cannot_prove_itself_gets_nothing(
    client: Client, server: Server, desk: MemoryDesk, device: str, key: bytes, nonce: str
) -> None:
    stranger = Client(server.url, device, key)
    stranger.nonce = nonce.format(good=client.nonce, now=int(time.time()))
    assert stranger.ask("GET", manifest(device))[0] == 401
    assert all(each == (A, "wrong_key") for each in desk.refused)
    assert bool(desk.refused) == (device == A and key != KEY)


def test_a_proof_covers_the_body_the_target_and_the_state(client: Client, desk: MemoryDesk) -> None:
    signed_for = {"method": "GET", "target": manifest(A), "headers": {"Loa-State": "e30"}}
    assert client.ask(**signed_for)[0] == 304  # type: ignore[arg-type]
    text = (
        f"LOA/1\nPOST\n/devices/v1/{A}/events\n{client.nonce}\n\n{hashlib.sha256(b'').hexdigest()}"
    )
    mac = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
    proof = {"Authorization": f'Loa-Device id="{A}", nonce="{client.nonce}", mac="{mac}"'}
    target = f"/devices/v1/{A}/events"
    assert client.raw("POST", target, proof, b"")[0] == 200
    assert client.raw("POST", target, proof, b"{}")[0] == 401
    assert client.raw("POST", target + "?x=1", proof, b"")[0] == 401
    assert client.raw("POST", target, {**proof, "Loa-State": "e30"}, b"")[0] == 401


def test_a_device_reads_and_writes_only_what_is_its_own(client: Client, desk: MemoryDesk) -> None:
    desk.enrol(draft(B, now_ms()), bytes(32))
    assert client.ask("GET", manifest(B))[0] == 403
    assert client.ask("POST", f"/devices/v1/{B}/events")[0] == 403


def test_a_withdrawn_device_is_turned_away(
    client: Client, desk: MemoryDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "device", lambda _device: Device(KEY, False, 0))
    assert client.ask("GET", manifest(A))[0] == 403


def test_a_manifest_comes_once_then_only_when_it_changes(
    client: Client, desk: MemoryDesk, alarm: bytes
) -> None:
    desk.publish([(A, item("1.1.1", Level.NORMAL, alarm, now_ms()))])
    status, headers, body = client.ask("GET", manifest(A))
    assert (status, body) == (200, desk.signed(A).body)
    assert headers["loa-signature"] == desk.signed(A).signature
    held = {"If-None-Match": headers["etag"]}
    assert client.ask("GET", manifest(A), held)[0] == 304
    began = time.monotonic()
    threading.Timer(
        0.5, desk.publish, [[(A, item("1.2.1", Level.EMERGENCY, alarm, now_ms()))]]
    ).start()
    status, headers, body = client.ask("GET", manifest(A, 55), held)
    assert (status, headers["etag"]) == (200, '"2"')
    assert 0.4 < time.monotonic() - began < 1.5
    assert body == desk.signed(A).body


def test_a_poll_is_answered_when_its_wait_is_over(client: Client) -> None:
    began = time.monotonic()
    assert client.ask("GET", manifest(A, 1))[0] == 304
    assert 0.9 < time.monotonic() - began < 2


def test_a_sound_is_served_whole_or_from_where_it_was_cut(
    client: Client, desk: MemoryDesk, alarm: bytes
) -> None:
    sha256 = media(alarm).sha256
    desk.sounds[sha256] = alarm
    target = f"/devices/v1/media/{sha256}"
    status, headers, body = client.ask("GET", target)
    assert (status, body) == (200, alarm)
    assert "immutable" in headers["cache-control"]
    rest = {"Range": "bytes=1000-", "If-Range": headers["etag"]}
    status, headers, body = client.ask("GET", target, rest)
    assert (status, body) == (206, alarm[1000:])
    assert headers["content-range"] == f"bytes 1000-{len(alarm) - 1}/{len(alarm)}"
    status, _, body = client.ask("GET", target, {"Range": "bytes=10-19"})
    assert (status, body) == (206, alarm[10:20])
    status, _, body = client.ask("GET", target, {**rest, "If-Range": '"other"'})
    assert (status, body) == (200, alarm)
    assert client.ask("GET", target, {"Range": f"bytes={len(alarm)}-"})[0] == 416
    assert client.ask("GET", "/devices/v1/media/" + "0" * 64)[0] == 404


def log_line(n: int, previous: str = "0" * 64) -> bytes:
    text = f'{{"b":"b7","n":{n},"t":"boot"}}'
    digest = hashlib.sha256((previous + text).encode()).hexdigest()
    return f'{text[:-1]},"h":"{digest}"}}'.encode()


def test_a_log_may_be_handed_in_again_and_again(client: Client, desk: MemoryDesk) -> None:
    first = log_line(1)
    second = log_line(2, json.loads(first)["h"])
    target = f"/devices/v1/{A}/events"
    packed = gzip.compress(first + b"\n" + second)
    for body, headers in [(first, {}), (packed, {"Content-Encoding": "gzip"}), (second, {})]:
        status, _, reply = client.ask("POST", target, headers, body)
        assert status == 200
    assert json.loads(reply) == {"acked": {"b7": 2}}
    assert [line.raw for line in desk.logs[A].values()] == [first, second]
    assert desk.broken_chains == []


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"no json", {}, 400),
        (b"[]", {}, 400),
        (b'{"b":"b7","n":0,"h":"' + b"0" * 64 + b'"}', {}, 400),
        (b'{"b":"b7","n":1,"h":"00"}', {}, 400),
        (b'{"h":"' + b"0" * 64 + b'","b":"b7","n":1}', {}, 400),
        (b"\n".join(log_line(1) for _ in range(501)), {}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b" " * (1 << 22)), {"Content-Encoding": "gzip"}, 400),
        (b" " * ((1 << 20) + 1), {}, 413),
    ],
    ids=["text", "list", "n", "short h", "h first", "many", "no gzip", "bomb", "long"],
)
def test_what_is_no_log_is_refused_whole(
    client: Client, desk: MemoryDesk, body: bytes, headers: dict[str, str], expected: int
) -> None:
    assert client.ask("POST", f"/devices/v1/{A}/events", headers, body)[0] == expected
    assert desk.logs[A] == {}


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("POST", manifest(A), 405),
        ("GET", f"/devices/v1/{A}/events", 405),
        ("GET", "/devices/v1/", 404),
        ("GET", "/devices/v1/media/../manifest", 404),
        ("GET", "/devices/v1/media/" + "G" * 64, 404),
    ],
)
def test_there_are_four_resources_and_no_more(
    client: Client, method: str, target: str, expected: int
) -> None:
    assert client.ask(method, target)[0] == expected


def test_a_state_is_written_in_bulk_as_it_came(client: Client, desk: MemoryDesk) -> None:
    for _ in range(3):
        client.ask("GET", manifest(A), {"Loa-State": "eyJhcHBsaWVkIjo0MTJ9"})
    deadline = time.monotonic() + 5
    while not desk.states and time.monotonic() < deadline:
        time.sleep(0.02)
    assert {(state.device, state.body) for state in desk.states} == {(A, b'{"applied":412}')}
    assert len(desk.states) < 3


@pytest.fixture
def stuck(desk: MemoryDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is not set, the desk does not find a sound."""
    found = threading.Event()
    original = desk.media
    monkeypatch.setattr(desk, "media", lambda sha256: found.wait(10) and original(sha256))
    yield found
    found.set()


def test_a_slow_database_holds_up_no_other_device(client: Client, stuck: threading.Event) -> None:
    slow = threading.Thread(target=client.ask, args=("GET", "/devices/v1/media/" + "0" * 64))
    slow.start()
    began = time.monotonic()
    assert client.raw("GET", "/devices/v1/time", {})[0] == 200
    assert client.ask("GET", manifest(A))[0] == 304
    assert time.monotonic() - began < 2
    stuck.set()
    slow.join(5)


def test_a_database_that_is_away_is_a_reason_to_wait(
    client: Client, desk: MemoryDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_device: str) -> Any:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(desk, "device", away)
    status, headers, _ = client.ask("GET", manifest(A))
    assert (status, headers["retry-after"]) == (503, "5")


def test_a_held_poll_outlives_a_database_that_was_away(
    client: Client, desk: MemoryDesk, alarm: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.ask("GET", manifest(A))
    failures: list[int | None] = []
    original = desk.changed_since

    def away_at_first(cursor: int | None) -> Any:
        if len(failures) < 3:
            failures.append(cursor)
            raise ConnectionError("the database is away")
        return original(cursor)

    monkeypatch.setattr(desk, "changed_since", away_at_first)
    emergency = item("1.1.1", Level.EMERGENCY, alarm, now_ms())
    threading.Timer(0.15, desk.publish, [[(A, emergency)]]).start()
    assert client.ask("GET", manifest(A, 20))[0] == 200
    assert len(failures) == 3


def test_ten_devices_are_woken_by_one_question(
    server: Server, desk: MemoryDesk, alarm: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [f"06862-C{number:02}" for number in range(10)]
    for device in devices:
        desk.enrol(draft(device, now_ms()), KEY)
    asked: list[int] = []
    original = desk.manifests

    def counted(wanted: Sequence[str]) -> Mapping[str, SignedManifest]:
        asked.append(len(wanted))
        return original(wanted)

    monkeypatch.setattr(desk, "manifests", counted)
    woken: list[int] = []

    def poll(device: str) -> None:
        client = Client(server.url, device)
        client.raw("GET", "/devices/v1/time", {})
        woken.append(client.ask("GET", manifest(device, 20))[0])

    threads = [threading.Thread(target=poll, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    emergency = item("1.1.1", Level.EMERGENCY, alarm, now_ms())
    desk.publish([(device, emergency) for device in devices])
    for thread in threads:
        thread.join(10)
    assert woken == [200] * 10
    assert sum(asked) == 10
    assert len(asked) <= 2
