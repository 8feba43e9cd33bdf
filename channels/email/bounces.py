"""Notifications about mail: delivery status (RFC 3464) and complaints (RFC 5965)."""

from collections.abc import Iterator, Sequence
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from channels.base import BadSignature, Malformed
from channels.email.codes import bounce_reason
from channels.email.verp import ReturnPath
from channels.redaction import redacted
from dispatcher.domain.model import Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status

#: The Action field's words. What is only delayed or passed on changes nothing.
_ACTIONS = {
    "failed": Status.FAILED,
    "delivered": Status.DELIVERED,
    "delayed": Status.ACCEPTED,
    "relayed": Status.ACCEPTED,
    "expanded": Status.ACCEPTED,
}

#: Headers that hold our reference: of the notification itself, and of the message it returns.
_OURS = ("delivered-to", "x-original-to", "to", "return-path", "message-id", "original-mail-from")


def events(notice: bytes, return_path: ReturnPath) -> Sequence[StatusEvent]:
    """What a notification says. Raises BadSignature when no reference in it is ours."""
    message = BytesParser(policy=policy.compat32).parsebytes(notice)
    ref = _reference(message, return_path)
    at = _time(message)
    found = [
        *(_status(ref, fields, at) for fields in _reports(message, "message/delivery-status")),
        *(_complaint(ref, fields, at) for fields in _reports(message, "message/feedback-report")),
    ]
    if not found:
        raise Malformed("neither a delivery status notification nor a complaint")
    return found


def _reference(message: Message, return_path: ReturnPath) -> Reference:
    for part in message.walk():
        texts = [str(value) for name, value in part.items() if name.lower() in _OURS]
        if part.get_content_type() == "text/rfc822-headers":
            texts.append(_text(part))
        for text in texts:
            for ref in return_path.references(text):
                return ref
    raise BadSignature("no return address of ours")


def _reports(message: Message, kind: str) -> Iterator[Message]:
    """The groups of fields of reports of one kind, without the group about the whole message."""
    for part in message.walk():
        if part.get_content_type() != kind:
            continue
        payload = part.get_payload()
        groups = payload if isinstance(payload, list) else [_fields(part)]
        for group in groups:
            if isinstance(group, Message) and ("action" in group or "feedback-type" in group):
                yield group


def _status(ref: Reference, fields: Message, at: int) -> StatusEvent:
    action = str(fields.get("action", "")).strip().lower()
    if action not in _ACTIONS:
        raise Malformed("an Action that is not known")
    status = _ACTIONS[action]
    code = str(fields.get("status", "")).split(maxsplit=1)[:1]
    reason = bounce_reason("".join(code)) if status is Status.FAILED else Reason.NONE
    words = redacted(str(fields.get("diagnostic-code", "")))
    return StatusEvent(ref, status, reason, code="".join(code), words=words, at=at)


def _complaint(ref: Reference, fields: Message, at: int) -> StatusEvent:
    """A person called the message unwanted: it arrived, and must be the last one to do so."""
    kind = redacted(str(fields.get("feedback-type", "")))
    return StatusEvent(ref, Status.DELIVERED, Reason.OPTED_OUT, Evidence.PERSON, code=kind, at=at)


def _time(message: Message) -> int:
    try:
        return int(parsedate_to_datetime(str(message.get("date", ""))).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _fields(part: Message) -> Message:
    return BytesParser(policy=policy.compat32).parsebytes(_text(part).encode())
