"""Nothing in the console changes by another page's doing: every unsafe route, every template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from dispatcher.ledger import sessions
from tests.web.serving import served
from tests.web.visiting import OWN, session_of, sign_in
from tests.web.world import PUBLIC_URL, World

TEMPLATES = Path(__file__).parents[2] / "templates" / "console"
FOREIGN = {"Origin": "https://elsewhere.example"}

#: Where nobody is signed in yet there is no session to ride on; all others answer 403.
SAFE = {"GET", "HEAD", "OPTIONS"}


def unsafe(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path with ones for parameters) of what the console can change."""
    found = [
        (method, re.sub(r"\{\w+(:\w+)?\}", "1", route.path))
        for route in _routes(app)
        if route.path.startswith("/console")
        for method in sorted(route.methods - SAFE)
    ]
    assert len(found) > 8
    return found


def _routes(app: FastAPI) -> list[APIRoute]:
    """The app's routes, those of included routers too."""
    pending, found = list(app.routes), []
    while pending:
        each = pending.pop()
        if isinstance(each, APIRoute):
            found.append(each)
        else:
            inside = getattr(each, "original_router", None)
            pending += inside.routes if inside is not None else []
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {},
        FOREIGN,
        {"Origin": "null"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
        {**OWN, "Sec-Fetch-Site": "none"},
        OWN,
        {**OWN, "X-CSRF-Token": ""},
        {**OWN, "X-CSRF-Token": "sai"},
        {**OWN, "X-CSRF-Token": "của người khác"},
    ],
    ids=["no origin", "foreign origin", "null origin", "cross-site", "same-site", "typed",
         "no token", "empty token", "wrong token", "another session's token"],
)  # fmt: skip
def test_no_unsafe_route_obeys_another_page(
    client: TestClient, world: World, headers: dict[str, str]
) -> None:
    mine = sign_in(client, world, "operator")
    client.headers.pop("X-CSRF-Token")
    if "của" in headers.get("X-CSRF-Token", ""):
        headers = {**headers, "X-CSRF-Token": session_of(world, "auditor").csrf}
    token_is_right = not set(headers) & {"X-CSRF-Token"} and headers != OWN
    form = {"csrf": mine.csrf} if token_is_right else {}
    answers = {
        (method, path): client.request(method, path, headers=headers, data=form).status_code
        for method, path in unsafe(client.app)  # type: ignore[arg-type]
    }
    assert {path: status for path, status in answers.items() if status != 403} == {}
    with world.runtime.ledger.read() as conn:
        assert sessions.actor(conn, mine.secret, idle_ms=7_200_000) is not None


@pytest.mark.parametrize("way", ["form", "multipart", "header"])
def test_one_s_own_page_is_obeyed(client: TestClient, world: World, way: str) -> None:
    mine = sign_in(client, world, "operator")
    client.headers.pop("X-CSRF-Token")
    sent = {
        "form": {"data": {"csrf": mine.csrf}},
        "multipart": {"files": {"csrf": (None, mine.csrf)}},
        "header": {"headers": {"X-CSRF-Token": mine.csrf}},
    }[way]
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL, **sent.pop("headers", {})}
    answer = client.post("/console/sign-out", headers=headers, **sent)  # type: ignore[arg-type]
    assert answer.url.path == "/console/sign-in"


def test_every_form_has_the_field() -> None:
    forms = [
        (template.name, form)
        for template in TEMPLATES.glob("*.html")
        for form in re.findall(r"(?s)<form method=\"post\".*?</form>", template.read_text())
    ]
    assert len(forms) > 8
    assert [name for name, form in forms if "{{ own_form() }}" not in form] == []


@pytest.mark.browser
def test_a_script_s_request_brings_the_token(world: World, browser: Browser) -> None:
    made = session_of(world, "operator")
    with served(world) as url:
        context = browser.new_context()
        context.add_cookies([{"name": "loa", "value": made.secret, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/console")
        page.add_script_tag(url=f"{url}/static/vendor/htmx.min.js")
        with page.expect_request(lambda each: each.method == "POST") as sent:
            page.evaluate("htmx.ajax('POST', '/console/account/sessions/end', {source: 'main'})")
        headers = sent.value.all_headers()
        context.close()
    assert headers["x-csrf-token"] == made.csrf
    assert headers["sec-fetch-site"] == "same-origin"
