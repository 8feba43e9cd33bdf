"""The values that a source may name: a content's own words, flat, in one language."""

import datetime as dt
from collections.abc import Mapping

from dispatcher.domain.authoring import LOCAL
from dispatcher.domain.content import Content
from dispatcher.domain.kinds import Kind
from dispatcher.domain.rendition import Value
from dispatcher.domain.templates import Tongue


def values_for(content: Content, kind: Kind, tongue: Tongue, lang: str) -> Mapping[str, Value]:
    """Every name a template of this kind may use, except ``recipient``. Absent ones are empty."""
    facts = {rule.name: content.fact(rule.name, lang) for rule in kind.facts}
    return {
        **_own(content, tongue, lang),
        **_labels(tongue),
        **facts,
        "rows": _rows(kind, facts, lang),
    }


def _own(content: Content, tongue: Tongue, lang: str) -> dict[str, Value]:
    related = content.related
    return {
        "lang": lang,
        "title": content.title[lang],
        "body": content.body.get(lang, ""),
        "paragraphs": tuple(content.body.get(lang, "").split("\n\n")),
        "agency": content.agency.name.get(lang) or content.agency.name["vi"],
        "agency_short": content.agency.short_name,
        "hotline": content.agency.hotline,
        "symbol": content.symbol,
        "legal_basis": content.legal_basis,
        "responsible": content.responsible.name,
        "office": content.responsible.office,
        "valid_until": _moment(content.valid_until, tongue),
        "related_symbol": related.symbol if related else "",
        "related_title": related.title if related else "",
        "drill_mark": tongue.drill if content.drill else "",
        "level_mark": tongue.levels.get(content.level, ""),
    }


def _labels(tongue: Tongue) -> dict[str, Value]:
    return {f"label_{name}": text for name, text in tongue.labels.items()}


def _rows(kind: Kind, facts: Mapping[str, str], lang: str) -> Value:
    """Label and value of each fact given, in the kind's order; Vietnamese labels where no other."""
    return tuple(
        (rule.label.get(lang, rule.label["vi"]), facts[rule.name])
        for rule in kind.facts
        if facts[rule.name]
    )


def _moment(at: int, tongue: Tongue) -> str:
    if not at:
        return ""
    moment = _local(at)
    return moment.strftime(tongue.moment if moment.minute else tongue.full_hour)


def _local(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, LOCAL)
