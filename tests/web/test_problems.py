"""Every refusal is a problem+json with a type, words in the caller's language, and no echo."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dispatcher.domain.errors import BadInput, Conflict, LoaError, NotFound, Unauthorised
from dispatcher.web import problems
from tests.web import walk
from tests.web.world import World

CASES = [
    ("get", "/v1/dispatches/99", None, 404, "not_found"),
    ("get", "/v1/dispatches/x", None, 422, "invalid"),
    ("get", "/v1/nowhere", None, 404, "not_found"),
    ("put", "/v1/dispatches", None, 405, "wrong_method"),
    ("post", "/v1/approvals", {"version": 1}, 422, "invalid"),
    ("post", "/v1/bulletins", {"kind": "la lung"}, 422, "unknown_kind"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), CASES)
def test_a_refusal_is_a_problem(  # type: ignore[no-untyped-def]
    client: TestClient, world: World, method, path, body, status, code
) -> None:
    answer = client.request(method, path, json=body, headers=world.headers("author"))
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        ("", "Không có ở đây."),
        ("en", "There is nothing here."),
        ("vi-VN,vi;q=0.9,en;q=0.8", "Không có ở đây."),
        ("en-GB,en;q=0.9,vi;q=0.1", "There is nothing here."),
        ("fr", "Không có ở đây."),
    ],
)
def test_words_are_in_the_caller_s_language(
    client: TestClient, world: World, accept: str, words: str
) -> None:
    headers = {**world.headers("author"), "Accept-Language": accept}
    assert client.get("/v1/dispatches/99", headers=headers).json()["detail"] == words


def test_the_wrong_field_is_named_and_its_value_is_not_repeated(
    client: TestClient, world: World
) -> None:
    answer = client.post(
        "/v1/approvals",
        json={"version": "số 0912345678", "audience": {}, "channels": ["sms"]},
        headers=world.headers("author"),
    )
    assert answer.json()["field"] == "version"
    assert "0912345678" not in answer.text


def test_more_than_a_mebibyte_is_refused(client: TestClient, world: World) -> None:
    headers = {**world.headers("author"), **walk.TOML}
    announced = client.post("/v1/bulletins", content=b"#" * (1 << 20) + b"#", headers=headers)
    streamed = client.post("/v1/bulletins", content=iter([b"#" * (1 << 20)] * 2), headers=headers)
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert streamed.json()["code"] == "too_large"


def test_a_body_that_is_no_json_has_no_field_at_fault(client: TestClient, world: World) -> None:
    headers = {**world.headers("author"), "Content-Type": "application/json"}
    problem = client.post("/v1/approvals", content=b'{"version": 1,', headers=headers).json()
    assert (problem["code"], problem["status"], problem["field"]) == ("unreadable", 422, "")
    assert "JSON" in problem["detail"]


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (Conflict("not_approved", "a", "b"), "Không làm được ở trạng thái hiện tại."),
        (Unauthorised("bad_signature", "a", "b"), "Không xác nhận được bên gửi."),
        (Unauthorised("no_key", "a", "b"), "Cần khóa API hợp lệ: Authorization: Bearer loa_…"),
        (BadInput("unknown_kind", "a", "b"), "Dữ liệu chưa đúng."),
        (NotFound("no_approval", "a", "b"), "Không có ở đây."),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_the_title_says_what_kind_of_problem_it_is(error: LoaError, title: str) -> None:
    def ask() -> None:
        raise error

    app = FastAPI()
    problems.install(app)
    app.add_api_route("/ask", ask)
    answer = TestClient(app).get("/ask")
    assert (answer.status_code, answer.json()["title"]) == (error.status, title)


def test_the_bare_address_leads_to_the_console(client: TestClient) -> None:
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
