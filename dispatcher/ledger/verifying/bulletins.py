"""What was approved is what is stored: versions, renditions and approvals against their acts."""

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, Row, text

from dispatcher.ledger.verifying.decoding import canonical
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_VERSIONS = """
SELECT id, bulletin_id, content, digest, created_by, created_at FROM version ORDER BY id
"""
_RENDITIONS = """
SELECT id, channel, lang, body, digest FROM rendition WHERE version_id = :version ORDER BY id
"""
_APPROVALS = """
SELECT a.id, a.version_id, a.digest, a.terms, a.submitted_by, a.submitted_at, a.state,
  a.decided_by, a.decided_at, v.digest AS version_digest
FROM approval a LEFT JOIN version v ON v.id = a.version_id ORDER BY a.id
"""

#: A decided approval's state → the act that decided it.
_DECISIONS = {"approved": "approve", "returned": "return"}

#: Act → the table it is about and the question whether the row is there.
_ABOUT = {
    "draft": ("version", "SELECT 1 FROM version WHERE id = :id"),
    "propose": ("approval", "SELECT 1 FROM approval WHERE id = :id"),
    "approve": ("approval", "SELECT 1 FROM approval WHERE id = :id AND state = 'approved'"),
    "return": ("approval", "SELECT 1 FROM approval WHERE id = :id AND state = 'returned'"),
}


class Bulletins:
    """Goes through versions and approvals with the acts of the log at hand."""

    def __init__(self, conn: Connection, findings: Findings, spool: Spool) -> None:
        self._conn, self._findings, self._spool = conn, findings, spool

    def run(self) -> None:
        """Check every row, then that no act speaks of a row that is gone."""
        for row in stream(self._conn, _VERSIONS):
            self._version(row)
        for row in stream(self._conn, _APPROVALS):
            self._approval(row)
        for name, (table, query) in _ABOUT.items():
            for act in self._spool.named(name):
                self._present(act, table, query)

    def _version(self, row: Row[Any]) -> None:
        where = f"version(id={row.id})"
        hashes = sorted(self._rendition(each) for each in self._renditions(row.id))
        content = hashlib.sha256(raw(row.content)).hexdigest()
        if hashlib.sha256(canonical([content, hashes])).digest() != raw(row.digest):
            self._findings.add("version_digest", f"{where}.digest", row.created_at)
        for act in self._spool.about(f"version:{row.id}", "draft"):
            told = {"bulletin": row.bulletin_id, "digest": raw(row.digest).hex()}
            self._agree(where, act, told)

    def _renditions(self, version: int) -> list[Row[Any]]:
        return list(self._conn.execute(text(_RENDITIONS), {"version": version}))

    def _rendition(self, row: Row[Any]) -> list[str]:
        digest = hashlib.sha256(raw(row.body))
        if digest.digest() != raw(row.digest):
            self._findings.add("rendition_digest", f"rendition(id={row.id}).body")
        return [row.channel, row.lang, digest.hexdigest()]

    def _approval(self, row: Row[Any]) -> None:
        where = f"approval(id={row.id})"
        if row.version_digest is None or raw(row.digest) != raw(row.version_digest):
            self._findings.add("approval_digest", f"{where}.digest", row.submitted_at)
        told = {
            "version": row.version_id,
            "digest": raw(row.digest).hex(),
            "plan": _plan(raw(row.terms)),
        }
        for act in self._spool.about(f"approval:{row.id}", "propose"):
            self._agree(where, act, told)
            self._field(where, "submitted_by", act, act.actor, row.submitted_by)
            self._field(where, "submitted_at", act, act.at, row.submitted_at)
        if row.state in _DECISIONS:
            self._decision(row, where, told)

    def _decision(self, row: Row[Any], where: str, told: dict[str, Any]) -> None:
        name = _DECISIONS[row.state]
        acts = self._spool.about(f"approval:{row.id}", name)
        if len(acts) != 1:
            code = "act_twice" if acts else "act_missing"
            self._findings.add(code, f"{where}.state", row.decided_at, act=name)
        for act in acts:
            self._agree(where, act, told)
            self._field(where, "decided_by", act, act.actor, row.decided_by)
            self._field(where, "decided_at", act, act.at, row.decided_at)

    def _agree(self, where: str, act: KeptAct, told: dict[str, Any]) -> None:
        facts = json.loads(act.facts)
        for name, found in told.items():
            self._field(where, name, act, facts.get(name), found)

    def _field(self, where: str, name: str, act: KeptAct, expected: Any, found: Any) -> None:
        if expected != found:
            facts = {"act": act.name, "expected": expected, "found": found}
            self._findings.add("act_differs", f"{where}.{name}", act.at, **facts)

    def _present(self, act: KeptAct, table: str, query: str) -> None:
        subject, _, key = act.subject.partition(":")
        known = key.isdecimal() and subject == table
        if not known or not self._conn.execute(text(query), {"id": int(key)}).first():
            where = f"{table}({act.subject})"
            self._findings.add("row_missing", where, act.at, act=act.name)


def _plan(terms: bytes) -> Any:
    """The approved terms as JSON; what is no JSON agrees with no act."""
    try:
        return json.loads(terms)
    except ValueError:
        return terms.hex()
