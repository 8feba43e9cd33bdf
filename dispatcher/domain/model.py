"""The nouns of docs/design.md §1 that pass between the layers, as immutable values.

Times are epoch milliseconds, UTC. Identifiers are integers, areas zero-padded strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from dispatcher.domain.errors import Failure
from dispatcher.domain.status import Evidence, Reason, Status


class Level(StrEnum):
    """Mức độ ưu tiên (Thông tư 39/2020/TT-BTTTT); also the worker lane."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


#: Lanes in the order in which they are served.
LANES = (Level.EMERGENCY, Level.PRIORITY, Level.NORMAL)


class Exposure(StrEnum):
    """Whether a bulletin may be heard by anyone, or has facts about one person."""

    PUBLIC = "public"
    NAMED = "named"


class Classification(StrEnum):
    """Official notice or advertising (Nghị định 91/2020/NĐ-CP, điều 3)."""

    OFFICIAL = "official"
    ADVERTISING = "advertising"


class Relation(StrEnum):
    """What a bulletin does to an earlier one."""

    CORRECTS = "corrects"
    WITHDRAWS = "withdraws"
    ENDS = "ends"


class Mode(StrEnum):
    """Whether something may reach citizens. A drill never leaves test routes."""

    LIVE = "live"
    TEST = "test"


class Shape(StrEnum):
    """The form a rendition takes (docs/design.md §6)."""

    TEXT = "text"
    TEMPLATE = "template"
    ARTICLE = "article"
    AUDIO = "audio"


class TargetKind(IntEnum):
    """What a delivery's ``target_id`` names. Stored and hashed: numbers are for ever."""

    ADDRESS = 1
    SPEAKER = 2
    ORDER = 3


class AddressKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    ZALO = "zalo"


class Unit(StrEnum):
    """What a channel counts. Units are never added together."""

    PERSON = "person"
    CLUSTER = "cluster"
    ORDER = "order"


class DispatchState(StrEnum):
    """The life of a dispatch."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Traits:
    """What the engine may know of a channel; it never asks the channel's name.

    ``receipts``: word comes after acceptance; ``idempotent``: the provider drops a repeat of our
    reference; ``receipt_window_s``: how long word may take before the outcome is unknown;
    ``window``: deliveries whose intent is written together; ``sends``: the personal data that
    leaves (``phone``, ``email``, ``text``, which may contain a name); ``country``: where to
    (ISO 3166), empty when the route's owner chose the server.
    """

    channel: str
    unit: Unit
    target: TargetKind
    address: AddressKind | None
    shape: Shape
    receipts: bool
    idempotent: bool
    public: bool
    batch: int = 500
    window: int = 100
    receipt_window_s: int = 72 * 3600
    sends: tuple[str, ...] = ()
    country: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Our name for one try of one delivery, as providers echo it: ``17.4532.1``."""

    dispatch: int
    delivery: int
    attempt: int

    def __str__(self) -> str:
        return f"{self.dispatch}.{self.delivery}.{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> "Reference | None":
        """The reference in ``text``, or None if it is not one of ours."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        if any(len(part) > 18 for part in parts):
            return None
        return cls(*(int(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Media:
    """A sound, named by its content."""

    sha256: str
    mime: str
    size: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Payload:
    """One rendition as one recipient gets it; which fields are used follows from the shape.

    TEXT: ``text`` (and ``subject``, ``html`` for e-mail). TEMPLATE: ``template`` and ``params``.
    AUDIO: ``text`` as spoken, ``media``, and ``extra`` (playback or order terms).
    """

    text: str = ""
    subject: str = ""
    html: str = ""
    template: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    media: Media | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery ready for a provider.

    ``address``: canonical address, or the target's public identifier (speaker, order);
    ``not_before``: rate slot on the monotonic clock, seconds; ``valid_until``: epoch ms or 0;
    ``level``: lets a provider's own priority be asked for.
    """

    ref: Reference
    address: str
    payload: Payload
    not_before: float = 0.0
    valid_until: int = 0
    level: Level = Level.NORMAL


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it and named it. ``parts`` and ``price`` (VND) where it says so."""

    provider_ref: str
    parts: int = 1
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """Laid ready for the other side to fetch; its word will come (loudspeaker manifest)."""

    provider_ref: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider did not take it; nothing was sent."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can say whether the provider took it (connection lost after the request left)."""

    failure: Failure


Outcome = Accepted | Handed | Refused | Unclear


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A provider's, carrier's, device's or person's later word, in our terms.

    ``ref`` is None when the other side does not echo our reference; ``code`` and ``words`` are
    its own; ``at`` is its time in epoch ms (0: not given).
    """

    ref: Reference | None
    status: Status
    reason: Reason = Reason.NONE
    evidence: Evidence = Evidence.PROVIDER
    provider_ref: str = ""
    code: str = ""
    words: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Callback:
    """An incoming HTTP request as a channel judges it: nothing parsed, nothing trusted."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a person sent us. ``sender``: canonical address; ``at``: epoch ms, 0 if not given."""

    sender: str
    text: str
    at: int = 0
