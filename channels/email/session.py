"""One SMTP connection, kept open and pipelined (RFC 5321, RFC 2920).

``smtplib`` waits for every reply; MAIL, RCPT and DATA in one packet are four times as fast.
"""

import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import SecretStr

from channels.door import Egress
from channels.email.codes import Stage

#: RFC 5321 §4.5.3.1.5 allows 512 octets; servers say more, but not without end.
_LONGEST_LINE = 4096
_MOST_LINES = 100

#: "Service closing transmission channel".
CLOSING = 421


class Answer(NamedTuple):
    """A reply: its code and the text of its last line."""

    code: int
    words: str

    @property
    def accepted(self) -> bool:
        return self.code // 100 == 2


class Verdict(NamedTuple):
    """A reply that decides, and what it was about."""

    stage: Stage
    answer: Answer


class Broken(Exception):
    """The connection is of no more use.

    ``may_be_taken``: the final dot was sent, so the server may have the message; ``unreadable``:
    it answered, but not in SMTP.
    """

    def __init__(self, *, may_be_taken: bool, timed_out: bool = False, unreadable: bool = False):
        super().__init__("the connection to the mail server broke")
        self.may_be_taken, self.timed_out, self.unreadable = may_be_taken, timed_out, unreadable


class TurnedAway(Exception):
    """The server does not want us: its greeting, TLS or log-in failed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("the mail server refused the session")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to connect to and how."""

    host: str
    port: int
    starttls: bool
    username: str
    password: SecretStr
    helo: str


class Session:
    """Open with ``connect``; one message at a time. ``until`` are monotonic seconds."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._extensions: frozenset[str] = frozenset()
        self._clean = True
        self.used_at = time.monotonic()
        self.sent = 0

    @property
    def takes_utf8(self) -> bool:
        return "SMTPUTF8" in self._extensions

    def greet(self, server: Server, until: float) -> None:
        """Exchange greetings, secure the line and log in. Raises TurnedAway or Broken."""
        self._limit(until)
        _expect(self._reply())
        self._hello(server)
        if server.starttls:
            self._secure(server)
        if server.username:
            plain = f"\0{server.username}\0{server.password.get_secret_value()}"
            _expect(self._command(f"AUTH PLAIN {b64encode(plain.encode()).decode()}"))

    def submit(self, sender: str, recipient: str, message: bytes, until: float) -> Verdict:
        """Hand over one message; ``message`` ends with CRLF. Raises Broken."""
        self._limit(until)
        verdict = self._envelope(sender, recipient)
        if verdict is None:
            self._write(message.replace(b"\r\n.", b"\r\n.."))
            self._write(b".\r\n")
            verdict = Verdict(Stage.MESSAGE, self._last_word())
        self._clean = verdict.answer.accepted
        self.used_at = time.monotonic()
        self.sent += 1
        return verdict

    def close(self) -> None:
        """Hang up without ceremony."""
        self._reader.close()
        self._connection.close()

    def _envelope(self, sender: str, recipient: str) -> Verdict | None:
        """The refusal of sender, recipient or DATA; None when the message is awaited."""
        utf8 = "" if recipient.isascii() else " SMTPUTF8"
        reset = [] if self._clean else ["RSET"]
        lines = [*reset, f"MAIL FROM:<{sender}>{utf8}", f"RCPT TO:<{recipient}>", "DATA"]
        mail, rcpt, data = self._group(lines)[len(reset) :]
        steps = (Verdict(Stage.SENDER, mail), Verdict(Stage.RECIPIENT, rcpt))
        refusal = next((step for step in steps if not step.answer.accepted), None)
        if data.code != 354:
            return refusal or self._no_data(data)
        if refusal:
            # RFC 2920 §3.1: DATA may be accepted without a recipient; a lone dot ends it.
            self._command(".")
        return refusal

    def _no_data(self, answer: Answer) -> Verdict:
        if answer.code < 400:
            raise Broken(may_be_taken=False, unreadable=True)
        return Verdict(Stage.MESSAGE, answer)

    def _group(self, lines: Sequence[str]) -> list[Answer]:
        if "PIPELINING" not in self._extensions:
            return [self._command(line) for line in lines]
        self._write("".join(f"{line}\r\n" for line in lines).encode())
        answers: list[Answer] = []
        while len(answers) < len(lines):
            answers.append(self._reply())
            if answers[-1].code == CLOSING:
                # Nothing more will come (RFC 5321 §3.8).
                answers += answers[-1:] * (len(lines) - len(answers))
        return answers

    def _hello(self, server: Server) -> None:
        self._write(f"EHLO {server.helo}\r\n".encode())
        lines = self._reply_lines()
        _expect(lines[-1])
        self._extensions = frozenset(
            line.words.upper().partition(" ")[0] for line in lines[1:] if line.words
        )

    def _secure(self, server: Server) -> None:
        """STARTTLS (RFC 3207); a server that does not offer it is not sent to."""
        _expect(self._command("STARTTLS"))
        self._reader.close()
        context = ssl.create_default_context()
        try:
            self._connection = context.wrap_socket(self._connection, server_hostname=server.host)
        except OSError as error:
            raise TurnedAway(Answer(454, f"TLS: {type(error).__name__}")) from None
        self._reader = self._connection.makefile("rb")
        self._hello(server)

    def _command(self, line: str) -> Answer:
        self._write(f"{line}\r\n".encode())
        return self._reply()

    def _last_word(self) -> Answer:
        try:
            answer = self._reply()
        except Broken as broken:
            raise Broken(
                may_be_taken=True, timed_out=broken.timed_out, unreadable=broken.unreadable
            ) from None
        if not answer.accepted and answer.code < 400:
            raise Broken(may_be_taken=True, unreadable=True)
        return answer

    def _limit(self, until: float) -> None:
        self._connection.settimeout(max(0.05, until - time.monotonic()))

    def _write(self, data: bytes) -> None:
        """Returns only when the last byte was handed over, so an error is before the final dot."""
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise _broken(error) from None

    def _reply(self) -> Answer:
        return self._reply_lines()[-1]

    def _reply_lines(self) -> list[Answer]:
        lines = []
        for _ in range(_MOST_LINES):
            line = self._line()
            lines.append(Answer(int(line[:3]), line[4:].strip()))
            if line[3:4] != "-":
                return lines
        raise Broken(may_be_taken=False, unreadable=True)

    def _line(self) -> str:
        try:
            raw = self._reader.readline(_LONGEST_LINE)
        except OSError as error:
            raise _broken(error) from None
        if not raw.endswith(b"\n"):
            raise Broken(may_be_taken=False, unreadable=len(raw) == _LONGEST_LINE)
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        digits = line[:3]
        if not (digits.isascii() and digits.isdigit() and len(digits) == 3 and line[3:4] in "- "):
            raise Broken(may_be_taken=False, unreadable=True)
        return line


def connect(server: Server, egress: Egress, until: float) -> Session:
    """A session ready for its first message. Raises OSError, TurnedAway or Broken."""
    wait = max(0.05, until - time.monotonic())
    session = Session(_open_socket(server, egress, wait))
    try:
        session.greet(server, until)
    except (TurnedAway, Broken):
        session.close()
        raise
    return session


def _open_socket(server: Server, egress: Egress, wait: float) -> socket.socket:
    """Connect to the first address that the egress rule allows and that answers."""
    failed = OSError("no address that may be connected to")
    for family, kind, protocol, _, where in socket.getaddrinfo(
        server.host, server.port, type=socket.SOCK_STREAM
    ):
        if not egress.allows(str(where[0])):
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(wait)
        try:
            connection.connect(where)
        except OSError as error:
            connection.close()
            failed = error
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise failed


def _expect(answer: Answer) -> None:
    if not answer.accepted:
        raise TurnedAway(answer)


def _broken(error: OSError) -> Broken:
    return Broken(may_be_taken=False, timed_out=isinstance(error, TimeoutError))
