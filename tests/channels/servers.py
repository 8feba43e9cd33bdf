"""Little servers on loopback sockets that do exactly what a test tells them, byte by byte."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

#: What is done with a connection once its request, or nothing, has been read.
Answer = Callable[[socket.socket, bytes], None]


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that runs ``serve`` in a thread for each connection; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    threads: list[threading.Thread] = []

    def attend(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            serve(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=attend, args=(connection,), daemon=True))
            threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (acceptor, *threads):
            thread.join(6)


@contextmanager
def http_server(answer: Answer) -> Iterator[str]:
    """Reads one whole request per connection, answers it as told and hangs up; gives its URL."""

    def serve(connection: socket.socket) -> None:
        answer(connection, _whole_request(connection))

    with listening(serve) as port:
        yield f"http://127.0.0.1:{port}"


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def response(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP answer; header names are given with underscores."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def always(raw: bytes) -> Answer:
    """The same bytes for every request."""
    return lambda connection, _: connection.sendall(raw)


def _whole_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length.group(1)):
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError
    return data


class MailScript:
    """A mail server that says what it is told at each stage; ``None`` hangs up instead.

    Stages: greeting, ehlo, mail, rcpt, data, dot. ``taken`` are the messages it got whole.
    """

    def __init__(self, **replies: str | None) -> None:
        self._replies: dict[str, str | None] = {
            "greeting": "220 mx.example",
            "ehlo": "250-mx.example\r\n250-PIPELINING\r\n250 8BITMIME",
            "mail": "250 2.1.0 Ok",
            "rcpt": "250 2.1.5 Ok",
            "data": "354 go on",
            "dot": "250 2.0.0 queued as 4F2A",
            **replies,
        }
        self.taken: list[bytes] = []
        self.commands: list[str] = []
        self.connections = 0

    def __call__(self, connection: socket.socket) -> None:
        """One connection."""
        self.connections += 1
        with connection.makefile("rb") as lines:
            alive = self._say(connection, "greeting")
            while alive and (line := lines.readline()):
                verb = line.decode().split(maxsplit=1)[0].partition(":")[0].lower()
                self.commands.append(line.decode().strip())
                alive = self._obey(connection, lines, verb)

    def _obey(self, connection: socket.socket, lines: Iterator[bytes], verb: str) -> bool:
        if verb == "rset":
            connection.sendall(b"250 Ok\r\n")
            return True
        if not self._say(connection, verb):
            return False
        if verb == "data" and (self._replies["data"] or "").startswith("354"):
            message = _until_dot(lines)
            if message:
                self.taken.append(message)
            return self._say(connection, "dot")
        return True

    def _say(self, connection: socket.socket, stage: str) -> bool:
        reply = self._replies.get(stage, "502 5.5.1 what?")
        if reply is None:
            return False
        connection.sendall(f"{reply}\r\n".encode("utf-8", "surrogateescape"))
        return True


def _until_dot(lines: Iterator[bytes]) -> bytes:
    message = b""
    for line in lines:
        if line == b".\r\n":
            break
        message += line
    return message
