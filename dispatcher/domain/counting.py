"""What a short message costs and what carriers dislike in it."""

import re

from dispatcher.domain.authoring import Remark
from dispatcher.domain.errors import BadInput
from dispatcher.domain.text import Parts, sms_parts, unaccent

#: Three parts: 201 characters accented, 459 unaccented (3GPP TS 23.040).
PARTS_LIMIT = 3

#: Refused on Vietnamese customer-care (CSKH) routes.
_DISLIKED = re.compile(r"[#&]")

#: A public body links to its own domain only; any other link looks like the frauds it warns of.
_FOREIGN_LINK = re.compile(r"(?:https?://|www\.)(?![\w.-]*\.gov\.vn\b)\S+", re.IGNORECASE)


def check_text(text: str, *, limit: int = PARTS_LIMIT, field: str = "overrides.sms") -> Parts:
    """How the text counts. Raises ``BadInput`` when it takes more parts than ``limit``."""
    parts = sms_parts(text)
    if parts.parts > limit:
        bare = sms_parts(unaccent(text))
        raise BadInput(
            "too_many_parts",
            f"Tin nhắn dài {parts.units} ký tự ({parts.encoding}), thành {parts.parts} phần; giới "
            f"hạn {limit} phần. Rút gọn, gửi không dấu ({bare.parts} phần) hoặc nâng giới hạn.",
            f"The message has {parts.units} units ({parts.encoding}), {parts.parts} parts; the "
            f"limit is {limit}. Shorten it, send it unaccented ({bare.parts} parts) or raise the "
            "limit.",
            field=field,
        )
    return parts


def count_text(text: str, *, limit: int, field: str) -> tuple[dict[str, str | int], list[Remark]]:
    """Counts accented and unaccented. Raises ``BadInput`` when neither keeps the limit."""
    accented, bare = sms_parts(text), sms_parts(unaccent(text))
    facts: dict[str, str | int] = {
        "encoding": accented.encoding.value,
        "units": accented.units,
        "parts": accented.parts,
        "unaccented_encoding": bare.encoding.value,
        "unaccented_units": bare.units,
        "unaccented_parts": bare.parts,
    }
    if accented.parts <= limit:
        return facts, []
    if bare.parts > limit:
        check_text(text, limit=limit, field=field)
    return facts, [_unaccented_only(accented, bare, limit)]


def text_remarks(text: str, *, counted: bool) -> list[Remark]:
    """Signs that carriers refuse and links that citizens should not be asked to trust."""
    remarks = [_link(each) for each in _FOREIGN_LINK.findall(text)]
    if counted:
        remarks += [_sign(each) for each in sorted(set(_DISLIKED.findall(text)))]
    return remarks


def _unaccented_only(accented: Parts, bare: Parts, limit: int) -> Remark:
    return Remark(
        "unaccented_only",
        f"Có dấu thành {accented.parts} phần, quá giới hạn {limit}; chỉ gửi được không dấu "
        f"({bare.parts} phần).",
        f"Accented it takes {accented.parts} parts, above the limit of {limit}; only the "
        f"unaccented text ({bare.parts} parts) can be sent.",
    )


def _sign(sign: str) -> Remark:
    return Remark(
        "disliked_sign",
        f"Nhiều nhà mạng từ chối ký tự '{sign}'. Thay bằng chữ.",
        f"Many carriers refuse the sign '{sign}'. Write a word instead.",
    )


def _link(link: str) -> Remark:
    return Remark(
        "foreign_link",
        f"Đường dẫn '{link}' không thuộc tên miền .gov.vn; người dân dễ nhầm với tin giả mạo.",
        f"The link '{link}' is not under .gov.vn; citizens may take the message for a fraud.",
    )
