"""The bytes of a message: what is the same for everyone is built once, the rest is put before it.

Building a message with ``email.message`` costs seven times the SMTP dialogue itself.
"""

from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache

#: Cannot occur in base64.
_BOUNDARY = "=_loa"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One recipient's own part. ``unsubscribe`` is a URL, or empty."""

    recipient: str
    message_id: str
    at: datetime
    unsubscribe: str = ""


def build(sender: tuple[str, str], subject: str, text: str, html: str, own: Envelope) -> bytes:
    """A whole message with CRLF line ends; ``sender`` is (name, address)."""
    lines = [
        f"To: {own.recipient}",
        f"Message-ID: {own.message_id}",
        f"Date: {format_datetime(own.at)}",
    ]
    if own.unsubscribe:
        lines.append(f"List-Unsubscribe: <{own.unsubscribe}>")
    if own.unsubscribe.startswith("https:"):
        # RFC 8058: one click, only over HTTPS.
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    own_part = "".join(f"{line}\r\n" for line in lines).encode()
    return own_part + _shared(sender, subject, text, html)


@lru_cache(maxsize=32)
def _shared(sender: tuple[str, str], subject: str, text: str, html: str) -> bytes:
    headers = (
        f"From: {formataddr(sender)}",
        f"Subject: {_encoded(subject)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    )
    head = "".join(f"{line}\r\n" for line in headers)
    return (head + (_alternative(text, html) if html else _part("plain", text))).encode()


def _encoded(subject: str) -> str:
    """RFC 2047; blanks folded to one so that no line end can begin another header."""
    return Header(" ".join(subject.split()), "utf-8", header_name="Subject").encode(linesep="\r\n")


def _alternative(text: str, html: str) -> str:
    parts = "".join(
        f"--{_BOUNDARY}\r\n{_part(kind, content)}"
        for kind, content in (("plain", text), ("html", html))
    )
    head = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n'
    return f"{head}{parts}--{_BOUNDARY}--\r\n"


def _part(kind: str, content: str) -> str:
    canonical = "\r\n".join(content.splitlines()) + "\r\n"
    body = encodebytes(canonical.encode()).decode().replace("\n", "\r\n")
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}"
    )
