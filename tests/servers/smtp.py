"""A real SMTP server that keeps what it is sent and refuses whom it is told to refuse."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import process


def accept(recipient: str) -> str:
    """The reply to every recipient unless a test sets another."""
    return "250 2.1.5 OK"


@dataclass
class SmtpServer:
    """`reply_to` gives the reply line to RCPT TO for an address; a 2xx lets the address in."""

    host: str
    port: int
    reply_to: Callable[[str], str] = accept
    messages: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds handlers by SMTP verb
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.reply_to(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.messages.append(envelope)
        return "250 2.0.0 OK"


@contextlib.contextmanager
def serve() -> Iterator[SmtpServer]:
    """A server on a free loopback port, in a thread of this process."""
    # aiosmtpd connects to itself to see that it listens, so port 0 does not work.
    server = SmtpServer("127.0.0.1", process.free_port())
    controller = Controller(server, hostname=server.host, port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
