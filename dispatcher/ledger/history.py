"""What the pages say of one delivery: walked back from its row, newest entry first in the log."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import reading
from dispatcher.ledger.verifying import decoding

#: Attempts are at most three and words per attempt few: more pages than this are a broken chain.
_MOST_PAGES = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One move of a delivery as a page has it. ``actor`` 0: the engine; ``route`` 0: none."""

    n: int
    page: int
    attempt: int
    before: Status
    after: Status
    reason: Reason
    evidence: Evidence
    route: int
    actor: int
    at: int


def of_delivery(conn: Connection, row: Row[Any]) -> list[Entry]:
    """The entries of a delivery's row, oldest first, its birth as number 0."""
    found: list[Entry] = []
    page_id = row.page_id
    for _ in range(_MOST_PAGES):
        page = reading.page_row(conn, page_id) if page_id else None
        if page is None:
            break
        entries = _about(page, row.dispatch_id, row.id)
        found += [entry for entry, _ in entries]
        before = min((previous for _, previous in entries), default=0)
        page_id = before if before < page_id else 0
    return sorted(found, key=lambda entry: entry.n)


def _about(page: Row[Any], dispatch: int, delivery: int) -> list[tuple[Entry, int]]:
    """(entry, page of the one before it) for each entry about the delivery."""
    found = []
    for entry in decoding.split(page.body):
        if entry[0] == decoding.ACT or decoding.whose(entry) != (dispatch, delivery):
            continue
        if entry[0] == decoding.CHANGE:
            change = decoding.change(entry)
            found.append((_moved(change, page.id), change.previous))
        else:
            found.append((_born(decoding.birth(entry), page.id), 0))
    return found


def _moved(change: decoding.Change, page: int) -> Entry:
    return Entry(
        n=change.n,
        page=page,
        attempt=change.attempt,
        before=Status(change.before),
        after=Status(change.after),
        reason=Reason(change.reason),
        evidence=Evidence(change.evidence),
        route=change.route,
        actor=change.actor,
        at=change.at,
    )


def _born(birth: decoding.Birth, page: int) -> Entry:
    status = Status(birth.status)
    return Entry(
        0, page, 0, Status.PENDING, status, Reason(birth.reason), Evidence.NONE, 0, 0, birth.at
    )
