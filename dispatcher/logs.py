"""What processes write about themselves: one JSON object a line, in which no recipient can be.

Three rules, the last for what the others let through: messages are ours and name rows by number;
of an error its type and place are written, and its own words only where they come from the
operating system or from us; at the end every line passes a mask of phone numbers, e-mail
addresses and other long numbers (CCCD, Zalo ids).
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from dispatcher.domain.errors import LoaError

#: Eight digits or more, however they are grouped: phones, CCCD (12), Zalo ids (15 to 20).
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s.\-()]{0,3}\d){7,}")
_MAILBOX = re.compile(r"[^\s<>@\"'(=,;:\[\]]+@[^\s<>@\"',;:)\]]+")
_LONGEST = 2_000

#: Libraries whose own lines quote addresses or web addresses with secrets in them.
_QUIET = ("uvicorn.access", "urllib3", "twilio", "mail.log", "asyncio")


def masked(words: str) -> str:
    """One line without what could name or reach a person."""
    line = " ".join(words[:_LONGEST].split())
    return _LONG_NUMBER.sub("•••", _MAILBOX.sub("•••", line))


class JsonLines(logging.Formatter):
    """``{"at", "level", "logger", "message"}`` and of an error ``error`` and ``frames``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(_said(record)),
        }
        kind, error, trace = record.exc_info or (None, None, None)
        if kind is not None and error is not None:
            line["error"] = masked(_words(error))
            line["frames"] = _frames(trace)
        return json.dumps(line, ensure_ascii=False)


def _said(record: logging.LogRecord) -> str:
    """The message; of somebody else's only that there was one, if it does not fit its values."""
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def _words(error: BaseException) -> str:
    """The type of an error, and what it says where that cannot be about a person."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, LoaError):
        return f"{kind}: {error.code}"
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    return kind


def _frames(trace: TracebackType | None) -> list[str]:
    """Where it happened: file, line and function, innermost last."""
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)[-12:]
    ]


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Let this process write so, and nothing else. Replaces what others have set up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("uvicorn", "uvicorn.error", "dramatiq"):
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = [], True
