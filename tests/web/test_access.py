"""Who may see what: nothing without a key, nothing outside one's part of the tree."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dispatcher.sim.credentials import TWILIO_AUTH_TOKEN
from tests.web import walk
from tests.web.world import World

METHODS = ("get", "post")


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of everything in the API's description."""
    paths = app.openapi()["paths"]
    return [(method, path) for path, item in paths.items() for method in METHODS if method in item]


def filled(path: str, number: int) -> str:
    return re.sub(r"\{\w+\}", str(number), path)


def test_nothing_without_a_key_or_with_a_wrong_one(client: TestClient) -> None:
    wrong = {"Authorization": "Bearer loa_test_nobody"}
    answers = {
        (method, path, client.request(method, filled(path, 1), headers=headers).status_code)
        for method, path in routes(client.app)
        for headers in ({}, wrong)
    }
    assert len(answers) > 20
    assert {status for _, _, status in answers} == {401}


#: What belongs to the commune, as the API names it; a body where one is read.
OWNED = [
    ("get", "/v1/dispatches/{}", None),
    ("post", "/v1/dispatches/{}/pause", {}),
    ("post", "/v1/dispatches/{}/resume", {}),
    ("post", "/v1/dispatches/{}/cancel", {}),
    ("get", "/v1/dispatches/{}/deliveries", None),
    ("get", "/v1/dispatches/{}/deliveries/1", None),
    ("get", "/v1/bulletins/{}", None),
    ("get", "/v1/bulletins/{}/versions", None),
    ("get", "/v1/approvals/{}", None),
    ("post", "/v1/approvals/{}/decision", {"decision": "returned"}),
    ("post", "/v1/dispatches", {"approval": 1}),
]


def test_another_agency_s_things_do_not_exist(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    assert number == 1, "bulletin, approval and dispatch are the first of an empty database"
    headers = {**world.headers("stranger"), "Idempotency-Key": "la"}
    seen = {
        (path, client.request(method, path.format(number), json=body, headers=headers).status_code)
        for method, path, body in OWNED
    }
    assert {status for _, status in seen} == {404}
    for path in ("/v1/dispatches", "/v1/bulletins", "/v1/contacts"):
        assert client.get(path, headers=headers).json()["items"] == []


def test_who_is_above_sees_what_is_below(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    answer = client.get(f"/v1/dispatches/{number}", headers=world.headers("centre"))
    assert answer.json()["agency"] == "Ủy ban nhân dân xã Gia Viễn"


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
def test_an_auditor_changes_nothing(client: TestClient, world: World, act: str) -> None:
    number = walk.started(client, world)
    answer = client.post(
        f"/v1/dispatches/{number}/{act}", json={}, headers=world.headers("auditor")
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


def test_names_are_for_those_who_may_import(client: TestClient, world: World) -> None:
    def names(who: str) -> list[str | None]:
        items = client.get("/v1/contacts", headers=world.headers(who)).json()["items"]
        return [each["name"] for each in items]

    assert names("operator")[0] == "Đinh Thị Mẫu 0"
    assert names("auditor") == [None, None, None]


def test_no_number_and_no_secret_in_any_answer(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    paths = [filled(path, number) for method, path in routes(client.app) if method == "get"]
    texts = [
        client.get(path, params={"q": "Gia Viễn"}, headers=world.headers("operator")).text
        for path in paths
    ]
    for secret in ("91234000", "auth_token", TWILIO_AUTH_TOKEN, *world.keys.values()):
        assert [text for text in texts if secret in text] == []
    assert any("Cụm loa thôn Đông" in text for text in texts)
