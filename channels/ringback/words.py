"""A carrier's words in our terms (docs/carrier-orders.md)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from channels.base import Malformed
from channels.redaction import redacted
from dispatcher.domain.model import Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status

#: States of an order that are news, and what they mean. An order that ended was heard until then.
STATES = {
    "accepted": (Status.ACCEPTED, Reason.NONE),
    "installed": (Status.ACCEPTED, Reason.NONE),
    "active": (Status.DELIVERED, Reason.NONE),
    "rejected": (Status.FAILED, Reason.REFUSED_BY_CARRIER),
    "withdrawn": (Status.CANCELLED, Reason.WITHDRAWN),
}
_NO_NEWS = frozenset({"ended"})


def state_events(body: Mapping[str, Any]) -> Sequence[StatusEvent]:
    """The event of a state, of a callback or of an answer. Raises Malformed."""
    word = body.get("state")
    if word in _NO_NEWS:
        return []
    if not isinstance(word, str) or word not in STATES:
        raise Malformed("a state that is not known")
    status, reason = STATES[word]
    return [
        StatusEvent(
            Reference.parse(str(body.get("order"))),
            status,
            reason,
            Evidence.CARRIER,
            provider_ref=name(body),
            code=word,
            words=redacted(str(body.get("reason", ""))),
            at=_time(body),
        )
    ]


def report_events(body: Mapping[str, Any]) -> Sequence[StatusEvent]:
    """Calls and plays of one report, over its areas; without a play there is nothing to say."""
    rows = body.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Malformed("no rows in the report")
    calls, plays = (sum(_count(row.get(name)) for row in rows) for name in ("calls", "plays"))
    if not plays:
        return []
    return [
        StatusEvent(
            Reference.parse(str(body.get("order"))),
            Status.SEEN,
            evidence=Evidence.REPORT,
            provider_ref=name(body),
            code="report",
            words=f"calls={calls} plays={plays}",
            at=_time(body),
        )
    ]


def name(body: Mapping[str, Any]) -> str:
    """Our name and the carrier's: orders are withdrawn by ours, quoted on paper by theirs."""
    return f"{body.get('order')}/{body.get('carrier_ref')}"


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 10**12:
        raise Malformed("a count that is not one")
    return value


def _time(body: Mapping[str, Any]) -> int:
    """Epoch ms of the desk's ``at`` (RFC 3339); 0 where an answer has none."""
    if "at" not in body:
        return 0
    try:
        at = datetime.fromisoformat(str(body["at"]))
    except ValueError:
        raise Malformed("a time that is not one") from None
    if at.tzinfo is None:
        raise Malformed("a time without its offset")
    return int(at.timestamp() * 1000)
