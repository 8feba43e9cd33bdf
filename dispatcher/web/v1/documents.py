"""A bulletin as a request brings it: the same document as JSON or as the TOML of examples/."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from dispatcher.domain.authoring import parsed_json, parsed_toml
from dispatcher.domain.content import Content
from dispatcher.domain.errors import BadInput
from dispatcher.ledger import desk
from dispatcher.web.access import Here, Me

_TEXTS = {
    "description": 'A text, or texts by language: `{"vi": …, "en": …}`.',
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "object", "additionalProperties": {"type": "string"}, "required": ["vi"]},
    ],
}

#: The document's description. What a kind demands beyond it is in docs/kinds.md.
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "agency", "title", "body"],
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string"},
        "level": {"enum": ["normal", "priority", "emergency"]},
        "symbol": {"type": "string"},
        "legal_basis": {"type": "string"},
        "classification": {"enum": ["official", "advertising"]},
        "exposure": {"enum": ["public", "named"]},
        "valid_until": {
            "description": "RFC 3339 with offset, or a span from now: `+6h`.",
            "type": "string",
        },
        "agency": {
            "type": "object",
            "required": ["name", "short_name", "hotline"],
            "properties": {
                "name": _TEXTS,
                "short_name": {"type": "string"},
                "hotline": {"type": "string"},
            },
        },
        "responsible": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "office": {"type": "string"}},
        },
        "title": _TEXTS,
        "body": _TEXTS,
        "related": {
            "type": "object",
            "required": ["relation"],
            "properties": {
                "relation": {"enum": ["corrects", "withdraws", "ends"]},
                "symbol": {"type": "string"},
                "title": {"type": "string"},
            },
        },
        "facts": {"type": "object", "additionalProperties": _TEXTS},
        "overrides": {"type": "object", "additionalProperties": _TEXTS},
        "drill": {"type": "boolean"},
        "attachments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "sha256"],
                "properties": {
                    "name": {"type": "string"},
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                },
            },
        },
    },
}

#: A document that is to be approved in advance has a table more (docs/approval.md).
_IN_ADVANCE: dict[str, Any] = {
    **_SCHEMA,
    "required": [*_SCHEMA["required"], "preapproved"],
    "properties": {
        **_SCHEMA["properties"],
        "preapproved": {
            "type": "object",
            "required": ["name", "valid_h"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "channels": {"type": "array", "items": {"type": "string"}},
                "valid_h": {"type": "integer", "minimum": 1, "maximum": 48},
                "until": {"type": "string"},
                "blanks": {"type": "object", "additionalProperties": {"type": "object"}},
            },
        },
    },
}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema},
                "application/toml": {"schema": {"type": "string"}},
            },
        }
    }


#: What the description says of a route that takes such a document.
BODY: dict[str, Any] = _body(_SCHEMA)
BODY_IN_ADVANCE: dict[str, Any] = _body(_IN_ADVANCE)


async def _raw(request: Request) -> tuple[bytes, bool]:
    """The body, and whether it says that it is TOML."""
    return await request.body(), "toml" in request.headers.get("content-type", "")


def _parsed(_me: Me, raw: Annotated[tuple[bytes, bool], Depends(_raw)]) -> dict[str, Any]:
    return _document(*raw)


#: The document before it is judged as a bulletin.
Document = Annotated[dict[str, Any], Depends(_parsed)]


def _content(here: Here, document: Document) -> Content:
    with here.ledger.read() as conn:
        now = desk.now(conn)
    return Content.from_document(document, kinds=here.authoring.kinds, now=now)


def _document(body: bytes, toml: bool) -> dict[str, Any]:  # noqa: FBT001 - what _raw found
    try:
        return parsed_toml(body.decode()) if toml else _with_times(parsed_json(body))
    except (UnicodeDecodeError, RecursionError):
        raise BadInput(
            "unreadable",
            "Nội dung phải là JSON hoặc TOML, mã hóa UTF-8.",
            "The body must be JSON or TOML in UTF-8.",
        ) from None


def _with_times(document: dict[str, Any]) -> dict[str, Any]:
    """JSON has no date-times: one written as RFC 3339 becomes what TOML would have given."""
    until = document.get("valid_until")
    if not isinstance(until, str) or until.startswith("+"):
        return document
    try:
        return {**document, "valid_until": datetime.fromisoformat(until)}
    except ValueError:
        return document


Written = Annotated[Content, Depends(_content)]

Channels = Annotated[
    list[str] | None, Query(max_length=10, description="Channels to render; the kind's own.")
]
