"""Values to canonical JSON, so that equal values have equal bytes and equal hashes."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def canonical(document: Any) -> bytes:
    """JSON types to bytes: sorted keys, NFC, UTF-8, no spaces, no escapes for letters."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return unicodedata.normalize("NFC", text).encode()


def plain(value: Any) -> Any:
    """A dataclass as JSON types. Fields at None are left out: absent and None are one."""
    if is_dataclass(value):
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {name: plain(inner) for name, inner in pairs if inner is not None}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    return value
