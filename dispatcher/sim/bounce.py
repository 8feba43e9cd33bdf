"""A delivery status notification (RFC 3464) as a mail server sends it back to the sender."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime


def build_bounce(
    *,
    hostname: str,
    recipient: str,
    sender: str,
    code: str,
    words: str,
    original: bytes,
    at: datetime,
    boundary: str,
) -> bytes:
    """The whole message with CRLF line ends. `code` is an enhanced status such as 5.1.1,
    `original` the message that bounced: only its header comes back."""
    header = original.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    lines = f"""\
From: Mail Delivery System <mailer-daemon@{hostname}>
To: <{sender}>
Subject: Undelivered Mail Returned to Sender
Date: {format_datetime(at)}
Message-ID: <{boundary}@{hostname}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"

--{boundary}
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

I'm sorry to have to inform you that your message could not be delivered.

<{recipient}>: {words}

--{boundary}
Content-Type: message/delivery-status

Reporting-MTA: dns; {hostname}
Arrival-Date: {format_datetime(at)}

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822; {recipient}
Action: failed
Status: {code}
Remote-MTA: dns; {hostname}
Diagnostic-Code: smtp; 550 {code} {words}

--{boundary}
Content-Type: text/rfc822-headers; charset=utf-8
Content-Transfer-Encoding: 8bit

{header}

--{boundary}--
"""
    return lines.replace("\r\n", "\n").replace("\n", "\r\n").encode()
