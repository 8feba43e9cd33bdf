"""No log line can name or reach a recipient, whatever is written."""

from __future__ import annotations

import ast
import io
import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.domain.errors import Conflict
from dispatcher.logs import JsonLines

ROOT = Path(__file__).parents[1]

_SUBSCRIBER = st.from_regex(r"[0-9]{8}", fullmatch=True)
_GROUPING = st.sampled_from(["", " ", ".", "-", "\u00a0", " - "])


@st.composite
def phones(draw: st.DrawFn) -> str:
    """A number as people, programs and providers write it."""
    prefix = draw(st.sampled_from(["09", "03", "+849", "849", "+84 (0) 9", "00849", "024", "1900"]))
    digits = draw(_SUBSCRIBER)
    gap = draw(_GROUPING)
    return f"{prefix}{gap}{digits[:2]}{gap}{digits[2:5]}{gap}{digits[5:]}"


mailboxes = st.builds(
    "{}@{}.vn".format,
    st.text(
        st.characters(categories=["L", "Nd"], include_characters="._+-"), min_size=1, max_size=30
    ),
    st.from_regex(r"[a-z]{1,10}", fullmatch=True),
)
identities = st.from_regex(r"[0-9]{12}|[0-9]{15,20}", fullmatch=True)
around = st.text(st.characters(codec="utf-8"), max_size=20)


def written(message: str, *values: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("loa", logging.INFO, __file__, 1, message, values, info)
    return JsonLines().format(record)


def digits(text: str) -> str:
    return "".join(each for each in text if each.isdecimal() and each.isascii())


@given(secret=st.one_of(phones(), identities), before=around, after=around)
def test_a_number_that_reaches_somebody_is_in_no_line(secret: str, before: str, after: str) -> None:
    said = json.loads(written("%s to %s: %s", before, f"SĐT{secret}", f" {after}"))["message"]
    assert secret not in said
    assert digits(secret)[-8:] not in digits(said)


@given(secret=mailboxes, before=around, after=around)
def test_a_mailbox_is_in_no_line(secret: str, before: str, after: str) -> None:
    said = json.loads(written("%s <%s> %s", before, secret, after))["message"]
    assert secret not in said


@given(words=st.text(min_size=12, max_size=60))
def test_what_an_error_says_of_a_person_is_in_no_line(words: str) -> None:
    try:
        {}[words]
    except KeyError as error:
        line = written("could not", error=error)
    assert json.loads(line)["error"] == "builtins.KeyError"
    assert words not in line


ERRORS = [
    (Conflict("wrong_state", "Nguyễn Văn Mẫu", "Nguyễn Văn Mẫu"), "Conflict: wrong_state"),
    (
        OSError(111, "Connection refused", "0912345678"),
        "ConnectionRefusedError: Connection refused",
    ),
    (ValueError("Nguyễn Văn Mẫu"), "ValueError"),
]


@pytest.mark.parametrize(("error", "ending"), ERRORS)
def test_an_error_says_what_helps_and_not_whom_it_met(error: Exception, ending: str) -> None:
    assert json.loads(written("failed", error=error))["error"].endswith(ending)


def test_rows_keep_their_numbers() -> None:
    said = json.loads(written("batch %s of dispatch %s", 1_234_567, 42))["message"]
    assert said == "batch 1234567 of dispatch 42"


def test_a_message_that_does_not_fit_its_values_is_still_one_line() -> None:
    line = written("%d of %d", "x")
    assert json.loads(line)["message"] == "%d of %d"
    assert "\n" not in line


#: What log lines of the product may be filled with: rows by number, words of ours, codes.
ALLOWED = {
    "row.id",
    "self._claimed.batch",
    "holding.route.name",
    "failure.reason.code",
    "type(error).__name__",
    "request.scope.get('route')",
    "route",
    "where[0]",
    "self.request.method",
    "host",
    "result",
    "seconds",
    "self.folder / NEWEST",
    "place.kind",
    "refusal",
    "True",
}
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def log_arguments(path: Path) -> list[str]:
    """The values given to every call of ``log.…`` in a file."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    ]
    given_values = [
        value
        for call in calls
        for value in (*call.args[1:], *(each.value for each in call.keywords))
    ]
    return [ast.unparse(each) for each in given_values]


def test_every_value_that_is_logged_is_on_the_list() -> None:
    apart = {"sim", "player"}
    files = [
        path
        for top in ("dispatcher", "channels")
        for path in (ROOT / top).rglob("*.py")
        if not apart & set(path.parts)
    ]
    found = {value for path in files for value in log_arguments(path)}
    assert found - ALLOWED == set()


def test_configured_once_it_is_the_only_voice() -> None:
    from dispatcher import logs

    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    stream = io.StringIO()
    try:
        logs.configure(stream)
        logging.getLogger("uvicorn.error").warning("port %s", 8080)
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    assert json.loads(stream.getvalue())["logger"] == "uvicorn.error"
