"""How it was decided and what followed: ways, confirmations, numbers, drafts, starts."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from dispatcher.ledger.verifying.decoding import canonical, commitment
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_APPROVALS = """
SELECT id, note, way, edited_from, shift_id AS shift, preapproved_id AS preapproved,
  verbal_order, signatory, confirm_by, confirmed_by, confirmed_at, symbol, symbol_by, symbol_at
FROM approval ORDER BY id
"""
_VERSIONS = "SELECT id, number, created_by, created_at FROM version ORDER BY id"
_DISPATCHES = """
SELECT id, approval_id AS approval, version_id AS version, agency_id AS agency, plan, level, mode,
  drill, start_at, valid_until, created_by, created_at
FROM dispatch ORDER BY id
"""

#: Acts that decide on an approval.
_DECIDING = ("approve", "revise", "release", "return")

#: What a decision's act says when it does not say otherwise; so does a request without one.
_PLAIN: Mapping[str, Any] = {
    "note": "",
    "way": "two_people",
    "edited_from": None,
    "shift": None,
    "preapproved": None,
    "order": None,
    "signatory": "",
    "confirm_by": None,
}

#: Facts of a start. Acts before version 0002 of the schema had the approval only.
_STARTED = ("approval", "version", "agency", "plan", "level", "mode", "drill", "start_at",
            "valid_until")  # fmt: skip


class Decisions:
    """Compares the columns that say in which way, by whose leave and when."""

    def __init__(self, conn: Connection, findings: Findings, spool: Spool) -> None:
        self._conn, self._findings, self._spool = conn, findings, spool

    def run(self) -> None:
        """Check every row of approvals, versions and dispatches."""
        for row in stream(self._conn, _APPROVALS):
            self._decided(row)
            self._followed(row, "confirm", ("confirmed_by", "confirmed_at"))
            for act in self._followed(row, "add_symbol", ("symbol_by", "symbol_at")):
                said = json.loads(act.facts)["symbol"]
                self._field(f"approval(id={row.id}).symbol", act, said, row.symbol)
            if row.symbol_at is None:
                self._field(f"approval(id={row.id}).symbol", None, "", row.symbol)
        self._versions()
        for row in stream(self._conn, _DISPATCHES):
            self._started(row)
        self._once()

    def _decided(self, row: Row[Any]) -> None:
        subject = f"approval:{row.id}"
        acts = [act for name in _DECIDING for act in self._spool.about(subject, name)]
        act = acts[0] if acts else None
        facts = {**_PLAIN, **(json.loads(act.facts) if act else {})}
        signed = _json(row.signatory)
        found = {
            "note": commitment(row.note.encode()).hex() if row.note else "",
            "way": row.way,
            "edited_from": row.edited_from,
            "shift": row.shift,
            "preapproved": row.preapproved,
            "order": _json(row.verbal_order),
            "signatory": commitment(canonical(signed)).hex() if signed else "",
            "confirm_by": row.confirm_by,
        }
        for name, value in found.items():
            self._field(f"approval(id={row.id}).{name}", act, facts[name], value)

    def _followed(self, row: Row[Any], name: str, columns: tuple[str, str]) -> list[KeptAct]:
        """What came later, once: by whom and when."""
        acts = self._spool.about(f"approval:{row.id}", name)[:1]
        act = acts[0] if acts else None
        told = (act.actor, act.at) if act else (None, None)
        for column, expected in zip(columns, told, strict=True):
            self._field(f"approval(id={row.id}).{column}", act, expected, getattr(row, column))
        return acts

    def _versions(self) -> None:
        """A version is the draft's, and numbered along its bulletin's drafts."""
        drafts: dict[str, tuple[KeptAct, int]] = {}
        numbers: Counter[Any] = Counter()
        for act in self._spool.named("draft"):
            bulletin = json.loads(act.facts).get("bulletin")
            numbers[bulletin] += 1
            drafts[act.subject] = (act, numbers[bulletin])
        for row in stream(self._conn, _VERSIONS):
            where = f"version(id={row.id})"
            if f"version:{row.id}" not in drafts:
                facts = {"act": "draft"}
                self._findings.add("act_missing", where, row.created_at, **facts)
                continue
            act, number = drafts[f"version:{row.id}"]
            self._field(f"{where}.created_by", act, act.actor, row.created_by)
            self._field(f"{where}.created_at", act, act.at, row.created_at)
            self._field(f"{where}.number", act, number, row.number)

    def _started(self, row: Row[Any]) -> None:
        where, acts = f"dispatch(id={row.id})", self._spool.about(f"dispatch:{row.id}", "start")
        if not acts:
            self._findings.add("act_missing", where, row.created_at, act="start")
        for act in acts:
            facts = json.loads(act.facts)
            found = {name: getattr(row, name) for name in _STARTED}
            found |= {"plan": _json(row.plan), "drill": bool(row.drill)}
            for name in _STARTED:
                if name in facts:
                    self._field(f"{where}.{name}", act, facts[name], found[name])
            self._field(f"{where}.created_by", act, act.actor, row.created_by)
            self._field(f"{where}.created_at", act, act.at, row.created_at)

    def _once(self) -> None:
        """An approval starts one dispatch, and none after it was pulled back or replaced."""
        used: dict[Any, str] = {}
        for act in self._spool.named("start"):
            approval = json.loads(act.facts).get("approval")
            first = used.setdefault(approval, act.subject)
            self._field(f"approval(id={approval})", act, first, act.subject)
            for name in ("pull_back", "supersede"):
                for gone in self._spool.about(f"approval:{approval}", name):
                    if gone.order < act.order:
                        self._field(f"approval(id={approval})", act, gone.name, "start")

    def _field(self, where: str, act: KeptAct | None, expected: Any, found: Any) -> None:
        if expected != found:
            name, since = (act.name, act.at) if act else ("–", None)
            facts = {"act": name, "expected": expected, "found": found}
            self._findings.add("act_differs", where, since, **facts)


def _json(value: Any) -> Any:
    """A JSON column, which one database gives as text and the other as what it says."""
    return json.loads(raw(value)) if isinstance(value, str | bytes) else value
