"""A version rendered for one channel and one language: what is approved, hashed and sent."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dispatcher.domain.authoring import Fields, parsed_json
from dispatcher.domain.canonical import canonical, plain
from dispatcher.domain.model import Media, Payload, Shape


@dataclass(frozen=True, slots=True)
class Recipient:
    """All that a text may know of the person who gets it. ``name`` may be empty."""

    name: str = ""
    locality: str = ""
    lang: str = "vi"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the author and the approver should see; it stops nothing."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it will be spoken, and what the synthesiser would still have to guess in it."""

    spoken: str
    doubts: tuple[str, ...] = ()


#: Turns a written text into the words to speak. One per language that has one.
Reader = Callable[[str], Reading]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One channel × one language.

    ``sources``: Jinja2 by payload field (``text``, ``subject``, ``html``, ``params.<name>``);
    ``sample``: as ``SAMPLE_RECIPIENT`` gets it, and for AUDIO as everybody hears it;
    ``template``: the provider's template by our name for it, for TEMPLATE; ``facts``: counts for
    the approver (``encoding units parts``, ``words seconds``); ``remarks``: warnings.
    """

    channel: str
    lang: str
    shape: Shape
    sources: Mapping[str, str]
    sample: Payload
    template: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()

    def to_bytes(self) -> bytes:
        """Canonical JSON, as ``Content.to_bytes``."""
        return canonical(plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Rendition":
        """The rendition of canonical bytes. Raises ``BadInput`` when they are not such bytes."""
        fields = Fields(parsed_json(data))
        sample = fields.table("sample")
        return cls(
            channel=fields.text("channel"),
            lang=fields.text("lang"),
            shape=fields.choice("shape", Shape),
            sources=fields.strings("sources"),
            sample=_payload(sample),
            template=fields.text("template"),
            facts=fields.scalars("facts"),
            remarks=tuple(
                Remark(each.text("code"), each.text("vi"), each.text("en"))
                for each in fields.tables("remarks")
            ),
        )


def _payload(fields: Fields) -> Payload:
    return Payload(
        text=fields.verbatim("text"),
        subject=fields.verbatim("subject"),
        html=fields.verbatim("html"),
        template=fields.text("template"),
        params=fields.strings("params"),
        media=_media(fields.table("media")) if fields.has("media") else None,
        extra=fields.scalars("extra"),
    )


def _media(fields: Fields) -> Media:
    return Media(
        fields.sha256("sha256"),
        fields.text("mime"),
        fields.whole("size"),
        fields.whole("duration_ms"),
    )
