"""How long what is personal or of no more use is kept (docs/personal-data.md gives the reasons)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DAY_MS = 86_400_000

#: Days by class: what an installation keeps unless its settings say otherwise. 0: for ever.
DEFAULTS: Mapping[str, int] = MappingProxyType(
    {
        "receipts": 180,
        "alarms": 180,
        "removed": 365,
        "addresses": 365,
        "sessions": 30,
        "answers": 1,
        "manifests": 30,
        "media": 365,
    }
)


@dataclass(frozen=True, slots=True)
class Periods:
    """Days by class, as in ``DEFAULTS``."""

    days: Mapping[str, int]

    def cut(self, name: str, now: int) -> int:
        """What is older than this (epoch ms) goes; 0: nothing."""
        days = self.days[name]
        return now - days * DAY_MS if days else 0
