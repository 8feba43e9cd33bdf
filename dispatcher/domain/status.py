"""What may become of a delivery, why, and on whose word (docs/design.md §4).

The numbers are stored in rows and hashed into the ledger's pages: they never change their
meaning. New members take new numbers.
"""

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """Within one attempt a higher number wins, whatever the order in which words arrive."""

    PENDING = 0
    SENDING = 1
    ACCEPTED = 2
    UNKNOWN = 3
    CANCELLED = 4
    EXPIRED = 5
    FAILED = 6
    DELIVERED = 7
    SEEN = 8
    SUPPRESSED = 9

    @property
    def word(self) -> str:
        """The lower-case word of the API and of exports."""
        return self.name.lower()

    @property
    def final(self) -> bool:
        """Whether the engine itself has nothing more to do for such a delivery."""
        return self >= Status.UNKNOWN


class Evidence(IntEnum):
    """Whose word a status rests on, weakest first."""

    NONE = 0
    PROVIDER = 1
    CARRIER = 2
    REPORT = 3
    DEVICE = 4
    PERSON = 5

    @property
    def word(self) -> str:
        return self.name.lower()


class Fault(IntEnum):
    """Whose fault an error is; each has one consequence (docs/design.md §4)."""

    NOBODY = 0
    RECIPIENT = 1
    CONTENT = 2
    ROUTE = 3
    OURS = 4


class Reason(IntEnum):
    """Why a delivery stands where it stands. The hundreds digit groups them."""

    NONE = 0

    NO_ADDRESS = 101
    BAD_ADDRESS = 102
    OPTED_OUT = 103
    NO_CONSENT = 104
    BLOCKED_BY_RECIPIENT = 105
    NO_ACCOUNT = 106
    UNREACHABLE = 107
    UNKNOWN_SUBSCRIBER = 108
    NOT_MOBILE = 109
    UNKNOWN_MAILBOX = 110
    MAILBOX_FULL = 111
    DO_NOT_CALL = 112
    DAILY_CAP = 113
    ERASED = 114
    SYNTHETIC = 115
    CANNOT_RECEIVE = 116
    NO_SPEAKER_KEY = 117

    CONTENT_REFUSED = 201
    TEMPLATE_MISMATCH = 202
    TEMPLATE_NOT_APPROVED = 203
    TOO_LONG = 204
    BAD_PARAMETER = 205
    BLOCKED_WORD = 206
    RENDER_ERROR = 207
    MISSING_LANGUAGE = 208

    RATE_LIMITED = 301
    PROVIDER_ERROR = 302
    NO_CONNECTION = 303
    TIMEOUT = 304
    BAD_CREDENTIALS = 305
    NO_BALANCE = 306
    QUOTA_USED = 307
    NIGHT_WINDOW = 308
    SENDER_NOT_REGISTERED = 309
    NO_ROUTE = 310
    UNREADABLE_REPLY = 311
    FILTERED = 312
    GREYLISTED = 313

    INTERNAL = 401
    POISON = 402
    CRASH = 403
    WINDOW_CLOSED = 404
    RETRIES_USED = 405

    DEADLINE = 501
    CANCELLED_BY_PERSON = 502
    WITHDRAWN = 503
    REPLACED = 504
    DISPATCH_STOPPED = 505

    MISSED = 601
    PREEMPTED = 602
    REJECTED_BY_DEVICE = 603
    PLAYED_IN_PART = 604
    QUIET_HOURS = 605
    DEVICE_FAULT = 606
    REJECTED_BY_COMMUNE = 607

    REFUSED_BY_CARRIER = 701
    PARTLY_ACTIVE = 702

    @property
    def code(self) -> str:
        """The lower-case code of the API and of exports."""
        return self.name.lower()

    @property
    def fault(self) -> Fault:
        return _FAULT_BY_HUNDRED[self // 100]


_FAULT_BY_HUNDRED = {
    0: Fault.NOBODY,
    1: Fault.RECIPIENT,
    2: Fault.CONTENT,
    3: Fault.ROUTE,
    4: Fault.OURS,
    5: Fault.NOBODY,
    6: Fault.RECIPIENT,
    7: Fault.ROUTE,
}

#: Statuses that only a later word of the same attempt or a person can change.
TERMINAL = frozenset(status for status in Status if status.final)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands: the winning word of its attempts so far.

    ``at`` is the provider's time of that word in epoch milliseconds (0: unknown).
    """

    attempt: int
    status: Status
    reason: Reason = Reason.NONE
    evidence: Evidence = Evidence.NONE
    at: int = 0

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """Total order of words within an attempt: status, provider time, code, evidence."""
        return (self.status, self.at, self.reason, self.evidence)


def fold(standing: Standing, word: Standing) -> Standing:
    """The standing after one more word, whatever the order of words.

    Within the current attempt the heavier word wins. A word about an older attempt counts only
    when it says that the message arrived: any attempt delivered means delivered. A suppressed
    delivery was never sent; no word moves it.
    """
    if standing.status is Status.SUPPRESSED or word.attempt > standing.attempt:
        return standing
    if word.attempt < standing.attempt and word.status < Status.DELIVERED:
        return standing
    heavier = max(standing, word, key=lambda each: each.weight)
    if heavier is standing:
        return standing
    return Standing(standing.attempt, heavier.status, heavier.reason, heavier.evidence, heavier.at)
