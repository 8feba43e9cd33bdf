"""Which commune a list means: by code, by present name, or by a name of before 1 July 2025.

Citizen lists still name districts, which no longer exist, and 63 provinces. Names repeat across
provinces, so a place is sure only within somebody's area; what is not sure is never guessed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from dispatcher.domain.names import fold, key, same

#: ``P. Hoa Lư``, ``TT.Nho Quan``: with its full stop, so that a name's own letter is not taken.
_ABBREVIATED = re.compile(r"^(?:x|p|f|tt|tx|q|h|t|tp)\.\s*", re.IGNORECASE)

#: What kinds of place there were and are no longer.
_FORMER_KIND = re.compile(r"^(?:thi tran|thi xa|quan|huyen) (?=.)")

#: The directory of the statistics office answers 06970 for Ba Chẽ; Quyết định 19/2025 has 06978.
ALIASES = {"06970": "06978"}


@dataclass(frozen=True, slots=True)
class Place:
    """A present province or commune. ``parent``: a commune's province."""

    code: str
    name: str
    full_name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Former:
    """A commune as it was until 30 June 2025, and one present commune that has a part of it."""

    code: str
    name: str
    district: str
    province: str
    now: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place as a list gives it; ``name`` may be a code or ``commune, district, province``."""

    name: str
    district: str = ""
    province: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Why no place could be named: a code of ``contact_errors``, and the places it may be."""

    code: str
    names: tuple[str, ...] = ()


def place_key(text: str) -> str:
    """A place's search key, whatever kind of place was or is put before it."""
    return _FORMER_KIND.sub("", key(_ABBREVIATED.sub("", text.strip())))


class Atlas:
    """All places, and which of them somebody may write to.

    ``top``: the code of the agency's area, empty for the whole country; ``former`` is asked for
    the old divisions only when a list names one.
    """

    def __init__(
        self, places: Iterable[Place], former: Callable[[], Iterable[Former]], top: str
    ) -> None:
        self._places = {place.code: place for place in places}
        self._load_former, self._top = former, top
        self._by_key: dict[str, list[Place]] = defaultdict(list)
        for place in self._places.values():
            self._by_key[place_key(place.name)].append(place)
        self._old_by_key: dict[str, list[Former]] = defaultdict(list)
        self._old_by_code: dict[str, list[Former]] = defaultdict(list)

    def find(self, wanted: Wanted) -> str | Unsure:
        """The code of the place that is meant, or why there is none."""
        if not wanted.name.strip():
            return self._own()
        wanted = _spread(wanted)
        if wanted.name.isascii() and wanted.name.isdigit():
            return self._chosen(self._by_code(wanted.name), wanted)
        found = [] if wanted.district else self._present(wanted)
        return self._chosen(found or self._formerly(wanted) or self._present(wanted), wanted)

    def _own(self) -> str | Unsure:
        """A commune's own list need not say where; anybody else's must."""
        place = self._places.get(self._top)
        return place.code if place and place.parent else Unsure("area_missing")

    def _by_code(self, digits: str) -> list[Place]:
        """Codes lose their zeros in spreadsheets: 4 digits were 5, one was two."""
        code = digits.zfill(5 if len(digits) > 2 else 2)
        code = ALIASES.get(code, code)
        if code in self._places:
            return [self._places[code]]
        self._read_former()
        return self._heirs(self._old_by_code.get(code, ()))

    def _present(self, wanted: Wanted) -> list[Place]:
        found = self._by_key.get(place_key(wanted.name), [])
        if wanted.province:
            found = [place for place in found if self._lies_in(place, wanted.province)]
        spelled = [each for each in found if _spelled(wanted.name, each.name, each.full_name)]
        return spelled or found

    def _formerly(self, wanted: Wanted) -> list[Place]:
        self._read_former()
        found = self._old_by_key.get(place_key(wanted.name), [])
        if wanted.district:
            found = [old for old in found if place_key(old.district) == place_key(wanted.district)]
        if wanted.province:
            found = [old for old in found if self._lay_in(old, wanted.province)]
        spelled = [old for old in found if _spelled(wanted.name, old.name)]
        return self._heirs(spelled or found)

    def _chosen(self, found: Sequence[Place], wanted: Wanted) -> str | Unsure:
        inside = [place for place in found if self._is_inside(place)]
        if len(inside) == 1:
            return inside[0].code
        if inside:
            return Unsure("area_ambiguous", self._names(inside))
        if found:
            return Unsure("area_outside")
        return Unsure("area_unknown", self._nearest(wanted.name))

    def _is_inside(self, place: Place) -> bool:
        return not self._top or self._top in (place.code, place.parent)

    def _lies_in(self, place: Place, province: str) -> bool:
        above = self._places.get(place.parent or place.code)
        return above is not None and place_key(above.name) == place_key(province)

    def _lay_in(self, old: Former, province: str) -> bool:
        """Lists write the old commune under its old province or under the new one."""
        return place_key(old.province) == place_key(province) or self._lies_in(
            self._places[old.now], province
        )

    def _heirs(self, former: Iterable[Former]) -> list[Place]:
        codes = dict.fromkeys(old.now for old in former)
        return [self._places[code] for code in codes]

    def _names(self, places: Sequence[Place]) -> tuple[str, ...]:
        return tuple(f"{place.full_name} ({place.code})" for place in places[:5])

    def _nearest(self, name: str) -> tuple[str, ...]:
        """At most three like-sounding places; the first letter is taken to be right."""
        wanted = place_key(name)
        near = {
            known: place
            for known, places in self._by_key.items()
            if known[:1] == wanted[:1]
            for place in places
            if self._is_inside(place)
        }
        return self._names([near[each] for each in get_close_matches(wanted, near, n=3)])

    def _read_former(self) -> None:
        if self._old_by_key:
            return
        for old in self._load_former():
            self._old_by_key[place_key(old.name)].append(old)
            self._old_by_code[old.code].append(old)


def _spelled(wanted: str, *names: str) -> bool:
    plain = _ABBREVIATED.sub("", wanted.strip())
    return any(same(plain, name) or name.lower().endswith(f" {plain.lower()}") for name in names)


def _spread(wanted: Wanted) -> Wanted:
    """``Hòa Xá, Ứng Hòa, Hà Nội`` taken apart: the last part is the province."""
    name, *above = (part.strip() for part in wanted.name.split(","))
    if not above:
        return Wanted(name, wanted.district.strip(), wanted.province.strip())
    district = above[0] if len(above) > 1 else ""
    return Wanted(name, wanted.district.strip() or district, wanted.province.strip() or above[-1])


@dataclass(frozen=True, slots=True)
class Village:
    """A locality as registered: ``kind`` is thôn, bản, ấp, khu phố or tổ dân phố."""

    id: int
    area: str
    kind: str
    name: str


def find_village(villages: Sequence[Village], text: str) -> int | Unsure:
    """The locality of one commune that is meant, or why there is none.

    ``Thôn 1`` and ``Tổ dân phố 1`` share a key; then the kind, then the marks decide.
    """
    found = [each for each in villages if place_key(each.name) == place_key(text)]
    for narrower in (_says_kind, _says_marks):
        found = [each for each in found if narrower(each, text)] or found
    if len(found) == 1:
        return found[0].id
    if found:
        return Unsure("locality_ambiguous", tuple(each.name for each in found[:5]))
    return Unsure("locality_unknown", _nearest_villages(villages, text))


def _says_kind(village: Village, text: str) -> bool:
    return fold(text) in (fold(village.name), fold(f"{village.kind} {village.name}"))


def _says_marks(village: Village, text: str) -> bool:
    return any(same(text, name) for name in (village.name, f"{village.kind} {village.name}"))


def _nearest_villages(villages: Sequence[Village], text: str) -> tuple[str, ...]:
    names = {place_key(each.name): each.name for each in villages}
    return tuple(names[each] for each in get_close_matches(place_key(text), names, n=3, cutoff=0.5))
