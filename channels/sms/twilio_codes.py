"""Twilio's error codes and status words in our terms.

https://www.twilio.com/docs/api/errors and
https://www.twilio.com/docs/messaging/api/message-resource. Twilio changes codes now and then:
one that is missing here is a provider error, with the code kept.
"""

from channels.http_errors import Meaning
from dispatcher.domain.status import Evidence, Reason, Status

_LATER = Meaning(Reason.PROVIDER_ERROR, again=True)

#: Refused at once: nothing was sent.
REFUSED = {
    20003: Meaning(Reason.BAD_CREDENTIALS, again=True),
    20005: Meaning(Reason.BAD_CREDENTIALS, again=True),
    20008: Meaning(Reason.BAD_CREDENTIALS, again=True),
    20404: Meaning(Reason.PROVIDER_ERROR, again=True),
    20429: Meaning(Reason.RATE_LIMITED, again=True),
    20503: _LATER,
    14107: Meaning(Reason.RATE_LIMITED, again=True),
    21211: Meaning(Reason.BAD_ADDRESS, again=False),
    21212: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21265: Meaning(Reason.BAD_ADDRESS, again=False),
    21266: Meaning(Reason.BAD_ADDRESS, again=False),
    21408: Meaning(Reason.NO_ROUTE, again=True),
    21602: Meaning(Reason.RENDER_ERROR, again=False),
    21603: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21604: Meaning(Reason.NO_ADDRESS, again=False),
    21605: Meaning(Reason.TOO_LONG, again=False),
    21606: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21608: Meaning(Reason.NO_ROUTE, again=True),
    21609: Meaning(Reason.INTERNAL, again=False),
    21610: Meaning(Reason.OPTED_OUT, again=False),
    21611: Meaning(Reason.RATE_LIMITED, again=True),
    21612: Meaning(Reason.NO_ROUTE, again=True),
    21614: Meaning(Reason.NOT_MOBILE, again=False),
    21617: Meaning(Reason.TOO_LONG, again=False),
    21624: Meaning(Reason.INTERNAL, again=False),
    21635: Meaning(Reason.NOT_MOBILE, again=False),
    21659: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21660: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21661: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21703: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
    21704: Meaning(Reason.SENDER_NOT_REGISTERED, again=True),
}

#: A request that met this error may have sent its message all the same, says
#: https://www.twilio.com/docs/api/errors/20500.
MAY_BE_SENT = frozenset({20500})

#: Reported later, with ``undelivered`` or ``failed``.
NOT_DELIVERED = {
    30001: Reason.RATE_LIMITED,
    30002: Reason.BAD_CREDENTIALS,
    30003: Reason.UNREACHABLE,
    30004: Reason.BLOCKED_BY_RECIPIENT,
    30005: Reason.UNKNOWN_SUBSCRIBER,
    30006: Reason.NOT_MOBILE,
    30007: Reason.FILTERED,
    30008: Reason.PROVIDER_ERROR,
    30018: Reason.SENDER_NOT_REGISTERED,
    30022: Reason.RATE_LIMITED,
    30023: Reason.QUOTA_USED,
    30024: Reason.SENDER_NOT_REGISTERED,
    30032: Reason.SENDER_NOT_REGISTERED,
    30034: Reason.SENDER_NOT_REGISTERED,
    30036: Reason.DEADLINE,
    30038: Reason.BLOCKED_WORD,
    30039: Reason.FILTERED,
    30044: Reason.TOO_LONG,
    30410: Reason.TIMEOUT,
    30450: Reason.FILTERED,
    30500: Reason.PROVIDER_ERROR,
    21610: Reason.OPTED_OUT,
}

#: Status words and whose word each is. ``sent`` means that a carrier took it, not that it arrived.
STATUSES = {
    "accepted": (Status.ACCEPTED, Evidence.PROVIDER),
    "scheduled": (Status.ACCEPTED, Evidence.PROVIDER),
    "queued": (Status.ACCEPTED, Evidence.PROVIDER),
    "sending": (Status.ACCEPTED, Evidence.PROVIDER),
    "sent": (Status.ACCEPTED, Evidence.PROVIDER),
    "delivered": (Status.DELIVERED, Evidence.CARRIER),
    "read": (Status.SEEN, Evidence.DEVICE),
    "undelivered": (Status.FAILED, Evidence.CARRIER),
    "failed": (Status.FAILED, Evidence.PROVIDER),
    "canceled": (Status.CANCELLED, Evidence.PROVIDER),
}
