"""Document symbols (số, ký hiệu văn bản) as people type them: ``12/cđ - ubnd`` is 12/CĐ-UBND."""

import unicodedata


def key(symbol: str) -> str:
    """What two spellings of one symbol have in common: no spaces, no capitals, NFC."""
    return unicodedata.normalize("NFC", "".join(symbol.split())).casefold()
