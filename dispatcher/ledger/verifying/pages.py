"""One page at a time: its bytes against its digest, its entries into the spool."""

from typing import Any

from sqlalchemy import Row

from dispatcher.ledger.verifying import decoding
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import raw
from dispatcher.ledger.verifying.spool import Kept, Spool, from_act


class Pages:
    """Reads pages in the order of the log and counts them."""

    def __init__(self, findings: Findings, spool: Spool) -> None:
        self._findings, self._spool = findings, spool
        self.pages = self.entries = self._place = 0

    def pass_over(self) -> None:
        """A page of the log is not there to be read; those after it keep their places."""
        self._place += 1

    def read(self, row: Row[Any]) -> bytes | None:
        """Check a row of ``page``; return the leaf hash it must have, None if it is unreadable."""
        where = f"page(id={row.id})"
        self.pages += 1
        self._place += 1
        try:
            entries = decoding.split(raw(row.body))
            digest = decoding.page_leaf(row.id, row.dispatch_id or 0, row.created_at, entries)
        except ValueError as error:
            why = str(error)
            self._findings.add("page_unreadable", f"{where}.body", row.created_at, why=why)
            return None
        self.entries += len(entries)
        if len(entries) != row.entries:
            facts = {"stored": row.entries, "found": len(entries)}
            self._findings.add("page_count", f"{where}.count", row.created_at, **facts)
        if digest != raw(row.digest):
            self._findings.add("page_digest", f"{where}.body", row.created_at)
        self._keep(row, entries)
        return digest

    def _keep(self, row: Row[Any], entries: list[bytes]) -> None:
        kept = []
        for place, entry in enumerate(entries):
            where = f"page(id={row.id}).body[{place}]"
            if not decoding.well_formed(entry):
                self._findings.add("entry_form", where, row.created_at)
            elif entry[0] == decoding.ACT:
                self._keep_act(row, entry, where)
            else:
                dispatch, delivery = decoding.whose(entry)
                if dispatch != row.dispatch_id:
                    self._findings.add("entry_dispatch", where, row.created_at, found=dispatch)
                kept.append(Kept(dispatch, delivery, self._place, row.id, entry))
        self._spool.keep(kept)

    def _keep_act(self, row: Row[Any], entry: bytes, where: str) -> None:
        try:
            act = decoding.act(entry)
        except (ValueError, TypeError, RecursionError):
            self._findings.add("entry_form", where, row.created_at)
            return
        self._spool.keep_act(from_act(row.dispatch_id or 0, self._place, row.id, act))
