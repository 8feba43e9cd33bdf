"""Outgoing requests reach the public Internet, and nothing behind our own walls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from channels.door import Door, Egress, Lost, Reply, Request

CLOSED = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 - an address to be refused, nothing listens
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fc00::1",
    "fe80::1%eth0",
    "ff02::1",
]
OPEN = ["8.8.8.8", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", CLOSED)
def test_a_private_address_is_reached_by_simulators_alone(address: str) -> None:
    assert not Egress().allows(address)
    assert Egress(private=True).allows(address)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_reached(address: str) -> None:
    assert Egress().allows(address)


class Inside(BaseHTTPRequestHandler):
    """What stands behind the wall. ``/away`` sends on to a secret."""

    seen: list[str] = []  # noqa: RUF012 - one server, one list

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/secret")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def inside() -> Iterator[int]:
    Inside.seen.clear()
    with HTTPServer(("127.0.0.1", 0), Inside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


#: Ways to write this machine's address; the last is a name that somebody's resolver could answer
#: otherwise at the second question: it is asked once, and the answer is what is checked.
SPELLINGS = [
    "http://127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0:{port}/",
    "http://localhost:{port}/",
]


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_an_inner_address_is_connected_to(inside: int, url: str) -> None:
    door = Door(Egress(), timeout_s=3, connect_s=2)
    answer = door.call(Request("GET", url.format(port=inside)))
    door.close()
    assert isinstance(answer, Lost)
    assert not answer.sent
    assert Inside.seen == []


def test_nobody_is_sent_on(inside: int) -> None:
    door = Door(Egress(private=True), timeout_s=3, connect_s=2)
    answer = door.call(Request("GET", f"http://127.0.0.1:{inside}/away"))
    door.close()
    assert isinstance(answer, Reply)
    assert answer.status == 302
    assert Inside.seen == ["/away"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/"])
def test_only_http_is_spoken(url: str) -> None:
    door = Door(Egress(private=True), timeout_s=3, connect_s=2)
    answer = door.call(Request("GET", url))
    door.close()
    assert isinstance(answer, Lost)
