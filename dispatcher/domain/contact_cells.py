"""The cells of a contact list: each as written by people and spreadsheets → its value."""

import re
from collections.abc import Callable, Mapping

from dispatcher.domain.contact_errors import CellError
from dispatcher.domain.email import canonical_email, mask_email
from dispatcher.domain.errors import BadAddress
from dispatcher.domain.model import AddressKind
from dispatcher.domain.names import fold
from dispatcher.domain.phone import MIGRATED, canonical_phone, mask

_LONGEST_TEXT = 200

_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d+")
#: ``="0912…"`` and ``'0912…`` keep Excel from eating zeros; ``.0`` is what other programs add.
_WRAPPED = re.compile(r"""^(?:="?|')|"$|\.0$""")
_SEVERAL = re.compile(r"\d{3}[\d .\-]*\s*(?:[;,/|]|\s-\s|\bhoặc\b)\s*(?:\+?84|0)\d")
_ZALO_ID = re.compile(r"\d{15,20}")
#: Letters of any script with their marks; what joins them; digits for ``Nguyễn Văn Hai (2)``.
_NAME = re.compile(r"(?=.*[^\W\d_])[\w .,'’ʼ()/\-\u0300-\u036f]+")
#: A citizen id (12 digits, province code first) or a phone number.
_PERSONAL_NUMBER = re.compile(r"0\d{11}|(?:0|\+?84)\d{9,10}")

_YES = frozenset({"co", "x", "yes", "y", "1", "true", "dung"})
_NO = frozenset({"", "khong", "no", "n", "0", "false", "sai"})

#: Language → names as lists write them (folded). BCP 47 tags; the languages are VOV4's.
_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "vi": ("", "viet", "kinh", "vietnamese"),
    "en": ("anh", "english"),
    "km": ("khmer", "kho me"),
    "hmn": ("mong", "h'mong", "hmong"),
    "ium": ("dao",),
    "blt": ("thai", "thai den"),
    "tyz": ("tay",),
    "nut": ("nung",),
    "mtq": ("muong",),
    "rad": ("e de", "ede"),
    "jra": ("gia rai", "jrai", "jo rai"),
    "bdq": ("ba na", "bana"),
    "sed": ("xo dang", "xodang"),
    "kpm": ("co ho", "k'ho"),
    "cjm": ("cham",),
    "cmo": ("m'nong", "mnong"),
    "ktv": ("co tu",),
}
_LANGUAGE_OF = {name: tag for tag, names in _LANGUAGES.items() for name in (tag, *names)}


def text(column: str, cell: str) -> str:
    """Free text of at most 200 characters."""
    if len(cell) > _LONGEST_TEXT:
        raise CellError(column, "text_too_long")
    return cell


def name(cell: str) -> str:
    if not cell:
        raise CellError("name", "name_missing")
    text("name", cell)
    if not _NAME.fullmatch(cell):
        raise CellError("name", "name_unreadable")
    return cell


def phone(cell: str) -> str:
    """E.164. The zero that a spreadsheet took from the front is put back."""
    number = _unwrapped("phone", cell)
    if _SEVERAL.search(number):
        raise CellError("phone", "phone_several")
    if re.fullmatch(r"[1-9]\d{8}", number) or number[:3] in MIGRATED:
        number = f"0{number}"
    return _checked("phone", canonical_phone, number)


def email(cell: str) -> str:
    return _checked("email", canonical_email, cell)


def zalo(cell: str) -> str:
    """A Zalo user id as the Official Account knows it."""
    number = _unwrapped("zalo", cell)
    if not _ZALO_ID.fullmatch(number):
        raise CellError("zalo", "zalo_unreadable")
    return number


def external_id(cell: str) -> str:
    found = text("external_id", _unwrapped("external_id", cell))
    if _PERSONAL_NUMBER.fullmatch(found):
        raise CellError("external_id", "external_id_personal")
    return found


def language(cell: str) -> str:
    """``Mông`` → ``hmn``; an empty cell is Vietnamese."""
    tag = _LANGUAGE_OF.get(fold(cell).removeprefix("tieng "))
    if tag is None:
        raise CellError("lang", "lang_unknown")
    return tag


def yes(cell: str) -> bool:
    answer = fold(cell) if cell not in ("✓", "✔") else "x"
    if answer not in _YES | _NO:
        raise CellError("responsible", "responsible_unclear")
    return answer in _YES


#: Address columns: how the cell is read, and how it may be shown.
ADDRESSES: Mapping[AddressKind, tuple[Callable[[str], str], Callable[[str], str]]] = {
    AddressKind.PHONE: (phone, mask),
    AddressKind.EMAIL: (email, mask_email),
    AddressKind.ZALO: (zalo, lambda number: f"•••{number[-3:]}"),
}


def _unwrapped(column: str, cell: str) -> str:
    bare = _WRAPPED.sub("", cell)
    if _SCIENTIFIC.fullmatch(bare):
        raise CellError(column, "number_format_lost")
    return bare


def _checked(column: str, check: Callable[[str], str], cell: str) -> str:
    try:
        return check(cell)
    except BadAddress as bad:
        raise CellError(column, bad.code) from None
