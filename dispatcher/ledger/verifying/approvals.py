"""What people answered for: approvals, duty shifts and pre-approved texts against their acts.

What a decision says of its way, and what followed it, is compared in ``decisions``.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from dispatcher.ledger.verifying.decoding import canonical
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_APPROVALS = """
SELECT a.id, a.version_id, a.digest, a.terms, a.submitted_by, a.submitted_at, a.state,
  a.decided_by, a.decided_at, a.escalated_at, v.digest AS version_digest
FROM approval a LEFT JOIN version v ON v.id = a.version_id ORDER BY a.id
"""
_SHIFTS = "SELECT * FROM duty_shift ORDER BY id"
_TEXTS = "SELECT * FROM preapproved ORDER BY id"

#: Act that decides → the state in which it leaves an approval.
_LEAVES = {
    "approve": "approved",
    "revise": "approved",
    "release": "approved",
    "return": "returned",
}

#: Acts by which an approval is asked for and given at once.
_AT_ONCE = ("revise", "release")


class Approvals:
    """Goes through the tables with the acts of the log at hand."""

    def __init__(self, conn: Connection, findings: Findings, spool: Spool) -> None:
        self._conn, self._findings, self._spool = conn, findings, spool

    def run(self) -> None:
        """Check every row; that none is gone is asked in ``bulletins``."""
        edited = {json.loads(act.facts)["supersedes"] for act in self._spool.named("revise")}
        for row in stream(self._conn, _APPROVALS):
            self._approval(row, edited=row.id in edited)
        for row in stream(self._conn, _SHIFTS):
            self._shift(row)
        for row in stream(self._conn, _TEXTS):
            self._text(row)

    def _approval(self, row: Row[Any], *, edited: bool) -> None:
        where, subject = f"approval(id={row.id})", f"approval:{row.id}"
        if row.version_digest is None or raw(row.digest) != raw(row.version_digest):
            self._findings.add("approval_digest", f"{where}.digest", row.submitted_at)
        asked = self._spool.about(subject, "propose")
        given = [act for name in _LEAVES for act in self._spool.about(subject, name)]
        self._asked(where, row, asked, given)
        self._given(where, row, given)
        acts = ("pull_back", "supersede")
        gone = edited or any(self._spool.about(subject, name) for name in acts)
        state = "superseded" if gone else _LEAVES[given[0].name] if given else "submitted"
        if row.state != state:
            act = given[0] if given and not gone else None
            self._differs(f"{where}.state", act, state, row.state)
        told = [act.at for act in self._spool.about(subject, "unconfirmed")]
        if row.escalated_at is not None and row.escalated_at not in told:
            self._missing(f"{where}.escalated_at", "unconfirmed", row.escalated_at)

    def _asked(self, where: str, row: Row[Any], asked: list[KeptAct], given: list[KeptAct]) -> None:
        """Who asked, when and for what; an approval given at once says so itself."""
        made = asked or [act for act in given if act.name in _AT_ONCE]
        if not made:
            self._missing(where, "propose", row.submitted_at)
        for act in made[:1]:
            self._agree(where, act, _bound(row))
            by = json.loads(act.facts).get("asked_by", act.actor)
            self._same(f"{where}.submitted_by", act, by, row.submitted_by)
            self._same(f"{where}.submitted_at", act, act.at, row.submitted_at)

    def _given(self, where: str, row: Row[Any], given: list[KeptAct]) -> None:
        if len(given) > 1:
            facts = {"act": given[1].name}
            self._findings.add("act_twice", f"{where}.state", given[1].at, **facts)
        if not given and row.decided_by is not None:
            self._missing(f"{where}.decided_by", "approve", row.decided_at)
        for act in given[:1]:
            self._agree(where, act, _bound(row))
            self._same(f"{where}.decided_by", act, act.actor, row.decided_by)
            self._same(f"{where}.decided_at", act, act.at, row.decided_at)

    def _shift(self, row: Row[Any]) -> None:
        where, subject = f"duty_shift(id={row.id})", f"shift:{row.id}"
        told = {
            "account": row.account_id,
            "agency": row.agency_id,
            "from": row.from_at,
            "until": row.until_at,
            "basis": row.basis,
        }
        for act in self._once(where, subject, "open_shift", ("created", row)):
            self._agree(where, act, told)
        self._once(where, subject, "cancel_shift", ("cancelled", row))

    def _text(self, row: Row[Any]) -> None:
        where, subject = f"preapproved(id={row.id})", f"preapproved:{row.id}"
        digest, state = _digest(row), "proposed"
        self._same(f"{where}.digest", None, digest, raw(row.digest).hex())
        for act in self._once(where, subject, "propose_preapproved", ("proposed", row)):
            self._agree(where, act, {"digest": digest})
        for act in self._once(where, subject, "decide_preapproved", ("decided", row)):
            self._agree(where, act, {"digest": digest})
            state = json.loads(act.facts)["state"]
        withdrawn = self._spool.about(subject, "withdraw_preapproved")
        self._same(f"{where}.state", None, "withdrawn" if withdrawn else state, row.state)

    def _once(
        self, where: str, subject: str, name: str, columns: tuple[str, Row[Any]]
    ) -> list[KeptAct]:
        """The one act of a name, whose actor and hour the row has; or none, and neither."""
        stem, row = columns
        by, at = getattr(row, f"{stem}_by"), getattr(row, f"{stem}_at")
        acts = self._spool.about(subject, name)[:1]
        if not acts and (by, at) != (None, None):
            self._missing(f"{where}.{stem}_by", name, at)
        for act in acts:
            self._same(f"{where}.{stem}_by", act, act.actor, by)
            self._same(f"{where}.{stem}_at", act, act.at, at)
        return acts

    def _agree(self, where: str, act: KeptAct, told: Mapping[str, Any]) -> None:
        facts = json.loads(act.facts)
        for name, found in told.items():
            self._same(f"{where}.{name}", act, facts.get(name), found)

    def _same(self, where: str, act: KeptAct | None, expected: Any, found: Any) -> None:
        if expected != found:
            self._differs(where, act, expected, found)

    def _differs(self, where: str, act: KeptAct | None, expected: Any, found: Any) -> None:
        name, since = (act.name, act.at) if act else ("–", None)
        facts = {"act": name, "expected": expected, "found": found}
        self._findings.add("act_differs", where, since, **facts)

    def _missing(self, where: str, name: str, since: int | None) -> None:
        self._findings.add("act_missing", where, since, act=name)


def _bound(row: Row[Any]) -> dict[str, Any]:
    """What an approval binds, as every act about it repeats."""
    terms = raw(row.terms)
    try:
        plan = json.loads(terms)
    except ValueError:
        plan = terms.hex()
    return {"version": row.version_id, "digest": raw(row.digest).hex(), "plan": plan}


def _digest(row: Row[Any]) -> str:
    """SHA-256 of a pre-approved text's canonical JSON; nothing for what is no JSON."""
    try:
        content = json.loads(raw(row.content))
    except ValueError:
        return ""
    whole = {
        "name": row.name,
        "content": content,
        "blanks": _json(row.blanks),
        "channels": _json(row.channels),
        "longest_ms": row.longest_ms,
        "until_at": row.until_at or 0,
    }
    return hashlib.sha256(canonical(whole)).hexdigest()


def _json(value: Any) -> Any:
    """A JSON column, which one database gives as text and the other as what it says."""
    return json.loads(value) if isinstance(value, str) else value
