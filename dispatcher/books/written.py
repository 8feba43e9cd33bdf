"""What a version says of itself, of whichever version of Loa it is: canonical JSON, no checks."""

import json
from collections.abc import Mapping
from typing import Any


def symbol(content: bytes, later: str = "") -> str:
    """Its document symbol; the one that followed, if any did."""
    return later or str(_document(content).get("symbol", ""))


def title(content: bytes) -> str:
    """Its title in Vietnamese, or in the only language that it has."""
    titles = _document(content).get("title", {})
    return str(titles.get("vi") or next(iter(titles.values()), ""))


def _document(content: bytes) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(bytes(content))
    return read
