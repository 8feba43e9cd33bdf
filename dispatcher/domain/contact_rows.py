"""A row of a contact list becomes a person, or the list of everything wrong with it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from dispatcher.domain import contact_cells as cells
from dispatcher.domain.contact_errors import CellError, RowError
from dispatcher.domain.duplicates import Seen
from dispatcher.domain.model import AddressKind
from dispatcher.domain.names import fold
from dispatcher.domain.places import Atlas, Unsure, Village, Wanted, find_village

#: Places asked for in one file; lists are mostly sorted by place, so that few are asked twice.
_PLACES_KEPT = 4_096

#: New localities that one report proposes.
_LOCALITIES_KEPT = 500


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person as the list gives them, checked. ``addresses``: kind, canonical, masked."""

    name: str
    area: str
    locality: int | None
    lang: str
    addresses: tuple[tuple[AddressKind, str, str], ...]
    responsible: bool
    office: str
    source: str
    external_id: str

    @property
    def identity(self) -> str:
        """What tells this person from the others of a list: the id, or name and addresses."""
        if self.external_id:
            return f"id|{self.external_id}"
        return "|".join((fold(self.name), *(value for _, value, _ in self.addresses)))


class RowReader:
    """Reads the rows of one list, remembering whom it has seen and which localities it missed.

    ``villages``: area code → its localities.
    """

    def __init__(self, atlas: Atlas, villages: Callable[[str], Sequence[Village]]) -> None:
        self._find_area = lru_cache(_PLACES_KEPT)(atlas.find)
        villages = lru_cache(_PLACES_KEPT)(villages)
        self._find_village = lru_cache(_PLACES_KEPT)(
            lambda area, village: find_village(villages(area), village)
        )
        self._seen = Seen()
        self.unknown_localities: Counter[tuple[str, str]] = Counter()

    def read(self, row: int, given: Mapping[str, str]) -> ContactRow | list[RowError]:
        """The person in a row, or all its errors: officials mend a row once."""
        if any("\ufffd" in cell for cell in given.values()):
            return [CellError("", "bad_characters").at(row)]
        trial = _Trial(given)
        trial.take("name", cells.name)
        for column in ("source", "office"):
            trial.take(column, partial(cells.text, column))
        for column, check in _CHECKED.items():
            trial.take(column, check)
        addresses = _addresses(trial)
        area, locality = self._place(trial)
        if trial.errors:
            return [wrong.at(row) for wrong in trial.errors]
        return self._once(row, _person(trial.values, addresses, area, locality))

    def settle(self) -> None:
        """Between two chunks: put what was seen in order."""
        self._seen.settle()

    def _once(self, row: int, person: ContactRow) -> ContactRow | list[RowError]:
        first = self._seen.first(person.identity, row)
        if first == row:
            return person
        code = "external_id_repeated" if person.external_id else "row_repeated"
        return [CellError("external_id", code, [f"dòng {first}"]).at(row)]

    def _place(self, trial: "_Trial") -> tuple[str, int | None]:
        """(area, locality); a locality is looked for only in an area that is sure."""
        cell = trial.given.get
        wanted = Wanted(
            cell("area_code") or cell("area", ""), cell("district", ""), cell("province", "")
        )
        area = self._find_area(wanted)
        if isinstance(area, Unsure):
            trial.errors.append(CellError("area", area.code, area.names))
            return "", None
        village = cell("locality", "")
        return area, self._locality(trial, area, village) if village else None

    def _locality(self, trial: "_Trial", area: str, village: str) -> int | None:
        found: int | Unsure = self._find_village(area, village)
        if not isinstance(found, Unsure):
            return found
        trial.errors.append(CellError("locality", found.code, found.names))
        missed = (area, village)
        if found.code == "locality_unknown" and (
            missed in self.unknown_localities or len(self.unknown_localities) < _LOCALITIES_KEPT
        ):
            self.unknown_localities[missed] += 1
        return None


class _Trial:
    """One row on the way: what could be read, and what could not."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.values: dict[str, Any] = {}
        self.errors: list[CellError] = []

    def take(self, column: str, check: Callable[[str], object]) -> None:
        try:
            self.values[column] = check(self.given.get(column, ""))
        except CellError as wrong:
            self.errors.append(wrong)


_CHECKED: Mapping[str, Callable[[str], object]] = {
    "lang": cells.language,
    "responsible": cells.yes,
    "external_id": cells.external_id,
}


def _addresses(trial: _Trial) -> tuple[tuple[AddressKind, str, str], ...]:
    given = [kind for kind in cells.ADDRESSES if trial.given.get(kind)]
    if not given:
        trial.errors.append(CellError("phone", "no_address"))
    for kind in given:
        trial.take(kind, cells.ADDRESSES[kind][0])
    return tuple(
        (kind, trial.values[kind], cells.ADDRESSES[kind][1](trial.values[kind]))
        for kind in given
        if kind in trial.values
    )


def _person(
    values: Mapping[str, Any],
    addresses: tuple[tuple[AddressKind, str, str], ...],
    area: str,
    locality: int | None,
) -> ContactRow:
    return ContactRow(
        name=values["name"],
        area=area,
        locality=locality,
        lang=values["lang"],
        addresses=addresses,
        responsible=values["responsible"],
        office=values["office"],
        source=values["source"],
        external_id=values["external_id"],
    )
