"""The words of a bundle: a report in administrative form, and how to check what lies beside it.

The form is that of Nghị định 30/2020/NĐ-CP, phụ lục I: national motto, issuing body, number,
place and date, kind of document, subject, text, recipients, signature.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from dispatcher.domain.content import Content
from dispatcher.domain.model import Level, Mode
from dispatcher.evidence import words
from dispatcher.evidence.counts import Counts, Line
from dispatcher.ledger.handles import Row
from dispatcher.ledger.sealer import LogKey


@dataclass(frozen=True, slots=True)
class Facts:
    """What is reported. ``size``: pages of the log; ``entries``: those in the bundle."""

    rows: Sequence[Row[Any]]
    counts: Mapping[int, Counts]
    size: int
    entries: int
    now: int
    key: LogKey


@dataclass(frozen=True, slots=True)
class Part:
    """One dispatch of the report: what people call things, not what rows do."""

    id: int
    title: str
    symbol: str
    body: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, str], ...]


def texts(templates: Path, facts: Facts) -> dict[str, str]:
    """File name → text: the report as HTML that prints to A4, and the instructions."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    values = _values(facts)
    return {
        name: environment.get_template(name).render(values)
        for name in ("report.html", "README.txt")
    }


def _values(facts: Facts) -> dict[str, Any]:
    first = facts.rows[0]
    return {
        "agency": first.agency_name,
        "parent": first.parent_name or "",
        "abbreviation": "UBND" if first.agency_name.startswith("Ủy ban nhân dân") else "",
        "place": first.area_name or "Hà Nội",
        "date": words.date_line(facts.now),
        "made": words.clock(facts.now),
        "parts": [_part(row, facts.counts[row.id]) for row in facts.rows],
        "size": words.number(facts.size),
        "entries": words.number(facts.entries),
        "vkey": facts.key.vkey(),
        "fingerprint": hashlib.sha256(facts.key.public).hexdigest(),
    }


def _part(row: Row[Any], counts: Counts) -> Part:
    content = Content.from_bytes(bytes(row.content))
    return Part(
        id=row.id,
        title=content.title["vi"],
        symbol=row.symbol or content.symbol,
        body=tuple(filter(None, content.body["vi"].splitlines())),
        facts=_facts(row, counts),
        lines=tuple(_words(line) for line in counts.lines()),
        totals=tuple(
            (f"{words.CHANNELS[channel]} ({words.TARGETS[kind]})", words.number(count))
            for (channel, kind), count in counts.totals().items()
        ),
    )


def _facts(row: Row[Any], counts: Counts) -> tuple[tuple[str, str], ...]:
    confirmed = words.clock(row.confirmed_at) if row.confirmed_at else "CHƯA XÁC NHẬN"
    told = (
        ("Cơ quan phát", row.agency_name),
        ("Mức độ", words.LEVELS[Level(row.level)] + (", diễn tập" if row.drill else "")),
        ("Chế độ", words.MODES[Mode(row.mode)]),
        ("Người trình", f"{row.asker_name}, {row.asker_office}, {words.clock(row.submitted_at)}"),
        ("Người duyệt", _decided(row)),
        ("Cách duyệt", words.WAYS.get(row.way, row.way)),
        ("Xác nhận sau khi phát", confirmed if row.confirm_by else ""),
        ("Bắt đầu phát", words.clock(row.start_at)),
        ("Hết hiệu lực", words.clock(row.valid_until) if row.valid_until else ""),
        ("Kết thúc phát", words.clock(row.finished_at) if row.finished_at else "chưa kết thúc"),
        ("Số phần tính cước", words.number(counts.parts)),
    )
    return tuple((name, value) for name, value in told if value)


def _decided(row: Row[Any]) -> str:
    if row.decider_name is None:
        return "–"
    return f"{row.decider_name}, {row.decider_office}, {words.clock(row.decided_at)}"


def _words(line: Line) -> tuple[str, ...]:
    return (
        words.CHANNELS[line.channel],
        words.TARGETS[line.kind],
        words.STATUSES[line.status],
        words.EVIDENCE[line.evidence],
        words.number(line.count),
    )
