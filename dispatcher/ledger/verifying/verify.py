"""``loa audit verify``: the whole log, and everything that the log must explain."""

from sqlalchemy import Connection

from dispatcher.ledger.store import Ledger
from dispatcher.ledger.verifying import seals
from dispatcher.ledger.verifying.bulletins import Bulletins
from dispatcher.ledger.verifying.findings import Findings, Report
from dispatcher.ledger.verifying.log import Log, Progress
from dispatcher.ledger.verifying.notes import Signer
from dispatcher.ledger.verifying.pages import Pages
from dispatcher.ledger.verifying.replay import Replay
from dispatcher.ledger.verifying.rows import freeze
from dispatcher.ledger.verifying.spool import Spool


def verify(
    ledger: Ledger, *, public_key: bytes, origin: str, progress: Progress | None = None
) -> Report:
    """Prove a ledger from its bytes; the order of findings is that of the proof.

    ``public_key``: 32 bytes of Ed25519, from outside the database. ``origin``: the log's name in
    its checkpoints. ``progress`` is told pages read and pages there are. Changes nothing, sees one
    moment of a running system and needs free disk space of about the pages' size.
    """
    findings, spool = Findings(), Spool()
    try:
        with ledger.read() as conn:
            freeze(conn)
            pages = Pages(findings, spool)
            log = Log(conn, findings, pages, Signer(origin, public_key))
            log.read(progress)
            _explain(conn, findings, spool)
    finally:
        spool.close()
    listed = findings.listed()
    return Report(pages.entries, pages.pages, log.size, not listed, listed)


def _explain(conn: Connection, findings: Findings, spool: Spool) -> None:
    """The tables of the engine, against what the log has told."""
    Replay(conn, findings, spool, seals.Seals(findings, spool)).run()
    seals.check_rows(conn, findings, spool)
    Bulletins(conn, findings, spool).run()
