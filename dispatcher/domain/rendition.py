"""A version rendered for one channel and one language: what is approved, hashed and sent."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dispatcher.domain.authoring import Fields, Remark, parsed_json
from dispatcher.domain.canonical import canonical, plain
from dispatcher.domain.model import Media, Payload, Shape


@dataclass(frozen=True, slots=True)
class Recipient:
    """All that a text may know of the person who gets it. ``name`` may be empty."""

    name: str = ""
    locality: str = ""
    lang: str = "vi"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it will be spoken, and what the synthesiser would still have to guess in it."""

    spoken: str
    doubts: tuple[str, ...] = ()


#: A value that a source names: a text, paragraphs, or rows of label and text.
Value = str | tuple[str, ...] | tuple[tuple[str, str], ...]

#: Turns a written text into the words to speak. One per language that has one.
Reader = Callable[[str], Reading]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One channel × one language.

    ``sources``: Jinja2 by payload field (``text``, ``subject``, ``html``, ``params.<name>``);
    ``values``: what the sources name, so that a rendition alone says all that will be sent;
    ``sample``: as ``SAMPLE_RECIPIENT`` gets it, and for AUDIO as everybody hears it;
    ``template``: the provider's template by our name for it, for TEMPLATE; ``facts``: counts for
    the approver (``encoding units parts``, ``words seconds``); ``remarks``: warnings.
    """

    channel: str
    lang: str
    shape: Shape
    sources: Mapping[str, str]
    values: Mapping[str, Value]
    sample: Payload = field(default_factory=Payload)
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
            values={name: _value(each) for name, each in fields.anything("values").items()},
            sample=_payload(sample),
            template=fields.text("template"),
            facts=fields.scalars("facts"),
            remarks=tuple(
                Remark(each.text("code"), each.text("vi"), each.text("en"))
                for each in fields.tables("remarks")
            ),
        )


def _value(value: Any) -> Value:
    """JSON has lists for our tuples."""
    if isinstance(value, list):
        return tuple(tuple(each) if isinstance(each, list) else each for each in value)
    return str(value)


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
