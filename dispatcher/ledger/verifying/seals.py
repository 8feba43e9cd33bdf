"""Seals: what a closed dispatch counted to, against the replay at that place of the log."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from dispatcher.ledger.verifying import decoding
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_ROWS = """
SELECT dispatch_id, number, page_id, counts, created_at FROM seal ORDER BY dispatch_id, number
"""

#: ``sending`` is derived from a batch's watermark, which is no entry; both wait.
_WAITING = {"sending": "pending"}

_Counts = dict[str, dict[str, int]]


@dataclass
class _Sealed:
    """A seal act and, as deliveries are replayed, how many stood how when it was written."""

    act: KeptAct
    counts: Counter[tuple[int, int]] = field(default_factory=Counter)


class Seals:
    """Told of every delivery's moves, dispatch by dispatch, it counts them at each seal."""

    def __init__(self, findings: Findings, spool: Spool) -> None:
        self._findings, self._spool = findings, spool
        self._dispatch: int | None = None
        self._sealed: list[_Sealed] = []
        self._moves: list[tuple[int, int, int]] = []

    def moved(self, dispatch: int, channel: int, order: int, status: int) -> None:
        """The delivery in hand stands so from this place of the log on."""
        if dispatch != self._dispatch:
            self._turn_to(dispatch)
        if self._sealed:
            self._moves.append((order, channel, status))

    def settle(self, dispatch: int) -> None:
        """The delivery in hand is done: count it at every seal that came after its birth."""
        if dispatch != self._dispatch:
            self._turn_to(dispatch)
        for sealed in self._sealed:
            before = [move for move in self._moves if move[0] < sealed.act.order]
            if before:
                sealed.counts[before[-1][1:]] += 1
        self._moves.clear()

    def end(self) -> None:
        """No more deliveries: judge the last dispatch."""
        self._judge()

    def _turn_to(self, dispatch: int) -> None:
        self._judge()
        self._dispatch = dispatch
        acts = self._spool.about(f"dispatch:{dispatch}", "seal")
        self._sealed = [_Sealed(act) for act in acts]

    def _judge(self) -> None:
        for sealed in self._sealed:
            expected, found = _claimed(sealed.act), _counts(sealed.counts)
            if expected != found:
                where = f"page(id={sealed.act.page}) → seal({sealed.act.subject})"
                told = {"expected": expected, "found": found}
                self._findings.add("seal_counts", where, sealed.act.at, **told)
        self._sealed = []


def _claimed(act: KeptAct) -> _Counts | None:
    """The counts a seal act gives; None if they have another shape."""
    try:
        return _waiting(json.loads(act.facts)["counts"])
    except (KeyError, TypeError, AttributeError):
        return None


def _counts(counted: Counter[tuple[int, int]]) -> _Counts:
    counts: _Counts = {}
    for (channel, status), count in counted.items():
        row = counts.setdefault(decoding.CHANNELS.get(channel, str(channel)), {})
        row[decoding.status_word(status)] = count
    return _waiting(counts)


def _waiting(counts: _Counts) -> _Counts:
    joined: _Counts = {}
    for channel, row in counts.items():
        sums = joined.setdefault(channel, {})
        for word, count in row.items():
            name = _WAITING.get(word, word)
            sums[name] = sums.get(name, 0) + count
    return joined


def check_rows(conn: Connection, findings: Findings, spool: Spool) -> None:
    """Each row of ``seal`` is an act of the log, each seal act a row."""
    rows = 0
    for row in stream(conn, _ROWS):
        rows += 1
        _row(row, findings, spool)
    acts = list(spool.named("seal"))
    if len(acts) <= rows:
        return
    known = {row.page_id for row in stream(conn, _ROWS)}
    for act in acts:
        if act.page not in known:
            findings.add("seal_missing", f"seal({act.subject})", act.at)


def _row(row: Row[Any], findings: Findings, spool: Spool) -> None:
    where = f"seal(dispatch_id={row.dispatch_id}, number={row.number})"
    acts = spool.about(f"dispatch:{row.dispatch_id}", "seal")
    act = next((each for each in acts if each.page == row.page_id), None)
    if act is None:
        findings.add("seal_unknown", where, row.created_at)
        return
    counts = json.loads(row.counts) if isinstance(row.counts, str) else row.counts
    if json.loads(act.facts) != {"number": row.number, "counts": counts}:
        findings.add("seal_differs", f"{where}.counts", act.at)
    if act.at != row.created_at:
        findings.add("seal_differs", f"{where}.created_at", act.at)
