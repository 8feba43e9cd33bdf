"""What a bulletin's version says: the value that is approved, hashed and rendered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dispatcher.domain import checks
from dispatcher.domain.authoring import Fields, Remark, instant, parsed_json, parsed_toml
from dispatcher.domain.canonical import canonical, plain
from dispatcher.domain.kinds import Kind
from dispatcher.domain.model import Classification, Exposure, Level, Relation

#: A text by language (BCP-47).
Texts = Mapping[str, str]

#: The language of a fact that reads the same in every language (BCP-47 "undetermined").
ANY_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The agency as it names itself: full name by language, brand (tên viết tắt), hotline."""

    name: Texts
    short_name: str
    hotline: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who answers for the bulletin: a person and their office (chức vụ)."""

    name: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """The earlier bulletin that this one corrects, withdraws or ends."""

    relation: Relation
    symbol: str
    title: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to the bulletin, named by its content."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """A version of a bulletin.

    ``valid_until``: epoch milliseconds, 0 for none; ``facts``: name → language → value, under
    ``ANY_LANGUAGE`` where one value serves all; ``overrides``: channel → language → the text that
    replaces the template's.
    """

    kind: str
    agency: Issuer
    title: Texts
    body: Texts
    level: Level = Level.NORMAL
    classification: Classification = Classification.OFFICIAL
    exposure: Exposure = Exposure.PUBLIC
    symbol: str = ""
    legal_basis: str = ""
    responsible: Signatory = Signatory()
    valid_until: int = 0
    related: Related | None = None
    facts: Mapping[str, Texts] = field(default_factory=dict)
    overrides: Mapping[str, Texts] = field(default_factory=dict)
    drill: bool = False
    attachments: tuple[Attachment, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages it is written in, Vietnamese first."""
        return tuple(sorted(self.title, key=lambda lang: (lang != "vi", lang)))

    def fact(self, name: str, lang: str) -> str:
        """The fact in this language, or the value that serves all, or an empty string."""
        values = self.facts.get(name, {})
        return values.get(lang) or values.get(ANY_LANGUAGE, "")

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, NFC, UTF-8, no spaces. Equal contents, equal bytes."""
        return canonical(plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hexadecimal: what an approval is bound to."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Content":
        """The content of canonical bytes. Raises ``BadInput`` when they are not such bytes."""
        return _read(parsed_json(data))

    @classmethod
    def from_toml(cls, text: str, *, kinds: Mapping[str, Kind], now: int) -> "Content":
        """The content of a file as people write it; ``now`` in epoch milliseconds.

        What the kind knows by default need not be written. Raises ``BadInput`` naming the field.
        """
        return cls.from_document(parsed_toml(text), kinds=kinds, now=now)

    @classmethod
    def from_document(
        cls, document: Mapping[str, Any], *, kinds: Mapping[str, Kind], now: int
    ) -> "Content":
        """The content of such a file once parsed, wherever it came from."""
        kind = checks.known_kind(document.get("kind"), kinds)
        content = _read(_with_defaults(document, kind, now))
        check(content, kind, now)
        return content


def check(content: Content, kind: Kind, now: int) -> None:
    """Whether the content is what its kind asks for. Raises ``BadInput`` naming the field."""
    checks.level(content.level, kind)
    checks.exposure(content.exposure, kind)
    checks.validity(content.valid_until, content.level, now)
    checks.relation(content.related.relation if content.related else None, kind)
    checks.drill(kind, drill=content.drill)
    for name, texts in (("body", content.body), ("title", content.title)):
        checks.languages(name, texts, kind, [*content.languages, *content.body])
    checks.languages("agency.name", content.agency.name, kind, content.languages)
    checks.facts(content.facts, kind, content.languages)


def remarks(content: Content) -> tuple[Remark, ...]:
    """What the author and the approver should see. A symbol is never a reason to refuse."""
    found = [checks.symbol(content.symbol)]
    if content.related:
        found.append(checks.symbol(content.related.symbol))
    return tuple(each for each in found if each is not None)


def _with_defaults(document: Mapping[str, Any], kind: Kind, now: int) -> dict[str, Any]:
    """The document with its kind's defaults, and its ``valid_until`` as a number."""
    defaults = {
        "level": kind.level.value,
        "classification": kind.classification.value,
        "exposure": kind.exposures[0].value,
        "drill": kind.drill,
    }
    full = {**defaults, **document}
    if "valid_until" in full:
        full["valid_until"] = instant(full["valid_until"], "valid_until", now)
    return full


def _read(document: Mapping[str, Any]) -> Content:
    fields = Fields(document)
    content = Content(
        kind=fields.text("kind"),
        agency=_issuer(fields.table("agency")),
        title=fields.texts("title", "vi"),
        body=fields.texts("body", "vi"),
        level=fields.choice("level", Level),
        classification=fields.choice("classification", Classification),
        exposure=fields.choice("exposure", Exposure),
        symbol=fields.text("symbol"),
        legal_basis=fields.text("legal_basis"),
        responsible=_signatory(fields.table("responsible")),
        valid_until=fields.whole("valid_until"),
        related=_related(fields.table("related")) if fields.has("related") else None,
        facts=fields.nested("facts", ANY_LANGUAGE),
        overrides=fields.nested("overrides", "vi"),
        drill=fields.flag("drill"),
        attachments=tuple(_attachment(each) for each in fields.tables("attachments")),
    )
    fields.finish()
    return content


def _issuer(fields: Fields) -> Issuer:
    issuer = Issuer(
        fields.texts("name", "vi"), fields.needed("short_name"), fields.needed("hotline")
    )
    fields.finish()
    return issuer


def _signatory(fields: Fields) -> Signatory:
    signatory = Signatory(fields.text("name"), fields.text("office"))
    fields.finish()
    return signatory


def _related(fields: Fields) -> Related:
    related = Related(
        fields.choice("relation", Relation), fields.text("symbol"), fields.text("title")
    )
    fields.finish()
    return related


def _attachment(fields: Fields) -> Attachment:
    attachment = Attachment(fields.needed("name"), fields.sha256("sha256"))
    fields.finish()
    return attachment
