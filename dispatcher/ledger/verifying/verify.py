"""``loa audit verify``: the whole log, and everything that the log must explain."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection

from dispatcher.ledger.store import Ledger
from dispatcher.ledger.verifying import acts, grants, holds, seals
from dispatcher.ledger.verifying.approvals import Approvals
from dispatcher.ledger.verifying.bulletins import Bulletins
from dispatcher.ledger.verifying.decisions import Decisions
from dispatcher.ledger.verifying.findings import Findings, Report
from dispatcher.ledger.verifying.generations import Generations
from dispatcher.ledger.verifying.log import Log, Progress
from dispatcher.ledger.verifying.outside import Outside
from dispatcher.ledger.verifying.pages import Pages
from dispatcher.ledger.verifying.replay import Replay
from dispatcher.ledger.verifying.retired import Retired
from dispatcher.ledger.verifying.rows import freeze
from dispatcher.ledger.verifying.spool import Spool


def verify(
    ledger: Ledger,
    *,
    public_key: bytes,
    origin: str,
    outside: Mapping[str, str] = MappingProxyType({}),
    progress: Progress | None = None,
) -> Report:
    """Prove a ledger from its bytes; the order of findings is that of the proof.

    ``public_key``: 32 bytes of Ed25519, from outside the database. ``origin``: the log's name in
    its checkpoints' first generation. ``outside``: older checkpoints, by the name under which
    findings shall speak of them. ``progress`` is told pages read and pages there are.

    Changes nothing, sees one moment of a running system and needs free disk space of about the
    size of the pages.
    """
    findings, spool = Findings(), Spool()
    try:
        with ledger.read() as conn:
            freeze(conn)
            pages = Pages(findings, spool)
            generations = Generations(conn, findings, origin, public_key)
            retired = Retired(conn, findings)
            around = Outside(findings, generations, outside)
            log = Log(conn, findings, pages, generations, retired, around)
            log.read(progress)
            generations.explain(spool)
            retired.explain(spool)
            _explain(conn, findings, spool)
    finally:
        spool.close()
    listed = findings.listed()
    noticed = findings.noticed()
    return Report(pages.entries, pages.pages, log.size, not listed, listed, noticed)


def _explain(conn: Connection, findings: Findings, spool: Spool) -> None:
    """The tables of the engine, against what the log has told."""
    Replay(conn, findings, spool, seals.Seals(findings, spool)).run()
    seals.check_rows(conn, findings, spool)
    acts.check(conn, findings, spool)
    grants.check(conn, findings, spool)
    holds.check(conn, findings, spool)
    Bulletins(conn, findings, spool).run()
    Approvals(conn, findings, spool).run()
    Decisions(conn, findings, spool).run()
