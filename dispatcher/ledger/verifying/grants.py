"""Who may do what is what the log says: agencies, accounts, grants and keys against their acts.

The programs of the first shape entered none of these; the migration from it enters all there were.
So rows are held to the log from its first act about rights on, and no row is excepted by its date.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw, stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool


@dataclass(frozen=True, slots=True)
class Book:
    """A table, the acts by which its rows come and end, and what the first have to say of them.

    ``query`` names each row ``name`` (the part after the colon of its subject) and its end
    ``ended``; ``known`` asks whether a row of that name is there.
    """

    table: str
    subject: str
    query: str
    known: str
    begun: Callable[[Row[Any]], str]
    acts: tuple[str, ...]
    end: str
    facts: Callable[[Row[Any]], Mapping[str, Any]]


def check(conn: Connection, findings: Findings, spool: Spool) -> None:
    """Every row has the act it came by and agrees with it, and no act speaks of a lost row."""
    entered = any(spool.has(name) for book in BOOKS for name in book.acts)
    for book in BOOKS if entered else ():
        for row in stream(conn, book.query):
            _row(book, row, findings, spool)
        for name in book.acts:
            for act in spool.named(name):
                _present(conn, book, act, findings)


def _row(book: Book, row: Row[Any], findings: Findings, spool: Spool) -> None:
    where, subject = f"{book.table}({row.name})", f"{book.subject}:{row.name}"
    act = next(reversed(spool.about(subject, book.begun(row))), None)
    if act is None:
        findings.add("act_missing", where, act=book.begun(row))
        return
    said = json.loads(act.facts)
    for name, found in book.facts(row).items():
        _agree(f"{where}.{name}", act, said.get(name), found, findings)
    _ended(book, row, where, subject, findings=findings, spool=spool)


def _ended(
    book: Book, row: Row[Any], where: str, subject: str, *, findings: Findings, spool: Spool
) -> None:
    """What ended stays ended, and at that time; what is open was never ended."""
    end = next(reversed(spool.about(subject, book.end)), None) if book.end else None
    if end is not None:
        _agree(f"{where}.ended", end, end.at, row.ended, findings)
    elif row.ended is not None:
        findings.add("act_missing", f"{where}.ended", row.ended, act=book.end)


def _agree(where: str, act: KeptAct, expected: Any, found: Any, findings: Findings) -> None:
    if expected != found:
        facts = {"act": act.name, "expected": expected, "found": found}
        findings.add("act_differs", where, act.at, **facts)


def _present(conn: Connection, book: Book, act: KeptAct, findings: Findings) -> None:
    kind, _, name = act.subject.partition(":")
    found = conn.execute(text(book.known), {"name": name}).first() if kind == book.subject else None
    if found is None:
        findings.add("row_missing", f"{book.table}({act.subject})", act.at, act=act.name)


def _of_grant(row: Row[Any]) -> Mapping[str, Any]:
    return {
        "account": row.account,
        "agency": row.agency,
        "role": row.role,
        "from": row.start,
        "until": row.until,
        "basis": hashlib.sha256(row.basis.encode()).hexdigest(),
        "delegated_by": row.lender,
    }


def _of_key(row: Row[Any]) -> Mapping[str, Any]:
    roles = json.loads(row.roles) if isinstance(row.roles, str) else row.roles
    return {
        "account": row.account,
        "agency": row.agency,
        "roles": roles,
        "mode": row.mode,
        "until": row.until,
        "digest": raw(row.digest).hex(),
    }


BOOKS = (
    Book(
        table="agency",
        subject="agency",
        query="SELECT CAST(id AS TEXT) AS name, path, name AS called, area_code, NULL AS ended "
        "FROM agency ORDER BY id",
        known="SELECT 1 FROM agency WHERE CAST(id AS TEXT) = :name",
        begun=lambda _row: "add_agency",
        acts=("add_agency",),
        end="",
        facts=lambda row: {"path": row.path, "name": row.called, "area": row.area_code},
    ),
    Book(
        table="account",
        subject="account",
        query="SELECT CAST(id AS TEXT) AS name, agency_id, closed_at AS ended FROM account "
        "ORDER BY id",
        known="SELECT 1 FROM account WHERE CAST(id AS TEXT) = :name",
        begun=lambda _row: "open_account",
        acts=("open_account",),
        end="close_account",
        facts=lambda row: {"agency": row.agency_id},
    ),
    Book(
        table="role_grant",
        subject="grant",
        query="SELECT CAST(id AS TEXT) AS name, account_id AS account, agency_id AS agency, role, "
        "from_at AS start, coalesce(until_at, 0) AS until, basis, "
        "coalesce(delegated_by, 0) AS lender, revoked_at AS ended FROM role_grant ORDER BY id",
        known="SELECT 1 FROM role_grant WHERE CAST(id AS TEXT) = :name",
        begun=lambda row: "delegate" if row.lender else "grant",
        acts=("grant", "delegate"),
        end="revoke",
        facts=_of_grant,
    ),
    Book(
        table="api_key",
        subject="key",
        query="SELECT prefix AS name, account_id AS account, coalesce(agency_id, 0) AS agency, "
        "roles, mode, coalesce(until_at, 0) AS until, digest, revoked_at AS ended "
        "FROM api_key ORDER BY id",
        known="SELECT 1 FROM api_key WHERE prefix = :name",
        begun=lambda _row: "add_key",
        acts=("add_key",),
        end="revoke_key",
        facts=_of_key,
    ),
)
