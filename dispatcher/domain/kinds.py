"""Kinds of bulletin (loại tin): what each may do and must say. Rows of ``kinds.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.model import LANES, Classification, Exposure, Level, Relation


@dataclass(frozen=True, slots=True)
class FactRule:
    """A fact that a kind knows. ``label`` by language, as e-mails and forms show it.

    ``translated``: must be given in each language of the bulletin; otherwise one value may serve
    all of them (a place name, a telephone number).
    """

    name: str
    label: Mapping[str, str]
    required: bool
    translated: bool
    example: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of bulletin.

    ``level`` is the default and ``highest`` the highest allowed; ``channels`` are the default
    ones; ``exposures`` the allowed ones, default first; ``validity_s`` the default validity in
    seconds; ``daily_cap`` how many bulletins of this kind a person gets in a day (0: no cap);
    ``sms_parts`` the most SMS parts; ``relation`` what it must do to an earlier bulletin, and
    ``ends`` the kinds it may do it to; ``drill``: every bulletin of this kind is a drill.
    """

    code: str
    name: Mapping[str, str]
    use: str
    level: Level
    highest: Level
    channels: tuple[str, ...]
    exposures: tuple[Exposure, ...]
    classification: Classification
    languages: tuple[str, ...]
    facts: tuple[FactRule, ...]
    validity_s: int
    daily_cap: int
    sms_parts: int
    relation: Relation | None
    ends: tuple[str, ...]
    drill: bool

    def allows(self, level: Level) -> bool:
        """Whether a bulletin of this kind may have this level."""
        return LANES.index(level) >= LANES.index(self.highest)


def parse_kinds(text: str) -> Mapping[str, Kind]:
    """The kinds written in ``kinds.toml``, by code. Raises ``Misconfigured`` naming the row."""
    document = tomllib.loads(text)
    labels: dict[str, dict[str, Any]] = document["facts"]
    return MappingProxyType(
        {code: _kind(code, row, labels) for code, row in document["kinds"].items()}
    )


def _kind(code: str, row: dict[str, Any], labels: dict[str, dict[str, Any]]) -> Kind:
    try:
        relation = row.get("relation")
        return Kind(
            code=code,
            name=MappingProxyType(row["name"]),
            use=row["use"],
            level=Level(row["level"]),
            highest=Level(row["highest"]),
            channels=tuple(row["channels"]),
            exposures=tuple(Exposure(each) for each in row.get("exposures", ["public"])),
            classification=Classification(row.get("classification", "official")),
            languages=tuple(row.get("languages", ["vi"])),
            facts=_rules(row, labels),
            validity_s=int(row["validity_h"]) * 3600,
            daily_cap=int(row["daily_cap"]),
            sms_parts=int(row.get("sms_parts", 3)),
            relation=Relation(relation) if relation else None,
            ends=tuple(row.get("ends", [])),
            drill=bool(row.get("drill", False)),
        )
    except (KeyError, ValueError) as error:
        raise Misconfigured(
            "bad_kind",
            f"kinds.toml: loại tin '{code}' khai báo sai hoặc thiếu: {error}.",
            f"kinds.toml: kind '{code}' is wrong or incomplete: {error}.",
            field=f"kinds.{code}",
        ) from error


def _rules(row: dict[str, Any], labels: dict[str, dict[str, Any]]) -> tuple[FactRule, ...]:
    """Required facts first, then optional ones, each with its label from the common list."""
    wanted = [(name, True) for name in row["required"]]
    wanted += [(name, False) for name in row.get("optional", [])]
    return tuple(_rule(name, labels[name], required=required) for name, required in wanted)


def _rule(name: str, row: dict[str, Any], *, required: bool) -> FactRule:
    label = MappingProxyType({lang: row[lang] for lang in ("vi", "en")})
    return FactRule(name, label, required, bool(row.get("translated", True)), row["example"])
