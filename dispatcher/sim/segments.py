"""How a carrier cuts an SMS into parts (3GPP TS 23.038 section 6.2.1 and 23.040 section 9.2.3)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes an escape and a character: two septets.
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")
GSM7_ALL = GSM7 | GSM7_EXTENDED


def count_parts(text: str) -> int:
    """Parts of one message: 160/153 septets in GSM-7, else 70/67 UTF-16 code units."""
    chars = set(text)
    if chars <= GSM7_ALL:
        return _parts(text, chars & GSM7_EXTENDED, 160, 153)
    return _parts(text, {char for char in chars if ord(char) > 0xFFFF}, 70, 67)


def _parts(text: str, wide: AbstractSet[str], single: int, chained: int) -> int:
    """`wide` characters take two units and are never cut in half, so a part may stay one short."""
    if not wide:
        return 1 if len(text) <= single else -(-len(text) // chained)
    widths = [2 if char in wide else 1 for char in text]
    if sum(widths) <= single:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > chained:
            parts, used = parts + 1, 0
        used += width
    return parts
