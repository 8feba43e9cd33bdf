"""Which column of a list holds what, by the headings officials give them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatcher.domain.contact_errors import FILE_ERRORS
from dispatcher.domain.errors import BadInput
from dispatcher.domain.names import fold

#: Field → headings, folded: in Vietnamese or English, with or without diacritics.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("ho ten", "ho va ten", "ten", "nguoi nhan", "chu ho", "ho ten chu ho", "name",
             "full name"),
    "phone": ("dien thoai", "so dien thoai", "sdt", "so dt", "dt", "di dong", "so di dong",
              "dien thoai di dong", "phone", "phone number", "mobile"),
    "email": ("email", "e mail", "thu dien tu", "dia chi email", "mail"),
    "zalo": ("zalo", "zalo id", "ma zalo", "zalo user id"),
    "area_code": ("ma xa", "ma dia ban", "ma xa phuong", "ma phuong xa", "area code"),
    "area": ("dia ban", "xa", "phuong", "xa phuong", "phuong xa", "xa phuong dac khu", "ten xa",
             "don vi hanh chinh", "area", "commune"),
    "district": ("huyen", "quan huyen", "huyen quan", "quan", "district"),
    "province": ("tinh", "tinh thanh", "tinh thanh pho", "thanh pho", "province"),
    "locality": ("thon", "thon ban", "thon xom", "xom", "ban", "ap", "khu pho", "to dan pho",
                 "thon to dan pho", "khu dan cu", "locality", "village"),
    "lang": ("ngon ngu", "tieng", "lang", "language"),
    "responsible": ("nguoi phu trach", "phu trach", "responsible"),
    "office": ("chuc vu", "chuc danh", "office", "position"),
    "external_id": ("ma", "ma so", "ma nguoi nhan", "ma ho", "id", "external id", "code"),
    "source": ("nguon", "nguon du lieu", "source"),
}  # fmt: skip

_FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}

#: ``Điện thoại (bắt buộc)``: what stands in brackets explains, it does not name.
_BRACKETS = re.compile(r"[(\[].*?[)\]]")

#: How many rows of title may stand above the headings (quốc hiệu, tên cơ quan, tên danh sách).
HEADER_WITHIN = 10


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands; ``ignored``: headings that mean nothing here."""

    places: Mapping[str, int]
    ignored: tuple[str, ...]

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """Field → cell; rows may be shorter than the header."""
        return {
            field: row[place] if place < len(row) else "" for field, place in self.places.items()
        }


def find_columns(row: Sequence[str]) -> Columns | None:
    """The columns, if this row is the header: a name and something to reach people by.

    Raises BadInput when two columns mean the same.
    """
    fields = [_FIELD_OF.get(fold(_BRACKETS.sub("", cell))) for cell in row]
    known = [field for field in fields if field]
    if "name" not in known or not {"phone", "email", "zalo"} & set(known):
        return None
    if len(set(known)) < len(known):
        raise BadInput("header_repeated", *FILE_ERRORS["header_repeated"], field="header")
    ignored = [cell for cell, field in zip(row, fields, strict=True) if cell and not field]
    return Columns({field: place for place, field in enumerate(fields) if field}, tuple(ignored))
