"""What a report counts: people, clusters and orders apart, each status with its evidence."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger.handles import Row


@dataclass(frozen=True, slots=True)
class Line:
    """So many deliveries of a channel stand so, on this evidence."""

    channel: str
    kind: TargetKind
    status: Status
    evidence: Evidence
    count: int


@dataclass
class Counts:
    """The deliveries of one dispatch."""

    parts: int = 0
    _found: Counter[tuple[str, int, int, int]] = field(default_factory=Counter)

    def add(self, row: Row[Any]) -> None:
        self._found[row.channel, row.target_kind, row.status, row.evidence] += 1
        self.parts += row.parts

    def lines(self) -> list[Line]:
        """By channel, best status first."""
        ordered = sorted(self._found.items(), key=lambda each: (each[0][:2], -each[0][2]))
        return [
            Line(channel, TargetKind(kind), Status(status), Evidence(evidence), count)
            for (channel, kind, status, evidence), count in ordered
        ]

    def totals(self) -> dict[tuple[str, TargetKind], int]:
        """Deliveries per channel and kind of target: never added across them."""
        totals: Counter[tuple[str, TargetKind]] = Counter()
        for line in self.lines():
            totals[line.channel, line.kind] += line.count
        return dict(totals)
