"""A checkpoint as one line that a person can read aloud, copy by hand and type again.

``loa.tinh.gov.vn/log 48213 22/11/2026 7K3M-0QXW-… #A4TZ``: the log's name, its pages, the day, the
root in Crockford's base 32 (52 characters), and the first 20 bits of a SHA-256 over all of it.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from dispatcher.domain.errors import BadInput

#: Crockford's alphabet: no I, L, O and U, which are taken for other signs.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("ILOilo", "110110")

_ROOT_BYTES, _ROOT_SIGNS, _GROUP = 32, 52, 4
_CHECK_SIGNS = 4


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """What is on paper: the log ``origin`` had ``size`` pages and this root on that day."""

    origin: str
    size: int
    day: date
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin} {self.size} {self.day:%d/%m/%Y} {self.groups} #{self.check}"

    @property
    def groups(self) -> str:
        """The root, four signs at a time."""
        signs = _encode(self.root, _ROOT_SIGNS)
        return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))

    @property
    def check(self) -> str:
        """Finds a slip of the hand; proves nothing."""
        said = f"{self.origin}|{self.size}|{self.day.isoformat()}|{self.root.hex()}"
        return _encode(hashlib.sha256(said.encode()).digest(), _ROOT_SIGNS)[:_CHECK_SIGNS]


def read_line(typed: str) -> PrintedLine:
    """A line as somebody typed it. Case, spaces and hyphens in the root do not matter.

    Raises BadInput, saying which part cannot be right.
    """
    words = typed.replace("\n", " ").split(maxsplit=3)
    if len(words) != 4 or "#" not in words[3]:
        raise _bad("dòng", "the line", "TÊN SỐ_TRANG NGÀY MÃ #KIỂM")
    signs, _, check = words[3].rpartition("#")
    line = PrintedLine(words[0], _size(words[1]), _day(words[2]), _decode(signs))
    if _plain(check) != line.check:
        raise _bad("nhóm kiểm sau dấu #: có ký tự gõ sai", "the check group: a slip in typing", "#")
    return line


def _size(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) < 19):
        raise _bad("số trang", "the number of pages", word)
    return int(word)


def _day(word: str) -> date:
    try:
        return datetime.strptime(word, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise _bad("ngày", "the day", word) from None


def _encode(data: bytes, length: int) -> str:
    bits = int.from_bytes(data) << (5 * length - 8 * len(data))
    return "".join(_SIGNS[bits >> 5 * place & 31] for place in reversed(range(length)))


def _decode(typed: str) -> bytes:
    signs = _plain(typed)
    if len(signs) != _ROOT_SIGNS or set(signs) - set(_SIGNS):
        raise _bad("mã 52 ký tự", "the code of 52 signs", f"{len(signs)}")
    bits = 0
    for sign in signs:
        bits = bits << 5 | _SIGNS.index(sign)
    spare = 5 * _ROOT_SIGNS - 8 * _ROOT_BYTES
    if bits & (1 << spare) - 1:
        raise _bad("ký tự cuối của mã", "the code's last sign", signs[-1])
    return (bits >> spare).to_bytes(_ROOT_BYTES)


def _plain(typed: str) -> str:
    return "".join(typed.split()).replace("-", "").translate(_LOOKALIKES).upper()


def _bad(vi: str, en: str, found: str) -> BadInput:
    return BadInput(
        "bad_line",
        f"Không đọc được {vi} ({found}). Gõ lại đúng như trên bản in.",
        f"Cannot read {en} ({found}). Type it again as it is printed.",
        field="line",
    )
