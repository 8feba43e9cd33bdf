"""Every delivery's history replayed from its entries, side by side with its row."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row

from dispatcher.ledger.verifying import decoding
from dispatcher.ledger.verifying.attempts import Attempts, Ended
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream
from dispatcher.ledger.verifying.seals import Seals
from dispatcher.ledger.verifying.spool import Kept, Spool

_ROWS = """
SELECT d.dispatch_id, d.id, d.part, d.step, d.channel, d.target_kind, d.target_id, d.status,
  d.reason, d.evidence, d.attempt, d.n, d.page_id, coalesce(d.route_id, 0) AS route_id, d.parts,
  d.updated_at, coalesce(d.contact_id, 0) AS contact_id, d.word_at, d.provider_ref,
  s.part AS home, a.digest AS address
FROM delivery d LEFT JOIN dispatch s ON s.id = d.dispatch_id
LEFT JOIN address a ON d.target_kind = 1 AND a.id = d.target_id
ORDER BY d.dispatch_id, d.id
"""

#: Columns of a delivery that its entries decide, in the order of ``_State.columns``.
COLUMNS = (
    "step",
    "channel",
    "target_kind",
    "target_id",
    "status",
    "reason",
    "evidence",
    "attempt",
    "n",
    "page_id",
    "route_id",
    "parts",
    "updated_at",
    "contact_id",
    "word_at",
)
_of_row = itemgetter(*(3 + place for place in range(len(COLUMNS))))

_Key = tuple[int, int]


@dataclass(slots=True)
class _State:
    """A delivery as its entries so far make it."""

    birth: decoding.Birth
    status: int
    reason: int
    page: int
    at: int
    evidence: int = 0
    attempt: int = 1
    n: int = 0
    route: int = 0
    parts: int = 0
    word_at: int = 0
    provider_ref: bytes = decoding.NO_COMMITMENT
    former: tuple[Ended, ...] = ()

    def columns(self) -> tuple[object, ...]:
        born = self.birth
        return (
            born.step,
            decoding.CHANNELS.get(born.channel),
            born.target_kind,
            born.target_id,
            self.status,
            self.reason,
            self.evidence,
            self.attempt,
            self.n,
            self.page,
            self.route,
            self.parts,
            self.at,
            born.contact_id,
            self.word_at,
        )


class Replay:
    """Merges the entries by delivery with the rows by id."""

    def __init__(self, conn: Connection, findings: Findings, spool: Spool, seals: Seals) -> None:
        self._conn, self._findings, self._spool, self._seals = conn, findings, spool, seals
        self._attempts = Attempts(conn, findings)

    def run(self) -> None:
        """Go through all deliveries that have a row, a history or both."""
        rows = stream(self._conn, _ROWS)
        row = next(rows, None)
        for key, history in groupby(self._spool.by_delivery(), key=itemgetter(0, 1)):
            while row is not None and (row.dispatch_id, row.id) < key:
                self._unborn(row)
                row = next(rows, None)
            state = self._history(key, history)
            self._attempts.compare(key, state.former if state else ())
            if row is None or (row.dispatch_id, row.id) != key:
                since = state.at if state else None
                self._findings.add("delivery_missing", _where(key), since)
                continue
            while row is not None and (row.dispatch_id, row.id) == key:
                self._compare(row, state)
                row = next(rows, None)
        while row is not None:
            self._unborn(row)
            row = next(rows, None)
        self._seals.end()
        self._attempts.end()

    def _unborn(self, row: Row[Any]) -> None:
        where = _where((row.dispatch_id, row.id))
        self._findings.add("birth_missing", where, row.updated_at)

    def _history(self, key: _Key, history: Iterator[Kept]) -> _State | None:
        """The state after all entries; None when there is no birth to begin with."""
        state: _State | None = None
        for kept in history:
            state = self._step(key, kept, state)
            if state is not None:
                self._seals.moved(key[0], state.birth.channel, kept.order, state.status)
        self._seals.settle(key[0])
        return state

    def _step(self, key: _Key, kept: Kept, state: _State | None) -> _State | None:
        where = f"page(id={kept.page}) → {_where(key)}"
        if kept.entry[0] == decoding.BIRTH:
            born = decoding.birth(kept.entry)
            if state is not None:
                self._findings.add("birth_twice", where, born.at)
            return _State(born, born.status, born.reason, kept.page, born.at)
        change = decoding.change(kept.entry)
        if state is None:
            self._findings.add("birth_missing", where, change.at)
            return None
        self._follow(where, state, change)
        return _moved(state, change, kept.page)

    def _follow(self, where: str, state: _State, change: decoding.Change) -> None:
        """An entry must go on exactly where the one before it ended."""
        opened = change.attempt - state.attempt == 1
        expected = (state.n + 1, state.status, state.page, state.attempt + opened)
        found = (change.n, change.before, change.previous, change.attempt)
        if found != expected:
            self._break(where, change.at, expected, found)

    def _break(self, where: str, at: int, should: tuple[int, ...], says: tuple[int, ...]) -> None:
        links = ("n", "before", "previous", "attempt")
        for column, expected, found in zip(links, should, says, strict=True):
            if found != expected:
                facts = {"column": column, "expected": expected, "found": found}
                self._findings.add("history", where, at, **facts)

    def _compare(self, row: Row[Any], state: _State | None) -> None:
        if state is None:
            return
        where = _where((row.dispatch_id, row.id))
        expected = state.columns()
        if _of_row(row) != expected:
            for column, stored, replayed in zip(COLUMNS, _of_row(row), expected, strict=True):
                self._column(where, column, state, replayed, stored)
        self._column(where, "part", state, row.home, row.part)
        ref = row.provider_ref
        stored_ref = decoding.commitment(raw(ref)) if ref else decoding.NO_COMMITMENT
        self._column(where, "provider_ref", state, state.provider_ref, stored_ref)
        address = decoding.commitment(raw(row.address)) if row.address else decoding.NO_COMMITMENT
        if address != state.birth.address and self._erased(state.birth):
            return
        self._column(where, "target_id → address.digest", state, state.birth.address, address)

    def _erased(self, born: decoding.Birth) -> bool:
        """Whether the log says that the address this delivery was committed to was emptied."""
        said = self._spool.about(f"address:{born.target_id}", "erase")
        return any(json.loads(act.facts).get("commitment") == born.address.hex() for act in said)

    def _column(
        self, where: str, column: str, state: _State, expected: object, found: object
    ) -> None:
        if found != expected:
            facts = {
                "expected": decoding.shown(column, expected),
                "found": decoding.shown(column, found),
            }
            self._findings.add("delivery_column", f"{where}.{column}", state.at, **facts)


def _moved(state: _State, change: decoding.Change, page: int) -> _State:
    if change.attempt != state.attempt:
        state.former += (_ended(state),)
    state.status, state.reason, state.evidence = change.after, change.reason, change.evidence
    state.attempt, state.n, state.page, state.at = change.attempt, change.n, page, change.at
    state.route, state.parts, state.provider_ref = change.route, change.parts, change.provider_ref
    state.word_at = change.word_at
    return state


def _ended(state: _State) -> Ended:
    return Ended(
        state.attempt,
        state.route,
        state.status,
        state.reason,
        state.evidence,
        state.parts,
        state.at,
        state.provider_ref,
    )


def _where(key: _Key) -> str:
    return f"delivery(dispatch_id={key[0]}, id={key[1]})"
