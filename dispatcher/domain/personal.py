"""Rules about personal data (Luật 91/2025/QH15, Nghị định 356/2025/NĐ-CP) as functions of values.

docs/personal-data.md says of each rule where it comes from and what of it is our own choice.
"""

import re
from collections.abc import Mapping
from typing import Any

from dispatcher.domain.contact_cells import ADDRESSES
from dispatcher.domain.contact_errors import CellError
from dispatcher.domain.errors import BadAddress, BadInput
from dispatcher.domain.model import AddressKind, Level

#: Characters of a reason that says something.
SHORTEST_REASON, LONGEST_REASON = 10, 500

#: A count of fewer people is not shown: it would be about somebody.
SMALLEST_GROUP = 5

#: Values that one account may have shown within an hour. More is a list, and lists are exported.
REVEALS_AN_HOUR = 30

#: An approved export is made within a day or asked for again.
EXPORT_WITHIN_MS = 24 * 3_600_000

#: How a person may say that they want nothing more, with its words on screens.
OPT_OUT_WAYS: Mapping[str, str] = {
    "reply": "trả lời tin nhắn",
    "link": "bấm liên kết hủy nhận",
    "letter": "văn bản, đơn",
    "call": "gọi điện",
    "in_person": "đến trụ sở",
    "provider": "nhà mạng hoặc nền tảng báo",
    "erased": "đã xóa dữ liệu theo yêu cầu",
}

_EMAIL = re.compile(r"\S+@\S+\.\S+")
#: A telephone number however it is parted, or the digits of an identity card.
_NUMBER = re.compile(r"(?:\+84|0)(?:[ .-]?\d){9}|\d{9,}")


def check_reason(why: str) -> str:
    """The reason without outer spaces. It is entered in the log, which is kept for ever.

    Raises BadInput when it is too short to say anything, too long, or contains a phone number, an
    e-mail address or an identity number.
    """
    said = " ".join(why.split())
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        raise BadInput(
            "reason_length",
            f"Ghi lý do từ {SHORTEST_REASON} đến {LONGEST_REASON} ký tự.",
            f"Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters.",
            field="why",
        )
    if _EMAIL.search(said) or _NUMBER.search(said):
        raise BadInput(
            "reason_personal",
            "Lý do được lưu vĩnh viễn: không ghi số điện thoại, thư điện tử hay số định danh.",
            "The reason is kept for ever: no phone number, e-mail or identity number in it.",
            field="why",
        )
    return said


def mask_name(name: str) -> str:
    """``Nguyễn Văn An`` → ``N. V. A.``"""
    return " ".join(f"{word[0]}." for word in name.split())


def heeds_opt_out(level: Level) -> bool:
    """Whether a bulletin of this level leaves out who has opted out.

    An emergency does not: protecting life and health, and the acts of state bodies in a disaster
    or epidemic, need no consent (Luật 91/2025/QH15, Điều 19). Erasure stands even then, because
    there is no address left.
    """
    return level is not Level.EMERGENCY


def canonical(kind: AddressKind, given: str) -> tuple[str, str]:
    """(canonical, masked) of an address as somebody writes it. Raises BadAddress."""
    read, mask = ADDRESSES[kind]
    try:
        value = read(given)
    except CellError as error:
        raise BadAddress(
            error.code, "Địa chỉ này không đọc được.", "This address cannot be read.", field="value"
        ) from error
    return value, mask(value)


def check_way(how: str) -> str:
    """Raises BadInput for a way of opting out that is not in the table."""
    if how not in OPT_OUT_WAYS:
        raise BadInput(
            "unknown_way",
            f"Cách báo phải là một trong: {', '.join(OPT_OUT_WAYS)}.",
            f"The way must be one of: {', '.join(OPT_OUT_WAYS)}.",
            field="how",
        )
    return how


def in_groups(counts: Mapping[Any, int]) -> dict[Any, int | None]:
    """Counts of people as they may be shown: None for a group that is too small to hide one."""
    return {
        key: count if count == 0 or count >= SMALLEST_GROUP else None
        for key, count in counts.items()
    }
