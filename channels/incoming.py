"""Reading callbacks: what every provider's receipts have in common."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from channels.base import Malformed
from dispatcher.domain.model import Callback


def header(callback: Callback, name: str) -> str:
    """A header's value, whatever the case of its name; empty if it is missing."""
    wanted = name.lower()
    return next((value for key, value in callback.headers.items() if key.lower() == wanted), "")


def query(callback: Callback) -> dict[str, str]:
    """The fields of the URL's query; the last of equal names counts."""
    return dict(parse_qsl(urlsplit(callback.url).query, keep_blank_values=True))


def form(callback: Callback) -> dict[str, str]:
    """The fields of a form body; bytes that are no form give no fields."""
    body = callback.body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True))
    except ValueError:
        return {}


def json_object(callback: Callback) -> Mapping[str, Any]:
    """The body as a JSON object. Raises Malformed."""
    try:
        value = json.loads(callback.body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    return value


def moment(value: object) -> int:
    """Epoch milliseconds given as a number or in digits. Raises Malformed."""
    digits = str(value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise Malformed("a time is not in epoch milliseconds")
    return int(digits)
