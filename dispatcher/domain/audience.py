"""Who is meant: a value, resolved when the dispatch is expanded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Audience:
    """Areas (with everything below them), localities, and lists, added together.

    ``reached_by``: also everyone whom these earlier dispatches reached, for corrections and ends.
    """

    areas: tuple[str, ...] = ()
    localities: tuple[int, ...] = ()
    lists: tuple[int, ...] = ()
    reached_by: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not (self.areas or self.localities or self.lists or self.reached_by):
            raise BadInput(
                "empty_audience",
                "Chưa chọn đối tượng nhận tin. Hãy chọn ít nhất một địa bàn, thôn hoặc danh sách.",
                "No audience given. Choose at least one area, locality or list.",
                field="audience",
            )

    def to_json(self) -> dict[str, list[Any]]:
        """Sorted, so that the same audience always has the same bytes."""
        return {
            "areas": sorted(self.areas),
            "localities": sorted(self.localities),
            "lists": sorted(self.lists),
            "reached_by": sorted(self.reached_by),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Sequence[Any]]) -> "Audience":
        return cls(
            areas=tuple(str(code) for code in value.get("areas", ())),
            localities=tuple(int(each) for each in value.get("localities", ())),
            lists=tuple(int(each) for each in value.get("lists", ())),
            reached_by=tuple(int(each) for each in value.get("reached_by", ())),
        )
