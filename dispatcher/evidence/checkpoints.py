"""Checkpoints that others hold: an auditor's file, or the line of a printout."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from dispatcher.check_line import Answer, check_line
from dispatcher.domain.errors import BadInput
from dispatcher.domain.printed_line import read_line
from dispatcher.ledger import exhibits, sealer
from dispatcher.ledger.kept import Point, point
from dispatcher.ledger.proofs import Log
from dispatcher.ledger.sealer import LogKey
from dispatcher.ledger.store import Ledger


def held_of(given: str, key: LogKey) -> Point:
    """What a file or a typed line says. Raises BadInput unless it can be one of this log's."""
    path = Path(given)
    if not path.is_file():
        line = read_line(given)
        return Point(line.origin, line.size, line.root, "")
    found = point(path.read_text(encoding="utf-8"), key.origin, key.public)
    if found is None:
        raise BadInput(
            "not_our_checkpoint",
            f"{given} không phải điểm kiểm do sổ này ký.",
            f"{given} is no checkpoint that this log signed.",
            field="checkpoint",
        )
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether the log contains a checkpoint; ``proof``: hashes in base64 (RFC 9162 §2.1.4)."""

    answer: Answer
    old: int
    size: int
    proof: tuple[str, ...]


def compare(ledger: Ledger, key: LogKey, held: Point) -> Comparison:
    """Hold a checkpoint against the newest one of the log."""
    answer = check_line(ledger, key.origin, origin=held.origin, size=held.size, root=held.root)
    with ledger.read() as conn:
        exhibits.freeze(conn)
        head = sealer.latest(conn)
        size = head.size if head else 0
        within = answer is Answer.CONTAINED and held.size <= size
        path = Log(conn, size).consistency(held.size) if within else []
    return Comparison(answer, held.size, size, tuple(b64encode(each).decode() for each in path))
