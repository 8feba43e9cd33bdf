"""The wording of ``templates/messages``: what each kind says on each channel, in each language.

A *frame* is common to all kinds: drill mark first, who says it, symbol and contact last. A
*message* is a kind's own, or the author's override. Joined they are a source that stands alone.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dispatcher.domain.content import ANY_LANGUAGE
from dispatcher.domain.kinds import Kind, parse_kinds
from dispatcher.domain.model import Shape

_MESSAGE = "{# message #}"
_LEAD = "{# lead #}"


@dataclass(frozen=True, slots=True)
class Form:
    """How a channel takes a rendition.

    ``fields``: payload fields that have a frame; ``override``: the field that an author may
    write instead (empty: none); ``counted``: billed in SMS parts; ``public``: anyone hears it;
    ``longest_s``: spoken length above which the author is warned (0: none).
    """

    channel: str
    shape: Shape
    fields: tuple[str, ...]
    override: str
    counted: bool
    public: bool
    longest_s: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a provider's template: its source and the most characters of its type."""

    source: str
    longest: int


@dataclass(frozen=True, slots=True)
class Wording:
    """What a kind says on a channel in a language: sources by field, or template and parameters."""

    fields: Mapping[str, str]
    template: str = ""
    params: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tongue:
    """What is common to all texts in a language: labels, marks and how a moment is written."""

    drill: str
    levels: Mapping[str, str]
    labels: Mapping[str, str]
    moment: str
    full_hour: str
    frames: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Templates:
    """All wording. ``wordings`` by (kind, language, channel)."""

    forms: Mapping[str, Form]
    tongues: Mapping[str, Tongue]
    wordings: Mapping[tuple[str, str, str], Wording]

    def tongue(self, lang: str) -> Tongue:
        """The language's own marks, or those that need no translation."""
        return self.tongues.get(lang) or self.tongues[ANY_LANGUAGE]

    def wording(self, kind: str, lang: str, channel: str) -> Wording | None:
        """The kind's own wording, else the one that serves any kind in any language, if any."""
        own = self.wordings.get((kind, lang, channel))
        return own or self.wordings.get(("_base", ANY_LANGUAGE, channel))


def load_messages(directory: Path) -> tuple[Mapping[str, Kind], Templates]:
    """The kinds and the wording of a directory such as ``templates/messages``."""
    kinds = parse_kinds((directory / "kinds.toml").read_text("utf-8"))
    channels = tomllib.loads((directory / "channels.toml").read_text("utf-8"))
    pages = {
        path.relative_to(directory).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in sorted(directory.glob("*/*"))
    }
    return kinds, _templates(channels, pages)


def _templates(channels: Mapping[str, Any], pages: Mapping[str, str]) -> Templates:
    """``pages``: file texts by path without suffix, such as ``evacuation/vi``."""
    forms = {name: _form(name, row) for name, row in channels["channels"].items()}
    shared = {name.removeprefix("_base/"): text for name, text in pages.items() if "." in name}
    tables = {name: tomllib.loads(text) for name, text in pages.items() if "." not in name}
    tongues = {
        name.removeprefix("_base/"): _tongue(table, shared)
        for name, table in tables.items()
        if name.startswith("_base/")
    }
    wordings = {
        (kind, lang, channel): _wording(table[channel], shared, channels)
        for (kind, lang), table in ((name.split("/"), table) for name, table in tables.items())
        for channel in forms.keys() & table.keys()
    }
    return Templates(forms, tongues, wordings)


def _form(channel: str, row: Mapping[str, Any]) -> Form:
    return Form(
        channel,
        Shape(row["shape"]),
        tuple(row.get("fields", ())),
        row.get("override", ""),
        row.get("counted", False),
        row.get("public", False),
        row.get("longest_s", 0),
    )


def _tongue(table: Mapping[str, Any], shared: Mapping[str, str]) -> Tongue:
    frames = {
        channel: MappingProxyType({name: _shared(text, shared) for name, text in row.items()})
        for channel, row in table["frames"].items()
    }
    return Tongue(
        table["drill"],
        MappingProxyType(table["levels"]),
        MappingProxyType(table["labels"]),
        table["moment"],
        table["full_hour"],
        MappingProxyType(frames),
    )


def _shared(text: str, shared: Mapping[str, str]) -> str:
    """``@email.html`` stands for the file ``_base/email.html.j2``."""
    return shared[text[1:]] if text.startswith("@") else text


def _wording(
    row: Mapping[str, Any], shared: Mapping[str, str], channels: Mapping[str, Any]
) -> Wording:
    """A ``lead`` opens the messages that all kinds share; other fields are the kind's own."""
    fields = {name: text for name, text in row.items() if isinstance(text, str)}
    template, lead = fields.pop("template", ""), fields.pop("lead", None)
    if lead is not None:
        fields["text"] = shared["message.txt"].replace(_LEAD, lead)
        fields["html"] = shared["message.html"].replace(_LEAD, lead)
    common = channels["common_params"] if template else {}
    params = {
        name: Parameter(each["value"], channels["zbs"][each["type"]])
        for name, each in {**common, **row.get("params", {})}.items()
    }
    return Wording(MappingProxyType(fields), template, MappingProxyType(params))


def framed(frame: str, message: str) -> str:
    """A source that stands alone: the message in its frame."""
    return frame.replace(_MESSAGE, message.strip())
