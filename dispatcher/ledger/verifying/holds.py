"""What holds a channel: requests to somebody outside, against the acts that made and answered them.

A row slipped in or turned would hold back a warning, or let out a text that nobody approved.
"""

import json
from typing import Any

from sqlalchemy import Connection

from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.rows import stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_ROWS = """
SELECT id, version_id AS version, channel, subject, state, word, asked_by, asked_at, answered_by,
  answered_at
FROM outside_approval ORDER BY id
"""


def check(conn: Connection, findings: Findings, spool: Spool) -> None:
    """Compare every row with its request and its last answer, and every request with its row."""
    known = set()
    for row in stream(conn, _ROWS):
        known.add(f"outside:{row.id}")
        where = f"outside_approval(id={row.id})"
        asked = spool.about(f"outside:{row.id}", "ask_outside")
        if not asked:
            findings.add("act_missing", where, row.asked_at, act="ask_outside")
            continue
        answers = spool.about(f"outside:{row.id}", "answer_outside")
        for name, expected in _told(asked[0], answers[-1] if answers else None).items():
            if getattr(row, name) != expected:
                facts = {"act": "ask_outside", "expected": expected, "found": getattr(row, name)}
                findings.add("act_differs", f"{where}.{name}", asked[0].at, **facts)
    for act in spool.named("ask_outside"):
        if act.subject not in known:
            facts = {"act": act.name, "expected": act.subject, "found": None}
            findings.add("act_differs", "outside_approval", act.at, **facts)


def _told(asked: KeptAct, answered: KeptAct | None) -> dict[str, Any]:
    """The columns as the log has them."""
    request = json.loads(asked.facts)
    answer = json.loads(answered.facts) if answered else {"state": "waiting", "word": ""}
    return {
        "version": request["version"],
        "channel": request["channel"],
        "subject": request["subject"],
        "asked_by": asked.actor,
        "asked_at": asked.at,
        "state": answer["state"],
        "word": answer["word"],
        "answered_by": answered.actor if answered else None,
        "answered_at": answered.at if answered else None,
    }
