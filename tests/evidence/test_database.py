"""Full write access to the database, and the signing key: still nothing can be changed unseen.

Each column of what proves something is altered in one row, behind the triggers' back, and the log
is sealed anew with the real key by the engine's own code. Then either the engine's verifier says
so, or verify.py does on the checkpoint that an auditor held before.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    Table,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.domain.errors import LoaError
from dispatcher.evidence.verify import Brought, judge
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.ledger.tables import (
    act,
    approval,
    attempt,
    delivery,
    dispatch,
    leaf,
    page,
    rendition,
    seal,
    version,
)
from dispatcher.ledger.verifying import verify
from tests.evidence import forging
from tests.evidence import story as stories
from tests.evidence.conftest import Made
from tests.ledger.chronicle import KEY
from tests.ledger.databases import ROOTS
from tests.ledger.guards import drop_guards

PROVEN = (delivery, attempt, approval, version, rendition, dispatch, seal, page, leaf, act)

#: Columns that prove nothing, and why.
OUTSIDE = {
    "delivery.lang": "in which language: sensitive, so not in the log",
    "rendition.id": "nothing refers to it",
    "delivery.next_attempt_at": "when the engine means to look again",
    "dispatch.state": "where the engine is with it; what people did to it are acts",
    "dispatch.state_why": "words for screens",
    "dispatch.max_contact_id": "where expansion ends",
    "dispatch.finished_at": "when the engine was done; the seal says with what",
}


#: Where the next number is another row's.
IDENTITIES = {"id", "target_id", "page_id", "number", "position"}


@dataclass(frozen=True)
class Change:
    """One column of the first row of a table."""

    table: Table
    column: Column[Any]

    def __str__(self) -> str:
        return f"{self.table.name}.{self.column.name}"


def changes() -> Iterator[Change]:
    return (Change(table, column) for table in PROVEN for column in table.c)


def other(column: Column[Any], value: Any) -> Any:
    """A value of the column's type that is not this one."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, JSON):
        return {"sms": {"delivered": 9}}
    if isinstance(column.type, LargeBinary):
        return bytes([value[0], *value[1:-2], value[-2] ^ 1, value[-1]])
    if isinstance(column.type, Integer | Float) or column.type.python_type is int:
        return (value or 0) + (1_000 if column.name in IDENTITIES else 1)
    return f"{value or ''}x"


def alter(ledger: Ledger, change: Change) -> None:
    with ledger.begin() as conn:
        drop_guards(conn)
        keys = list(change.table.primary_key)
        row = conn.execute(select(change.table).order_by(*keys).limit(1)).one()
        here = [key == row._mapping[key.name] for key in keys]
        value = other(change.column, row._mapping[change.column.name])
        conn.execute(update(change.table).where(*here).values({change.column.name: value}))


@pytest.fixture
def unguarded(made: Made, tmp_path: Path) -> Iterator[Ledger]:
    """The story's ledger on which foreign keys are not looked at either."""
    shutil.copyfile(made.database, tmp_path / "loa.db")
    ledger = open_ledger(f"sqlite:///{tmp_path / 'loa.db'}", ROOTS)
    with ledger.engine.connect() as conn:
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
        conn.exec_driver_sql("BEGIN")
    yield ledger
    ledger.close()


def found(ledger: Ledger, made: Made, folder: Path) -> bool:
    """Whether anybody who checks is told that something is wrong."""
    try:
        if not verify(ledger, public_key=KEY.public, origin=KEY.origin).verified:
            return True
        bundle = stories.whole(ledger, made.story, folder / "bundle")
    except (LoaError, SQLAlchemyError, ValueError, KeyError, LookupError):
        return True
    return judge(bundle, Brought("", str(made.old)))[0] != 0


@pytest.mark.parametrize("change", list(changes()), ids=str)
def test_no_column_can_be_changed_unseen(
    unguarded: Ledger, made: Made, tmp_path: Path, change: Change
) -> None:
    alter(unguarded, change)
    if change.table is not leaf and change.column is not page.c.digest:  # sealing makes them anew
        forging.seal_anew(unguarded)
    assert found(unguarded, made, tmp_path) != (str(change) in OUTSIDE)


@pytest.mark.parametrize("table", PROVEN, ids=lambda each: each.name)
def test_no_row_can_be_taken_away_unseen(
    unguarded: Ledger, made: Made, tmp_path: Path, table: Table
) -> None:
    with unguarded.begin() as conn:
        drop_guards(conn)
        row = conn.execute(select(table).limit(1)).one()
        conn.execute(delete(table).where(*(k == row._mapping[k.name] for k in table.primary_key)))
    assert found(unguarded, made, tmp_path)


def test_an_untouched_database_sealed_anew_is_what_it_was(
    unguarded: Ledger, made: Made, tmp_path: Path
) -> None:
    """Or the table above would prove nothing."""
    forging.seal_anew(unguarded)
    assert not found(unguarded, made, tmp_path)


def test_one_word_of_the_bulletin_changed_everywhere_is_seen(
    unguarded: Ledger, made: Made, tmp_path: Path
) -> None:
    """Content, digests and acts all agree with each other; the older checkpoint does not."""
    with unguarded.begin() as conn:
        drop_guards(conn)
        conn.execute(text("UPDATE version SET content = replace(content, 'bà con', 'đồng bào')"))
    assert found(unguarded, made, tmp_path)
