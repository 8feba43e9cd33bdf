"""Retired pages: the tree takes them by their leaf hashes, and an act must have let them go.

Acts never go. So whatever is missing in a span must be just the pages that its act speaks of, which
it names by their count and by SHA-256 over their leaf hashes along the log. A delivery that was
left behind has no birth in the log, and is found by the replay.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_ROWS = """
SELECT id, first_page, last_page, bundle, entries, "by", at FROM retirement ORDER BY id
"""


@dataclass
class _Span:
    """A row of ``retirement`` and, as the log is read, what is missing of its pages."""

    number: int
    told: dict[str, Any]
    by: int
    at: int
    missing: int = 0
    hashed: Any = field(default_factory=hashlib.sha256)

    @property
    def where(self) -> str:
        return f"retirement(id={self.number})"


class Retired:
    """Asked about each leaf whose page is missing, it remembers what it let pass."""

    def __init__(self, conn: Connection, findings: Findings) -> None:
        self._findings = findings
        self._spans: list[_Span] = []
        for row in stream(conn, _ROWS):
            told = {
                "first_page": row.first_page,
                "last_page": row.last_page,
                "bundle": raw(row.bundle).hex(),
                "entries": row.entries,
            }
            span = _Span(row.id, told, row.by, row.at)
            if self._spans and row.first_page <= self._spans[-1].told["last_page"]:
                findings.add("retirement_span", span.where, row.at)
            self._spans.append(span)

    def took(self, page: int, leaf: bytes) -> bool:
        """Whether a missing page is of a retired span. ``leaf``: its leaf hash."""
        for span in self._spans:
            if span.told["first_page"] <= page <= span.told["last_page"]:
                span.missing += 1
                span.hashed.update(leaf)
                return True
        return False

    def explain(self, spool: Spool) -> None:
        """Every retirement is an act of the log, every such act a retirement that fits."""
        acts = {act.subject: act for act in spool.named("retire")}
        for span in self._spans:
            act = acts.pop(f"retirement:{span.number}", None)
            if act is None:
                self._findings.add("retirement_undeclared", span.where, span.at)
            else:
                self._agree(span, act, json.loads(act.facts))
        for act in acts.values():
            self._findings.add("retirement_missing", f"page(id={act.page}) → {act.subject}", act.at)

    def _agree(self, span: _Span, act: KeptAct, facts: dict[str, Any]) -> None:
        said = {name: facts.get(name) for name in span.told}
        if (said, act.actor, act.at) != (span.told, span.by, span.at):
            self._findings.add("retirement_differs", span.where, act.at)
        expected, gone = facts.get("pages"), facts.get("gone")
        if (expected, gone) != (span.missing, span.hashed.hexdigest()):
            counts = {"expected": expected, "found": span.missing}
            self._findings.add("retirement_pages", span.where, act.at, **counts)
        told = {name: facts.get(name) for name in ("pages", "entries", "deliveries", "bundle")}
        why = facts.get("why")
        self._findings.notice("retired", span.where, act.at, by=act.actor, why=why, **told)
