"""Errors as RFC 9457 problem+json: a stable ``type``, words for people, the field at fault.

``docs/api.md`` lists the types.
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from dispatcher.domain.errors import LoaError
from dispatcher.web.console.pages import Pages, language
from dispatcher.web.language import preferred

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: What HTTP itself can object to: status → (code, Vietnamese, English).
_OF_STATUS: Mapping[int, tuple[str, str, str]] = {
    400: ("bad_request", "Yêu cầu không đọc được.", "The request cannot be read."),
    401: (
        "no_key",
        "Cần khóa API hợp lệ: Authorization: Bearer loa_…",
        "A valid API key is needed: Authorization: Bearer loa_…",
    ),
    403: ("forbidden", "Không được phép.", "Not allowed."),
    404: ("not_found", "Không có ở đây.", "There is nothing here."),
    405: ("wrong_method", "Phương thức không dùng được ở đây.", "Not with this method."),
    406: ("not_acceptable", "Không có định dạng này.", "Not in this format."),
    409: (
        "conflict",
        "Không làm được ở trạng thái hiện tại.",
        "Not possible in the present state.",
    ),
    413: ("too_large", "Dữ liệu gửi lên quá lớn.", "The request is too large."),
    415: ("wrong_type", "Kiểu dữ liệu không được hỗ trợ.", "Unsupported media type."),
    422: ("invalid", "Dữ liệu chưa đúng.", "The input is not valid."),
    429: ("too_many", "Quá nhiều yêu cầu. Hãy chờ một lát.", "Too many requests. Wait a little."),
    500: ("internal", "Lỗi của hệ thống, đã ghi lại.", "Our fault; it has been noted."),
    503: ("unavailable", "Tạm thời chưa phục vụ được.", "Not available at the moment."),
}


#: Titles of codes that are not what their status mostly means: code → (Vietnamese, English).
_OF_CODE: Mapping[str, tuple[str, str]] = {
    "bad_signature": (
        "Không xác nhận được bên gửi.",
        "The sender could not be verified.",
    ),
    "idempotency_key_missing": ("Thiếu khóa Idempotency-Key.", "Idempotency-Key is missing."),
    "unreadable": ("Dữ liệu gửi lên không đọc được.", "The input cannot be read."),
}


#: Where the console asks for what is missing, by the error's code; else for login and password.
_WAY_IN = {"code_awaited": "/console/second-factor"}


class Problem(BaseModel):
    """RFC 9457. ``type`` identifies the problem, ``field`` the part of the input at fault."""

    type: str = Field(examples=["/problems/not_found"])
    title: str
    status: int
    detail: str
    code: str
    field: str = ""


#: Declared on every route of the API, so that the description says all that can come.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": _OF_STATUS[status][2],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (400, 401, 403, 404, 409, 413, 422, 429)
}


def install(app: FastAPI) -> None:
    """Make the application answer every error as a problem."""
    app.add_exception_handler(LoaError, _of_loa)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(ClientDisconnect, _of_absence)
    app.add_exception_handler(Exception, _of_bug)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    field: str = "",
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = Problem(
        type=f"/problems/{code}", title=title, status=status, detail=detail, code=code, field=field
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def of_status(
    request: Request, status: int, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem that a bare HTTP status is."""
    code, vi, en = _OF_STATUS.get(status, _OF_STATUS[400])
    words = en if preferred(request.headers) == "en" else vi
    return problem(status, code, words, words, headers=headers)


def words_of(request: Request, error: LoaError) -> str:
    """An error's sentence in the language of the request."""
    return error.en if preferred(request.headers) == "en" else error.vi


async def _of_loa(request: Request, error: Exception) -> Response:
    assert isinstance(error, LoaError)  # noqa: S101 - registered for this type alone
    if _in_console(request):
        return _page(request, error.status, words_of(request, error), error.code)
    title = _title(request, error.status, error.code)
    return problem(error.status, error.code, title, words_of(request, error), error.field)


def _title(request: Request, status: int, code: str) -> str:
    """What kind of problem it is: the same for all of a code, and mostly of a status."""
    vi, en = _OF_CODE.get(code) or _OF_STATUS.get(status, _OF_STATUS[400])[1:]
    return en if preferred(request.headers) == "en" else vi


async def _of_validation(request: Request, error: Exception) -> Response:
    """Names the first wrong field and never repeats what was sent: it may be personal."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type alone
    if _in_console(request):
        return _page(request, 422, _sentence(request, 422))
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if place == ["header", "Idempotency-Key"]:
        return _no_key(request)
    if first["type"] == "json_invalid":
        return _no_json(request, place[-1])
    english = preferred(request.headers) == "en"
    field = ".".join(place[1:])
    detail = f"{field}: {first['msg']}" if english else f"Trường '{field}' chưa đúng."
    return problem(422, "invalid", _title(request, 422, "invalid"), detail, field)


def _no_json(request: Request, position: str) -> JSONResponse:
    """A body that is no JSON has no fields; ``position`` counts its characters from 0."""
    detail = (
        f"The body is not valid JSON (at character {position}). Correct it and send it again."
        if preferred(request.headers) == "en"
        else f"Nội dung gửi lên không phải JSON đúng (tại ký tự {position}). Sửa rồi gửi lại."
    )
    return problem(422, "unreadable", _title(request, 422, "unreadable"), detail)


def _in_console(request: Request) -> bool:
    return request.url.path.startswith("/console")


def _page(request: Request, status: int, words: str, code: str = "") -> Response:
    """An error as a person sees it; who is not signed in is asked to."""
    if status == 401:
        return RedirectResponse(_way_in(request, code), 303)
    pages: Pages = request.app.state.pages
    return pages.page(request, "problem.html", {"words": words, "code": code}, status)


def _way_in(request: Request, code: str) -> str:
    """The page that asks, which leads back to what was looked for."""
    page = _WAY_IN.get(code, "/console/sign-in")
    return f"{page}?to={quote(request.url.path)}" if request.method == "GET" else page


def _sentence(request: Request, status: int) -> str:
    _, vi, en = _OF_STATUS.get(status, _OF_STATUS[400])
    return en if language(request) == "en" else vi


def _no_key(request: Request) -> JSONResponse:
    detail = (
        "Send an Idempotency-Key header of 1 to 200 characters, new for each act."
        if preferred(request.headers) == "en"
        else "Gửi kèm tiêu đề Idempotency-Key, 1 đến 200 ký tự, mỗi thao tác một khóa mới."
    )
    title = _title(request, 400, "idempotency_key_missing")
    return problem(400, "idempotency_key_missing", title, detail, "Idempotency-Key")


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
    if _in_console(request):
        return _page(request, error.status_code, _sentence(request, error.status_code))
    return of_status(request, error.status_code, error.headers)


async def _of_absence(_request: Request, _error: Exception) -> Response:
    """Who hung up before they had said everything says it again; nobody hears this answer."""
    return Response(status_code=400)


async def _of_bug(request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled %s at %s", type(error).__name__, request.scope.get("route"))
    return of_status(request, 500)
