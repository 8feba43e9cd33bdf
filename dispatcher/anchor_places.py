"""Places outside our reach: an auditor's mailbox, and a folder that is only written once."""

import os
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from dispatcher.anchor import NotTaken
from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger.kept import Point

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_TIMEOUT_S = 30

_BODY = """\
Kính gửi bộ phận kiểm tra,

Dưới đây là điểm kiểm của sổ nhật ký điện tử {origin}, gồm {size} trang, lập ngày {day}.
Đề nghị lưu thư này ở nơi đơn vị vận hành không sửa được. Khi kiểm tra, đối chiếu bằng lệnh:

    loa audit verify --checkpoint checkpoint.txt

This is a checkpoint of the log {origin} with {size} pages, of {day}. Please keep this mail
where the operator cannot change it; compare with the command above.

{note}"""


@dataclass(frozen=True, slots=True)
class Folder:
    """A file a day, never written over: it may lie on a mount that refuses that anyway."""

    path: Path
    kind: str = field(default="folder", init=False)

    @property
    def where(self) -> str:
        return str(self.path)

    def put(self, kept: Point, at: int) -> None:
        """Write ``2026-11-22.txt``, or ``2026-11-22.2.txt`` when there is one. Raises NotTaken."""
        day = datetime.fromtimestamp(at / 1000, _HANOI).strftime("%Y-%m-%d")
        try:
            taken = len(list(self.path.glob(f"{day}*.txt")))
            name = f"{day}.{taken + 1}.txt" if taken else f"{day}.txt"
            with (self.path / name).open("x") as file:
                file.write(kept.note)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise NotTaken(f"{self.path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Auditors' mailboxes, by a mail server. ``server``: see :func:`mail_server`."""

    recipients: Sequence[str]
    sender: str
    server: "MailServer"
    kind: str = field(default="mail", init=False)

    @property
    def where(self) -> str:
        return ", ".join(self.recipients)

    def put(self, kept: Point, at: int) -> None:
        """Mail the checkpoint as text and as a file. Raises NotTaken, naming no recipient."""
        message = self._message(kept, at)
        try:
            with self.server.connect() as session:
                refused = session.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise NotTaken("the mail server refused every recipient") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotTaken(f"{self.server.host}: {type(error).__name__}") from error
        if refused:
            raise NotTaken(f"the mail server refused {len(refused)} recipients")

    def _message(self, kept: Point, at: int) -> EmailMessage:
        moment = datetime.fromtimestamp(at / 1000, _HANOI)
        facts = {"origin": kept.origin, "size": kept.size, "day": f"{moment:%d/%m/%Y}"}
        message = EmailMessage()
        message["From"], message["To"] = self.sender, self.where
        message["Subject"] = "Điểm kiểm sổ nhật ký {origin}: {size} trang, {day}".format(**facts)
        message["Date"] = format_datetime(moment)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message.set_content(_BODY.format(note=kept.note, **facts))
        message.add_attachment(kept.note, filename="checkpoint.txt")
        return message


@dataclass(frozen=True, slots=True)
class MailServer:
    """``tls``: from the first byte; otherwise by STARTTLS where the server offers it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool

    def connect(self) -> smtplib.SMTP:
        """A session. The password is given to no server that does not encrypt."""
        context = ssl.create_default_context()
        if self.tls:
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=_TIMEOUT_S, context=context
            )
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        try:
            self._enter(session, context)
        except BaseException:
            with suppress(OSError):
                session.close()
            raise
        return session

    def _enter(self, session: smtplib.SMTP, context: ssl.SSLContext) -> None:
        session.ehlo()
        if not self.tls and (self.user or session.has_extn("starttls")):
            session.starttls(context=context)
            session.ehlo()
        if self.user:
            session.login(self.user, self.password)


def mail_server(url: str) -> MailServer:
    """``smtp://user:password@host:587`` or ``smtps://…``. Raises Misconfigured."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Misconfigured(
            "bad_anchor_smtp",
            "LOA_ANCHOR_SMTP phải có dạng smtp://người_dùng:mật_khẩu@máy_chủ:587 hoặc smtps://…",
            "LOA_ANCHOR_SMTP must be smtp://user:password@host:587 or smtps://…",
            field="LOA_ANCHOR_SMTP",
        )
    return MailServer(
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
    )


_PORTS = {"smtp": 587, "smtps": 465}
