"""E-mail over SMTP: pooled, pipelined connections, and bounces that name their delivery."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import SimpleQueue
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from channels.door import Egress
from channels.email import bounces, codes, message
from channels.email.codes import Stage
from channels.email.session import (
    CLOSING,
    Broken,
    Server,
    Session,
    TurnedAway,
    Verdict,
    connect,
)
from channels.email.verp import ReturnPath
from channels.redaction import redacted
from dispatcher.domain.email import canonical_email, needs_utf8
from dispatcher.domain.errors import Failure
from dispatcher.domain.model import (
    Accepted,
    AddressKind,
    Callback,
    Outcome,
    Parcel,
    Refused,
    Shape,
    StatusEvent,
    TargetKind,
    Traits,
    Unclear,
    Unit,
)
from dispatcher.domain.status import Reason

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

#: Seconds after which an idle connection is not trusted: common servers hang up after 30 to 300.
_IDLE_S = 20.0

#: A mail server says nothing more about what arrives: no receipts are awaited, bounces are read.
TRAITS = Traits(
    channel="email",
    unit=Unit.PERSON,
    target=TargetKind.ADDRESS,
    address=AddressKind.EMAIL,
    shape=Shape.TEXT,
    receipts=False,
    idempotent=False,
    public=False,
    # RFC 5321 §4.5.4.1: servers on the way give up after four to five days.
    receipt_window_s=5 * 24 * 3600,
    sends=("email", "text"),
)


class SmtpSettings(BaseModel):
    """One account on one mail server.

    ``return_path_domain`` takes bounces; ``return_path_key`` proves that a return address is
    ours; ``list_unsubscribe`` is a URL in which ``{token}`` stands for the delivery.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(default=25, ge=1, le=65535)
    username: str = ""
    password: SecretStr = SecretStr("")
    starttls: bool = True
    sender_name: str
    sender_address: str = Field(pattern=r"^[!-?A-~]+@[!-?A-~]+$")
    return_path_domain: str = Field(pattern=r"^[a-zA-Z0-9.-]+$")
    return_path_key: SecretStr
    list_unsubscribe: str = ""
    connections: int = Field(default=8, gt=0)
    timeout_s: float = Field(default=30.0, gt=0)


class _NoSession(Exception):
    """No session could be opened: the rest of a lane need not try one by one."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("no session with the mail server")
        self.failure = failure


class Smtp:
    """A Channel. Threads are its own; sessions are shared among them, one message at a time."""

    def __init__(
        self, settings: SmtpSettings, egress: Egress, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._egress, self._clock = settings, egress, clock
        self._server = Server(
            settings.host,
            settings.port,
            settings.starttls,
            settings.username,
            settings.password,
            helo=settings.return_path_domain,
        )
        key = settings.return_path_key.get_secret_value().encode()
        self._return_path = ReturnPath(settings.return_path_domain, key)
        self._idle: deque[Session] = deque()
        self._threads = ThreadPoolExecutor(settings.connections, "smtp")

    @property
    def traits(self) -> Traits:
        return TRAITS

    def check(self, address: str) -> str:
        """The canonical address. Raises BadAddress."""
        return canonical_email(address)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """A message for each parcel, as many at once as there are connections."""
        known: SimpleQueue[tuple[int, Outcome]] = SimpleQueue()
        lanes = min(self._settings.connections, len(parcels))
        for lane in range(lanes):
            self._threads.submit(self._work, range(lane, len(parcels), lanes), parcels, known)
        for _ in parcels:
            yield known.get()

    def receipts(self, callback: Callback) -> Sequence[StatusEvent]:
        """The events of a bounce or complaint, whose whole message is the callback's body."""
        return bounces.events(callback.body, self._return_path)

    def close(self) -> None:
        """Hang up and end the threads."""
        self._threads.shutdown()
        while self._idle:
            self._idle.pop().close()

    def _work(
        self,
        indices: Sequence[int],
        parcels: Sequence[Parcel],
        known: SimpleQueue[tuple[int, Outcome]],
    ) -> None:
        """One lane: its parcels one after another; every one of them gets an outcome."""
        left = deque(indices)
        unanswered: Outcome = Unclear(Failure(Reason.INTERNAL))
        try:
            while left:
                known.put((left[0], self._deliver(parcels[left[0]])))
                left.popleft()
        except _NoSession as closed:
            unanswered = Refused(closed.failure)
        finally:
            for index in left:
                known.put((index, unanswered))

    def _deliver(self, parcel: Parcel) -> Outcome:
        time.sleep(max(0.0, parcel.not_before - time.monotonic()))
        until = time.monotonic() + self._settings.timeout_s
        try:
            return _outcome(self._submit(parcel, until))
        except Broken as broken:
            failure = _failure(broken)
            return Unclear(failure) if broken.may_be_taken else Refused(failure)

    def _submit(self, parcel: Parcel, until: float) -> Verdict | None:
        """The server's verdict; None when it cannot take the address's letters."""
        session = self._reusable() or self._connect(until)
        try:
            return self._converse(session, parcel, until)
        except Broken as broken:
            # A server may hang up on an idle session at any time; nothing was handed over yet.
            fresh = not session.sent
            if fresh or broken.may_be_taken or broken.timed_out or broken.unreadable:
                raise
        return self._converse(self._connect(until), parcel, until)

    def _connect(self, until: float) -> Session:
        try:
            return connect(self._server, self._egress, until)
        except TurnedAway as turned:
            raise _NoSession(codes.failure(Stage.SESSION, *turned.answer)) from None
        except Broken as broken:
            raise _NoSession(_failure(broken)) from None
        except OSError as error:
            reason = Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.NO_CONNECTION
            raise _NoSession(Failure(reason, again=True, words=type(error).__name__)) from None

    def _converse(self, session: Session, parcel: Parcel, until: float) -> Verdict | None:
        if needs_utf8(parcel.address) and not session.takes_utf8:
            self._idle.append(session)
            return None
        sender = self._return_path.address(parcel.ref)
        try:
            verdict = session.submit(sender, parcel.address, self._message(parcel), until)
        except Broken:
            session.close()
            raise
        if verdict.answer.code == CLOSING:
            session.close()
        else:
            self._idle.append(session)
        return verdict

    def _reusable(self) -> Session | None:
        oldest = time.monotonic() - _IDLE_S
        while True:
            try:
                session = self._idle.pop()
            except IndexError:
                return None
            if session.used_at >= oldest:
                return session
            session.close()

    def _message(self, parcel: Parcel) -> bytes:
        settings, payload = self._settings, parcel.payload
        token = self._return_path.token(parcel.ref)
        own = message.Envelope(
            parcel.address,
            self._return_path.message_id(parcel.ref),
            datetime.fromtimestamp(self._clock(), _HANOI),
            settings.list_unsubscribe.replace("{token}", token),
        )
        sender = (settings.sender_name, settings.sender_address)
        return message.build(sender, payload.subject, payload.text, payload.html, own)


def _outcome(verdict: Verdict | None) -> Outcome:
    if verdict is None:
        words = "the server does not offer SMTPUTF8"
        return Refused(Failure(Reason.CANNOT_RECEIVE, words=words))
    stage, answer = verdict
    if answer.accepted:
        return Accepted(redacted(answer.words))
    return Refused(codes.failure(stage, *answer))


def _failure(broken: Broken) -> Failure:
    if broken.unreadable:
        return Failure(Reason.UNREADABLE_REPLY, again=True)
    return Failure(Reason.TIMEOUT if broken.timed_out else Reason.NO_CONNECTION, again=True)
