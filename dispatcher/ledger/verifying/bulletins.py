"""What was drafted is what is stored: versions and renditions against their acts."""

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

#: Act → the table it is about and the question whether the row is there.
_ABOUT = {
    "draft": ("version", "SELECT 1 FROM version WHERE id = :id"),
    "propose": ("approval", "SELECT 1 FROM approval WHERE id = :id"),
    "approve": ("approval", "SELECT 1 FROM approval WHERE id = :id"),
    "return": ("approval", "SELECT 1 FROM approval WHERE id = :id"),
    "revise": ("approval", "SELECT 1 FROM approval WHERE id = :id"),
    "release": ("approval", "SELECT 1 FROM approval WHERE id = :id"),
    "open_shift": ("duty_shift", "SELECT 1 FROM duty_shift WHERE id = :id"),
    "propose_preapproved": ("preapproved", "SELECT 1 FROM preapproved WHERE id = :id"),
    "start": ("dispatch", "SELECT 1 FROM dispatch WHERE id = :id"),
}

#: Tables that subjects call by a shorter name.
_SUBJECTS = {"duty_shift": "shift"}


class Bulletins:
    """Goes through versions with the acts of the log at hand."""

    def __init__(self, conn: Connection, findings: Findings, spool: Spool) -> None:
        self._conn, self._findings, self._spool = conn, findings, spool

    def run(self) -> None:
        """Check every row, then that no act speaks of a row that is gone."""
        for row in stream(self._conn, _VERSIONS):
            self._version(row)
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
            self._field(where, "created_by", act, act.actor, row.created_by)
            self._field(where, "created_at", act, act.at, row.created_at)

    def _renditions(self, version: int) -> list[Row[Any]]:
        return list(self._conn.execute(text(_RENDITIONS), {"version": version}))

    def _rendition(self, row: Row[Any]) -> list[str]:
        digest = hashlib.sha256(raw(row.body))
        if digest.digest() != raw(row.digest):
            self._findings.add("rendition_digest", f"rendition(id={row.id}).body")
        return [row.channel, row.lang, digest.hexdigest()]

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
        known = key.isdecimal() and subject == _SUBJECTS.get(table, table)
        if not known or not self._conn.execute(text(query), {"id": int(key)}).first():
            where = f"{table}({act.subject})"
            self._findings.add("row_missing", where, act.at, act=act.name)
