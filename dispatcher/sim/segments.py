"""How a carrier cuts an SMS into parts (3GPP TS 23.038 section 6.2.1 and 23.040 section 9.2.3)."""

from __future__ import annotations

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes an escape and a character: two septets.
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")


def count_parts(text: str) -> int:
    """Parts of one message: 160/153 septets in GSM-7, else 70/67 UTF-16 code units."""
    if all(char in GSM7 or char in GSM7_EXTENDED for char in text):
        return _parts([2 if char in GSM7_EXTENDED else 1 for char in text], 160, 153)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67)


def _parts(widths: list[int], single: int, chained: int) -> int:
    """A character of two units is never cut in half, so a part may stay one unit short."""
    if sum(widths) <= single:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > chained:
            parts, used = parts + 1, 0
        used += width
    return parts
