"""The dispatch page as people use it: live, by keyboard, on a phone, without barriers."""

from __future__ import annotations

import time

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route, expect
from starlette.testclient import TestClient

from dispatcher.domain.model import DispatchState
from dispatcher.ledger import dispatches
from tests.web import walk
from tests.web.serving import served
from tests.web.visiting import session_of
from tests.web.world import World


def pause(world: World, number: int, why: str) -> None:
    """As another person would, elsewhere."""
    with world.runtime.ledger.begin() as conn:
        dispatches.set_state(
            conn, number, DispatchState.PAUSED, was=[DispatchState.RUNNING], why=why
        )


def test_a_stream_tells_what_changed_and_nothing_twice(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    with served(world) as url, httpx2.Client(base_url=url, timeout=10) as visitor:
        visitor.cookies.set("loa", session_of(world, "auditor").secret)
        path = f"/console/dispatches/{number}/live"
        first = next_event(visitor, path, "")
        pause(world, number, "chờ lệnh")
        second = next_event(visitor, path, first["id"])
    assert "Đang phát" in first["data"]
    assert "chờ lệnh" in second["data"]
    assert first["id"] != second["id"]


def next_event(visitor: httpx2.Client, path: str, last: str) -> dict[str, str]:
    """The first event after ``last``."""
    event = {"id": "", "data": ""}
    with visitor.stream("GET", path, headers={"Last-Event-ID": last}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name in event:
                event[name] += value
            if not line and event["id"]:
                return event
    raise AssertionError("the stream ended without an event")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_page_updates_itself_and_has_no_barriers(
    client: TestClient, world: World, browser: Browser, width: int, scheme: str
) -> None:
    number = walk.started(client, world)
    with served(world) as url:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, locale="vi-VN"
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        cookie = {"name": "loa", "value": session_of(world, "operator").secret, "url": url}
        context.add_cookies([cookie])
        page.goto(f"{url}/console/dispatches/{number}")
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        pause(world, number, "chờ lệnh của Chủ tịch")
        expect(page.locator("#progress")).to_contain_text("chờ lệnh của Chủ tịch", timeout=20_000)
        page.reload()
        page.locator(".act-resume summary").focus()
        page.keyboard.press("Enter")
        page.locator("#why-resume").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#progress .state")).to_have_text("Đang phát")
        context.close()
    assert complaints == []


@pytest.mark.browser
def test_a_slow_script_does_not_leave_the_page_standing(
    client: TestClient, world: World, browser: Browser
) -> None:
    """On a slow line the extension arrives long after htmx itself."""
    number = walk.started(client, world)
    with served(world) as url:
        context = browser.new_context(locale="vi-VN")
        cookie = {"name": "loa", "value": session_of(world, "operator").secret, "url": url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.route("**/hx-sse.min.js", late)
        with page.expect_request("**/live?*", timeout=20_000):
            page.goto(f"{url}/console/dispatches/{number}", wait_until="commit")
        context.close()


def late(route: Route) -> None:
    time.sleep(1)
    route.continue_()
