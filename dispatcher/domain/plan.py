"""What an approval allows and a dispatch carries out: the same value on both sides."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.audience import Audience
from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Mode

#: By this share the audience and the cost may grow between approval and dispatch.
GROWTH = 1.10


@dataclass(frozen=True, slots=True)
class Plan:
    """To whom, by which channels, when, until when, how many and how much at most.

    ``start_at``: epoch ms, 0 for as soon as it is submitted; ``ceiling``: people at most;
    ``counted``: people when approval was asked for; ``mode``: a drill never leaves test routes;
    ``budget``: who pays (nguồn kinh phí); ``cost_ceiling``: VND at most, None in what was
    approved before costs were.
    """

    audience: Audience
    channels: tuple[str, ...]
    start_at: int
    valid_until: int
    counted: int
    ceiling: int
    mode: Mode
    drill: bool
    budget: str = ""
    cost_ceiling: int | None = None

    def __post_init__(self) -> None:
        if not self.channels:
            raise BadInput(
                "no_channel",
                "Chưa chọn kênh phát. Hãy chọn ít nhất một kênh.",
                "No channel chosen. Choose at least one.",
                field="channels",
            )
        if self.drill and self.mode is Mode.LIVE:
            raise BadInput(
                "drill_on_live",
                "Diễn tập không được dùng kết nối thật. Hãy chọn chế độ thử.",
                "A drill cannot use live routes. Choose test mode.",
                field="mode",
            )

    def to_json(self) -> dict[str, Any]:
        """Sorted and plain: what is hashed into the approval and stored in the dispatch."""
        return {
            "audience": self.audience.to_json(),
            "channels": sorted(self.channels),
            "start_at": self.start_at,
            "valid_until": self.valid_until,
            "counted": self.counted,
            "ceiling": self.ceiling,
            "mode": self.mode.value,
            "drill": self.drill,
            "budget": self.budget,
            "cost_ceiling": self.cost_ceiling,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Plan":
        return cls(
            audience=Audience.from_json(value["audience"]),
            channels=tuple(value["channels"]),
            start_at=value["start_at"],
            valid_until=value["valid_until"],
            counted=value["counted"],
            ceiling=value["ceiling"],
            mode=Mode(value["mode"]),
            drill=value["drill"],
            budget=value.get("budget", ""),
            cost_ceiling=value.get("cost_ceiling"),
        )


def grown(value: float) -> int:
    """The ceiling over a count or a cost: the share it may grow by, and one for the smallest."""
    return round(value * GROWTH) + 1


@dataclass(frozen=True, slots=True)
class Charge:
    """What one channel costs: ``targets`` × ``parts`` each × ``price`` (VND a part)."""

    targets: int
    parts: int
    price: float


def cost(charges: Iterable[Charge]) -> int:
    """The whole in VND, rounded up."""
    return math.ceil(sum(each.targets * each.parts * each.price for each in charges))
