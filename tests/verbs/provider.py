"""A provider in this process that speaks Twilio's Messages resource and does as it is told.

For what the simulators leave to chance: which message is answered how, and exactly when.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in. ``at``: monotonic seconds; ``ref``: our reference."""

    at: float
    to: str
    ref: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What to say. ``status`` 0 cuts the connection without a word."""

    status: int = 201
    body: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


TAKEN = Answer()


def error(status: int, code: int, **headers: str) -> Answer:
    """An error with Twilio's own code; ``Retry_After`` names a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"code": code, "message": "refused by the test"}, named)


CUT = Answer(0)


@dataclass
class Provider:
    """``answer`` judges each request; while ``gate`` is closed nobody is answered."""

    url: str
    answer: Callable[[Asked], Answer] = lambda asked: TAKEN
    asked: list[Asked] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def note(self, asked: Asked) -> None:
        with self._arrived:
            self.asked.append(asked)
            self._arrived.notify_all()

    def wait(self, count: int, timeout: float = 10.0) -> None:
        """Until so many requests have come in."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: len(self.asked) >= count, timeout)
        assert came, f"{len(self.asked)} of {count} requests came in"

    def recipients(self) -> list[str]:
        return [each.to for each in self.asked]


class _Quick(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serve() -> Iterator[Provider]:
    """A provider on a free loopback port, its gate open."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Two small writes per answer would wait for the other side's delayed acknowledgement.
        wbufsize = -1

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            callback = parse_qs(urlsplit(form["StatusCallback"][0]).query)
            asked = Asked(time.monotonic(), form["To"][0], callback["ref"][0], form["Body"][0])
            provider.note(asked)
            provider.gate.wait(30)
            answer = provider.answer(asked)
            if not answer.status:
                self.close_connection = True
                return
            named = {"sid": f"SM{asked.ref}", "num_segments": "1"}
            body = json.dumps({**(named if answer is TAKEN else {}), **answer.body}).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Tests print nothing."""

    server = _Quick(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    provider.gate.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
