"""Rows of ``act``, by which people search, against the acts in the log."""

from sqlalchemy import Connection, Row

from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

#: The agency is no fact of the entry: it is the dispatch's, else the actor's.
_ROWS = """
SELECT a.page_id, a.name, a.subject, a.actor, a.at, coalesce(a.dispatch_id, 0) AS dispatch,
  a.agency_id AS agency, coalesce(d.agency_id, p.agency_id) AS home
FROM act a LEFT JOIN dispatch d ON d.id = a.dispatch_id LEFT JOIN account p ON p.id = a.actor
ORDER BY a.page_id
"""

_COLUMNS = ("name", "subject", "actor", "at", "dispatch")


def check(conn: Connection, findings: Findings, spool: Spool) -> None:
    """Each act of the log is one row with its words, each row an act."""
    rows = stream(conn, _ROWS)
    row = next(rows, None)
    for act in spool.acts():
        while row is not None and row.page_id < act.page:
            _unknown(row, findings)
            row = next(rows, None)
        if row is None or row.page_id > act.page:
            findings.add("act_row_missing", f"act(page_id={act.page})", act.at, act=act.name)
            continue
        _agree(row, act, findings)
        row = next(rows, None)
    while row is not None:
        _unknown(row, findings)
        row = next(rows, None)


def _unknown(row: Row[tuple[object, ...]], findings: Findings) -> None:
    findings.add("act_row_unknown", f"act(page_id={row.page_id})", row.at, act=row.name)


def _agree(row: Row[tuple[object, ...]], act: KeptAct, findings: Findings) -> None:
    told = (act.name, act.subject, act.actor, act.at, act.dispatch, row.home)
    found = (row.name, row.subject, row.actor, row.at, row.dispatch, row.agency)
    for column, expected, stored in zip((*_COLUMNS, "agency"), told, found, strict=True):
        if expected != stored:
            facts = {"act": act.name, "expected": expected, "found": stored}
            where = f"act(page_id={act.page}).{column}"
            findings.add("act_differs", where, act.at, **facts)
