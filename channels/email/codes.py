"""What a mail server's reply means: enhanced status codes (RFC 3463, RFC 5248), then plain ones."""

import re
from enum import Enum, auto

from channels.http_errors import Meaning
from channels.redaction import redacted
from dispatcher.domain.errors import Failure
from dispatcher.domain.status import Fault, Reason


class Stage(Enum):
    """What a reply was about."""

    SESSION = auto()
    SENDER = auto()
    RECIPIENT = auto()
    MESSAGE = auto()


#: Greylisting servers want to see the same message again after some minutes (RFC 6647 §5).
_GREYLIST_S = 300.0

#: Subject and detail of an enhanced code, whatever its class.
_ENHANCED = {
    "1.1": Reason.UNKNOWN_MAILBOX,
    "1.2": Reason.BAD_ADDRESS,
    "1.3": Reason.BAD_ADDRESS,
    "1.6": Reason.UNKNOWN_MAILBOX,
    "1.7": Reason.SENDER_NOT_REGISTERED,
    "1.8": Reason.SENDER_NOT_REGISTERED,
    "1.10": Reason.BAD_ADDRESS,
    "2.1": Reason.CANNOT_RECEIVE,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.TOO_LONG,
    "3.4": Reason.TOO_LONG,
    "4.1": Reason.UNREACHABLE,
    "4.3": Reason.UNREACHABLE,
    "4.4": Reason.UNREACHABLE,
    "4.7": Reason.UNREACHABLE,
    "6.7": Reason.CANNOT_RECEIVE,
    "7.0": Reason.FILTERED,
    "7.1": Reason.FILTERED,
    "7.8": Reason.BAD_CREDENTIALS,
    "7.13": Reason.CANNOT_RECEIVE,
    "7.20": Reason.SENDER_NOT_REGISTERED,
    "7.23": Reason.SENDER_NOT_REGISTERED,
    "7.25": Reason.SENDER_NOT_REGISTERED,
    "7.26": Reason.SENDER_NOT_REGISTERED,
    "7.27": Reason.SENDER_NOT_REGISTERED,
    "7.28": Reason.RATE_LIMITED,
}

#: RFC 5321 §4.2.3 and RFC 4954 §6.
_PLAIN = {
    421: Reason.PROVIDER_ERROR,
    452: Reason.PROVIDER_ERROR,
    530: Reason.BAD_CREDENTIALS,
    534: Reason.BAD_CREDENTIALS,
    535: Reason.BAD_CREDENTIALS,
    538: Reason.BAD_CREDENTIALS,
    550: Reason.UNKNOWN_MAILBOX,
    551: Reason.UNKNOWN_MAILBOX,
    552: Reason.MAILBOX_FULL,
    553: Reason.BAD_ADDRESS,
    554: Reason.FILTERED,
    555: Reason.INTERNAL,
}

#: "Not now" about a recipient, without saying why more precisely: greylisting.
_NOT_NOW = {"450 ", "451 ", "450 7.1", "451 7.1"}

_SPOKEN = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")


def failure(stage: Stage, code: int, words: str) -> Failure:
    """The failure that a reply of 400 or more stands for."""
    spoken = _SPOKEN.match(words)
    detail = spoken.group(1) if spoken else ""
    if stage is Stage.RECIPIENT and f"{code} {detail}" in _NOT_NOW:
        meaning, after = Meaning(Reason.GREYLISTED, again=True), _GREYLIST_S
    else:
        meaning, after = _meaning(stage, code, detail), None
    return Failure(
        meaning.reason, again=meaning.again, after=after, code=str(code), words=redacted(words)
    )


def bounce_reason(status: str) -> Reason:
    """The reason in a delivery status notification's Status field, e.g. ``5.1.1``."""
    return _ENHANCED.get(status.partition(".")[2], Reason.PROVIDER_ERROR)


def _meaning(stage: Stage, code: int, detail: str) -> Meaning:
    reason = _ENHANCED.get(detail) or _PLAIN.get(code, Reason.PROVIDER_ERROR)
    temporary = code < 500
    if temporary and detail in ("2.1", "7.1"):
        # "Receiving mail too quickly", "too many messages": nothing is wrong with either side.
        return Meaning(Reason.RATE_LIMITED, again=True)
    if stage in (Stage.SESSION, Stage.SENDER):
        return Meaning(_of_route(reason), again=True)
    return Meaning(reason, again=temporary)


def _of_route(reason: Reason) -> Reason:
    """Before a recipient is named, no reply can be about one."""
    return reason if reason.fault is Fault.ROUTE else Reason.SENDER_NOT_REGISTERED
