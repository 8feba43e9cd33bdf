"""What an HTTP answer means for a delivery when the provider itself gives no better word.

One table for every provider that speaks HTTP. A provider with codes of its own asks them first.
"""

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from channels.door import Lost, Reply
from channels.redaction import redacted
from dispatcher.domain.errors import Failure
from dispatcher.domain.model import Refused, Unclear
from dispatcher.domain.status import Reason


class Meaning(NamedTuple):
    """What a provider's code means.

    ``again`` is about the message: what was refused for the route's sake can still be sent, by
    another route or after repair.
    """

    reason: Reason
    again: bool


_MISSING = Meaning(Reason.PROVIDER_ERROR, again=True)
_OURS = Meaning(Reason.INTERNAL, again=False)

#: Exact statuses (RFC 9110 §15, RFC 6585); the rest go by their hundreds.
_BY_STATUS = {
    400: _OURS,
    401: Meaning(Reason.BAD_CREDENTIALS, again=True),
    402: Meaning(Reason.NO_BALANCE, again=True),
    403: Meaning(Reason.BAD_CREDENTIALS, again=True),
    404: _MISSING,
    407: Meaning(Reason.BAD_CREDENTIALS, again=True),
    408: Meaning(Reason.TIMEOUT, again=True),
    410: _MISSING,
    413: Meaning(Reason.TOO_LONG, again=False),
    421: _MISSING,
    423: _MISSING,
    425: _MISSING,
    429: Meaning(Reason.RATE_LIMITED, again=True),
    504: Meaning(Reason.TIMEOUT, again=True),
}

_BY_HUNDRED = {
    1: Meaning(Reason.UNREADABLE_REPLY, again=True),
    2: Meaning(Reason.UNREADABLE_REPLY, again=True),
    3: _MISSING,
    4: _OURS,
    5: Meaning(Reason.PROVIDER_ERROR, again=True),
}

#: Server errors that say that the request was not acted upon (RFC 9110 §15.6.2, §15.6.6; RFC 6585).
_NOT_DONE = frozenset({501, 505, 511})


def failure(reply: Reply, now: float) -> Failure:
    """The failure that a status, 100 to 599, stands for; ``now`` in epoch seconds."""
    unknown = _BY_HUNDRED.get(reply.status // 100, _BY_HUNDRED[5])
    meaning = _BY_STATUS.get(reply.status, unknown)
    return Failure(
        meaning.reason,
        again=meaning.again,
        after=retry_after(reply, now) if meaning.again else None,
        code=str(reply.status),
        words=redacted(reply.body.decode("utf-8", "replace")),
    )


def refusal(reply: Reply, now: float) -> Refused | Unclear:
    """What became of a message whose answer carries no word of the provider's own.

    A 2xx that cannot be read and a 5xx may stand for a message that was taken.
    """
    failed = failure(reply, now)
    may_be_done = reply.status // 100 in (1, 2, 5) and reply.status not in _NOT_DONE
    return Unclear(failed) if may_be_done else Refused(failed)


def lost(answer: Lost) -> Refused | Unclear:
    """What became of a message whose answer never came."""
    reason = Reason.TIMEOUT if answer.timed_out else Reason.NO_CONNECTION
    failed = Failure(reason, again=True, words=redacted(answer.words))
    return Unclear(failed) if answer.sent else Refused(failed)


def said(reply: Reply) -> Mapping[str, Any]:
    """The JSON object of an answer; empty when its body is anything else."""
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def retry_after(reply: Reply, now: float) -> float | None:
    """Seconds that the provider asks to wait (RFC 9110 §10.2.3), given as a number or a date."""
    asked = reply.headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - now)
    except ValueError:
        return None
