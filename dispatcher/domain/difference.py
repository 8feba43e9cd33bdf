"""What changed between two contents, field by field and word by word (sửa và duyệt)."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from dispatcher.domain.canonical import plain
from dispatcher.domain.content import Content

#: Words with the blanks behind them: a difference in words, not in letters.
_WORD = re.compile(r"\s+|\S+\s*")

#: The parts of a content that are wording; the first word of a field's path.
WORDING = frozenset({"title", "body", "facts", "overrides"})


class Fate(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words. All pieces but the added make the old text, all but the removed the new."""

    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field by its dotted path (``body.vi``, ``facts.where.vi``); empty: it was not there."""

    field: str
    old: str
    new: str

    @property
    def wording(self) -> bool:
        """Whether an approver may change it (docs/design.md §7)."""
        return self.field.partition(".")[0] in WORDING

    def to_facts(self) -> dict[str, str]:
        """For the log: which field, and SHA-256 of both texts instead of the texts."""
        return {"field": self.field, "old": _digest(self.old), "new": _digest(self.new)}

    def pieces(self) -> tuple[Piece, ...]:
        """The difference in words, as people read it."""
        return words(self.old, self.new)


def between(old: Content, new: Content) -> tuple[Change, ...]:
    """Every field that differs, by its path."""
    before, after = (dict(_flat(plain(each))) for each in (old, new))
    return tuple(
        Change(path, before.get(path, ""), after.get(path, ""))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def words(old: str, new: str) -> tuple[Piece, ...]:
    """The difference between two texts as runs of words."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    found: list[Piece] = []
    for _, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        removed, added = "".join(before[a:b]), "".join(after[c:d])
        if removed == added:
            found.append(Piece(Fate.SAME, removed))
            continue
        found += [Piece(Fate.REMOVED, removed)] if removed else []
        found += [Piece(Fate.ADDED, added)] if added else []
    return tuple(found)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping | list):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, inner in pairs:
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
