"""The auditor's half of the ledger (docs/design.md §8): it shares no code with what writes the log.

Bytes are decoded from ``docs/ledger.md``, trees are hashed by RFC 9162, notes are read by C2SP
signed-note; only the database's address and the name of its columns are common.
"""

from dispatcher.ledger.verifying.findings import Finding, Report
from dispatcher.ledger.verifying.verify import verify

__all__ = ["Finding", "Report", "verify"]
