"""The console without a browser: sessions, links, origins, headers, words, vendored files."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dispatcher.domain.model import DispatchState, Level, Unit
from dispatcher.domain.status import Evidence, Status
from dispatcher.web import tickets
from dispatcher.web.console import words
from dispatcher.web.shield import POLICY
from tests.web import walk
from tests.web.visiting import OWN, sign_in
from tests.web.world import PUBLIC_URL, World


def ticket(world: World, nonce: bytes = bytes(16)) -> str:
    runtime = world.runtime
    return tickets.issue(runtime.gateway_secret, world.accounts["auditor"], runtime.now(), nonce)


def test_who_is_not_signed_in_is_asked_to(client: TestClient) -> None:
    answer = client.get("/console/dispatches/1")
    assert answer.url.path == "/console/sign-in"


def test_a_link_lets_in_once(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    link = tickets.link("", ticket(world), number)
    assert client.get(link).url.path == f"/console/dispatches/{number}"
    client.cookies.clear()
    assert client.get(link).status_code == 401


@pytest.mark.parametrize(
    "spoil", [lambda text: text[:-2] + "AA", lambda text: text[:9], lambda _: "é"]
)
def test_a_link_that_is_not_ours_lets_nobody_in(client: TestClient, world: World, spoil) -> None:  # type: ignore[no-untyped-def]
    assert client.get("/console/enter", params={"ticket": spoil(ticket(world))}).status_code == 401


def test_a_link_ends_after_an_hour(world: World) -> None:
    secret, made = world.runtime.gateway_secret, 1_000_000
    text = tickets.issue(secret, 1, made, bytes(16))
    assert tickets.read(secret, text, made + tickets.GOOD_FOR_MS - 1) is not None
    assert tickets.read(secret, text, made + tickets.GOOD_FOR_MS) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://elsewhere.example"},
        {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_s_form_changes_nothing(
    client: TestClient, world: World, headers: dict[str, str]
) -> None:
    sign_in(client, world, "operator")
    number = walk.started(client, world)
    answer = client.post(f"/console/dispatches/{number}/cancel", headers=headers)
    assert answer.status_code == 403
    assert "Đang phát" in client.get(f"/console/dispatches/{number}").text


def test_controls_work_without_scripts(client: TestClient, world: World) -> None:
    sign_in(client, world, "operator")
    number = walk.started(client, world)
    page = client.post(f"/console/dispatches/{number}/pause", data={"why": "chờ lệnh"}, headers=OWN)
    assert "Tạm dừng" in page.text
    assert "chờ lệnh" in page.text


def test_an_auditor_is_offered_no_controls(client: TestClient, world: World) -> None:
    sign_in(client, world, "auditor")
    number = walk.started(client, world)
    assert "<form" not in client.get(f"/console/dispatches/{number}").text.split("<main")[1]


def test_another_agency_s_page_does_not_exist(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    sign_in(client, world, "stranger")
    for path in ("", "/live", "/cancel"):
        method = "POST" if path == "/cancel" else "GET"
        answer = client.request(method, f"/console/dispatches/{number}{path}", headers=OWN)
        assert answer.status_code == 404


def test_a_sound_is_played_in_parts_to_those_who_may_see_the_dispatch(
    client: TestClient, world: World
) -> None:
    number = walk.started(client, world)
    sign_in(client, world, "auditor")
    page = client.get(f"/console/dispatches/{number}").text
    link = re.search(r'src="(/console/media/[^"]+)"', page)
    assert link
    part = client.get(link[1], headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert part.headers["content-type"] == "audio/mpeg"
    client.cookies.clear()
    sign_in(client, world, "stranger")
    assert client.get(link[1]).status_code == 404


@pytest.mark.parametrize("path", ["/console/sign-in", "/v1/dispatches", "/static/console.css"])
def test_browsers_are_told_to_be_strict(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"


def test_english_is_chosen_and_remembered(client: TestClient) -> None:
    assert "Đăng nhập" in client.get("/console/sign-in").text
    assert "Sign in" in client.get("/console/sign-in?lang=en").text
    assert "Sign in" in client.get("/console/sign-in").text


def test_every_word_of_the_domain_has_words() -> None:
    units = [each.value for each in Unit]
    wanted = {f"status.{each.word}" for each in Status if each is not Status.DELIVERED}
    wanted |= {f"status.delivered.{unit}" for unit in units} | {f"unit.{unit}" for unit in units}
    wanted |= {f"evidence.{each.word}" for each in Evidence}
    wanted |= {f"level.{each.value}" for each in Level}
    wanted |= {f"state.{each.value}" for each in DispatchState}
    assert wanted - words.names() == set()


def test_every_word_of_the_templates_has_words() -> None:
    folder = Path(__file__).parents[2] / "templates" / "console"
    used = {
        name
        for template in folder.glob("*.html")
        for name in re.findall(r"""say\(["']([\w.]+)["'][,)]""", template.read_text())
    }
    assert len(used) > 30
    assert used - words.names() == set()


def test_vendored_files_are_what_the_manifest_says() -> None:
    vendor = files("dispatcher.web") / "static" / "vendor"
    lines = (vendor / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split()) for line in lines if not line.startswith("#"))
    present = {each.name for each in vendor.iterdir()} - {"SHA256SUMS"}
    assert listed.keys() == present
    for name, digest in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
