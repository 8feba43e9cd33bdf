"""A mail server: replies per recipient, greylisting, slowness, broken connections, bounces.

RFC 5321 with PIPELINING (RFC 2920), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531) and, when a user
is configured, AUTH (RFC 4954). It speaks plain text on loopback, so AUTH needs no TLS.
"""
# aiosmtpd finds its hooks by name and passes each of them all it has.
# ruff: noqa: ARG002, N802

from __future__ import annotations

import asyncio
import logging
import smtplib
from collections.abc import Mapping
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .bounce import build_bounce
from .clock import Clock
from .fates import Fates
from .misbehave import TAKEN, Fault
from .receipts import Receipts
from .wire import Reply, Request

HOSTNAME = "mx.sim.invalid"
LARGEST = 10 * 1024 * 1024
GARBLED = b"25\xff\xfe?\r\n"

#: Fate → the reply to RCPT TO. A fate that is not listed does not concern RCPT.
RCPT_REPLIES: Mapping[str, str] = {
    "550": "550 5.1.1 The email account that you tried to reach does not exist",
    "551": "551 5.7.1 User not local",
    "552": "552 5.2.2 The email account that you tried to reach is over quota",
    "450": "450 4.2.1 The user you are trying to contact is receiving mail too quickly",
    "451": "451 4.3.0 Temporary lookup failure",
    "554": "554 5.7.1 Message rejected as spam by content filtering",
}
GREYLISTED = "451 4.7.1 Greylisting in action, please come back later"
#: The fate of an address that is refused the first time only.
GREY = "grey"
#: The fate of an address that is accepted and bounces later.
BOUNCE = "bounce"
BOUNCED = ("5.1.1", "The email account that you tried to reach does not exist")


class MailServer:
    """One mail exchange. Fates go by address: a key of RCPT_REPLIES, "grey" or "bounce".

    `bounce_to` is (host, port) of the server that takes the senders' mail.
    """

    def __init__(
        self,
        receipts: Receipts,
        clock: Clock,
        *,
        user: str = "",
        password: str = "",
        bounce_to: tuple[str, int] | None = None,
        fates: Fates | None = None,
        seed: int = 0,
    ) -> None:
        self._receipts = receipts
        self._clock = clock
        self._user = user
        self._password = password
        self._bounce_to = bounce_to
        self._fates = fates or Fates()
        self._random = Random(seed)
        self._known: set[tuple[str | None, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def protocol(self) -> SMTP:
        """A fresh connection's protocol."""
        return RudeSMTP(
            self,
            hostname=HOSTNAME,
            ident="ESMTP",
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST,
            auth_required=bool(self._user),
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    def answer(self, request: Request) -> Reply:
        """Mail is not sent over HTTP; only the controls live on that port."""
        return Reply(404)

    def unavailable(self, status: int) -> Reply:
        """As answer."""
        return Reply(status)

    def too_many(self, retry_after: int) -> Reply:
        """As answer."""
        return Reply(429)

    def reset(self) -> None:
        """Forget who has knocked before."""
        self._known.clear()

    def fault(self) -> Fault:
        """What befalls the message whose DATA begins now."""
        now = self._receipts.monotonic()
        self._receipts.seen.arrived(now)
        fault = self._receipts.temper.fault(now)
        if fault is not Fault.NONE:
            self._receipts.seen.faults[fault.value] += 1
        return fault

    async def dawdle(self, fault: Fault) -> None:
        """Be as slow as the manners say."""
        temper = self._receipts.temper
        await asyncio.sleep(temper.manners.hang_time if fault is Fault.HANG else temper.latency())

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        """aiosmtpd reads one command after another from its buffer, so pipelining is safe."""
        session.host_name = hostname
        shown = lines if self._user else [line for line in lines if "AUTH" not in line]
        return [shown[0], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", *shown[1:]]

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """The reply for one recipient."""
        reply = self._refusal(envelope.mail_from, address)
        self._receipts.seen.statuses[reply[:3] or "250"] += 1
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The message is taken: every recipient gets it, some only to bounce."""
        queued = f"{self._random.getrandbits(40):010X}"
        for recipient in envelope.rcpt_tos:
            self._take(queued, recipient, envelope)
        return f"250 2.0.0 Ok: queued as {queued}"

    def _refusal(self, sender: str | None, address: str) -> str:
        fate = self._fates.of(address)
        if fate == GREY and (sender, address) not in self._known:
            self._known.add((sender, address))
            return GREYLISTED
        return RCPT_REPLIES.get(fate, "")

    def _take(self, queued: str, recipient: str, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        message = {"sid": queued, "to": recipient, "from": envelope.mail_from}
        self._receipts.took(message | {"text": content.decode("utf-8", "replace")})
        if self._fates.of(recipient) == BOUNCE and self._bounce_to and envelope.mail_from:
            bounce = self._bounce(self._bounce_to, recipient, envelope.mail_from, content)
            task = asyncio.create_task(bounce)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _bounce(
        self, target: tuple[str, int], recipient: str, sender: str, original: bytes
    ) -> None:
        await asyncio.sleep(self._receipts.temper.receipt_delay())
        code, words = BOUNCED
        notice = build_bounce(
            hostname=HOSTNAME,
            recipient=recipient,
            sender=sender,
            code=code,
            words=words,
            original=original,
            at=self._clock.now(),
            boundary=f"{self._random.getrandbits(64):016X}",
        )
        try:
            await asyncio.to_thread(_send_back, target, sender, notice)
            self._receipts.seen.receipts["posted"] += 1
        except (OSError, smtplib.SMTPException):
            self._receipts.seen.receipts["unreachable"] += 1

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        expected = LoginPassword(self._user.encode(), self._password.encode())
        return AuthResult(success=data == expected, handled=False)


class RudeSMTP(SMTP):
    """An SMTP session that obeys the manners at DATA, where a message changes hands."""

    _fault: Fault | None = None

    async def smtp_DATA(self, arg: str) -> None:
        """One die per message: refused, cut off, or taken and then answered badly."""
        server: MailServer = self.event_handler
        if not (self.envelope and self.envelope.rcpt_tos):
            await super().smtp_DATA(arg)
            return
        fault = server.fault()
        if fault is Fault.CUT_BEFORE:
            await self._cut_in_data()
        elif fault in TAKEN:
            self._fault = fault
            await super().smtp_DATA(arg)
        else:
            await self._refuse(fault)

    async def _refuse(self, fault: Fault) -> None:
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(REFUSALS[fault])
        if fault is Fault.OUTAGE:
            self._hang_up()

    async def push(self, status: Any) -> None:
        """The last word on a message is what the manners garble, delay or swallow."""
        fault = self._fault
        if fault is None or str(status).startswith("354"):
            await super().push(status)
            return
        self._fault = None
        await self._last_word(status, fault)

    async def _last_word(self, status: Any, fault: Fault) -> None:
        await self.event_handler.dawdle(fault)
        if fault in (Fault.CUT_AFTER, Fault.CUT_WITHIN, Fault.HANG):
            self._hang_up()
        elif fault is Fault.MALFORMED:
            self._writer.write(GARBLED)
        else:
            await super().push(status)

    async def _cut_in_data(self) -> None:
        """Ask for the message and hang up while it is being sent."""
        await super().push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readline()
        self._hang_up()

    def _hang_up(self) -> None:
        self._writer.close()


REFUSALS: Mapping[Fault, str] = {
    Fault.OUTAGE: "421 4.3.2 Service not available, closing transmission channel",
    Fault.ERROR: "451 4.3.0 Requested action aborted: local error in processing",
    Fault.TOO_MANY: "450 4.7.1 Too many messages, slow down",
}


def _send_back(target: tuple[str, int], sender: str, notice: bytes) -> None:
    """A bounce has the null sender, so that it can never bounce itself (RFC 5321 4.5.5)."""
    with smtplib.SMTP(*target, timeout=10) as client:
        client.sendmail("", [sender], notice)


async def serve_smtp(server: MailServer, listener: Any) -> asyncio.Server:
    """Serve until the returned server is closed."""
    # aiosmtpd logs every command with its recipient.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    loop = asyncio.get_running_loop()
    return await loop.create_server(server.protocol, sock=listener)
