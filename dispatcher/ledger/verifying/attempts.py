"""Former attempts: each row of ``attempt`` is the end of one in the log, and the reverse."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from dispatcher.ledger.verifying import decoding
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream

_ROWS = """
SELECT a.dispatch_id, a.delivery_id, a.attempt, coalesce(a.route_id, 0) AS route_id, a.status,
  a.reason, a.evidence, a.parts, a.ended_at, a.provider_ref, a.part, s.part AS home
FROM attempt a LEFT JOIN dispatch s ON s.id = a.dispatch_id
ORDER BY a.dispatch_id, a.delivery_id, a.attempt
"""

_Key = tuple[int, int]


class Ended(NamedTuple):
    """How an attempt stood when the next one was opened; fields as the columns are called."""

    attempt: int
    route_id: int
    status: int
    reason: int
    evidence: int
    parts: int
    ended_at: int
    provider_ref: bytes


class _Row(NamedTuple):
    key: _Key
    ended: Ended
    strayed: bool


class Attempts:
    """Told of every delivery's ended attempts in the order of ids, it reads the rows along."""

    def __init__(self, conn: Connection, findings: Findings) -> None:
        self._findings = findings
        self._rows = _rows(conn)
        self._next = next(self._rows, None)

    def compare(self, key: _Key, ended: Sequence[Ended]) -> None:
        """``key``: dispatch and delivery; ``ended``: its attempts but the last, by number."""
        while self._next is not None and self._next.key < key:
            self._unknown(self._next)
        expected = {each.attempt: each for each in ended}
        while self._next is not None and self._next.key == key:
            if self._next.ended.attempt in expected:
                self._agree(self._next, expected.pop(self._next.ended.attempt))
                self._next = next(self._rows, None)
            else:
                self._unknown(self._next)
        for each in expected.values():
            self._findings.add("attempt_missing", _where(key, each.attempt), each.ended_at)

    def end(self) -> None:
        """No more deliveries: what rows are left belong to none."""
        while self._next is not None:
            self._unknown(self._next)

    def _unknown(self, row: _Row) -> None:
        where = _where(row.key, row.ended.attempt)
        self._findings.add("attempt_unknown", where, row.ended.ended_at)
        self._next = next(self._rows, None)

    def _agree(self, row: _Row, expected: Ended) -> None:
        where = _where(row.key, expected.attempt)
        if row.strayed:
            self._findings.add("attempt_strayed", f"{where}.part", expected.ended_at)
        if row.ended == expected:
            return
        for column, told, found in zip(Ended._fields, expected, row.ended, strict=True):
            if told != found:
                facts = {
                    "expected": decoding.shown(column, told),
                    "found": decoding.shown(column, found),
                }
                place = f"{where}.{column}"
                self._findings.add("attempt_column", place, expected.ended_at, **facts)


def _rows(conn: Connection) -> Iterator[_Row]:
    for row in stream(conn, _ROWS):
        ref = row.provider_ref
        commitment = decoding.commitment(raw(ref)) if ref else decoding.NO_COMMITMENT
        ended = Ended._make((*row[2:9], commitment))
        yield _Row((row.dispatch_id, row.delivery_id), ended, row.part != row.home)


def _where(key: _Key, attempt: int) -> str:
    return f"attempt(dispatch_id={key[0]}, delivery_id={key[1]}, attempt={attempt})"
