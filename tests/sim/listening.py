"""An HTTP server that keeps what is posted to it, to stand where our callback address would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Posted:
    """One POST as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Mailbox:
    """What was posted, in order. `answers` are the statuses to give, 200 when they run out."""

    url: str
    posts: list[Posted] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int, timeout: float = 5.0) -> list[Posted]:
        """The posts, as soon as there are `count` of them."""
        with self.changed:
            arrived = self.changed.wait_for(lambda: len(self.posts) >= count, timeout)
        assert arrived, f"{len(self.posts)} of {count} posts arrived"
        return self.posts


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mailbox on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with box.changed:
                status = box.answers.pop(0) if box.answers else 200
                box.posts.append(Posted(self.path, dict(self.headers), body))
                box.changed.notify_all()
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box = Mailbox(f"http://127.0.0.1:{server.server_address[1]}/receipts?route=thu%20nghiem")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
