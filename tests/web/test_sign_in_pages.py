"""The pages of signing in as people see them: no barriers, no scripts needed, a narrow screen."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dispatcher.ledger import credentials
from dispatcher.signin import recovery
from tests.web.serving import served
from tests.web.visiting import PASSWORD, appoint, code, gate_of, give_login, session_of
from tests.web.world import World

pytestmark = pytest.mark.browser

#: Behind the session. There is no dispatch 1: the page says so.
PAGES = ("account", "account/password", "account/second-factor", "recovery", "dispatches/1")


def barriers(page: Page, width: int) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    found = [each["id"] for each in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth") > width
    return [*found, *(["too wide"] if wide else [])]


@pytest.mark.parametrize(
    ("width", "scheme", "lang"), [(360, "dark", "vi-VN"), (1280, "light", "en-GB")]
)
def test_no_page_of_signing_in_has_barriers(
    world: World, browser: Browser, width: int, scheme: str, lang: str
) -> None:
    give_login(world, "approver")
    appoint(world, "approver", "approver")
    gate = gate_of(world)
    with world.runtime.ledger.begin() as conn:
        row = credentials.by_login(conn, "approver")
        assert row is not None
        ticket = recovery.issue(gate, conn, row, by=0)
    with served(world) as url:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, locale=lang
        )
        page, found, complaints = context.new_page(), {}, []
        page.on("console", lambda message: complaints.append(message.text))
        for path in ("sign-in", f"recover?ticket={ticket}"):
            page.goto(f"{url}/console/{path}")
            found[path] = barriers(page, width)
        cookie = {"name": "loa", "value": session_of(world, "approver").secret, "url": url}
        context.add_cookies([cookie])
        for path in PAGES:
            page.goto(f"{url}/console/{path}")
            found[path] = barriers(page, width)
        context.close()
    assert {path: what for path, what in found.items() if what} == {}
    assert [each for each in complaints if "404" not in each] == []


def test_an_approver_comes_in_by_keyboard_and_without_scripts(
    world: World, browser: Browser
) -> None:
    give_login(world, "approver")
    with served(world) as url:
        context = browser.new_context(java_script_enabled=False, locale="vi-VN")
        page = context.new_page()
        page.goto(f"{url}/console")
        page.locator("#login").focus()
        page.keyboard.type("approver")
        page.keyboard.press("Tab")
        page.keyboard.insert_text(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/console/account/second-factor")
        secret = re.sub(r"\s", "", page.locator("main code").inner_text())
        page.locator("#code").fill(code(secret))
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".codes li")).to_have_count(10)
        page.get_by_text("Đăng xuất").click()
        page.wait_for_url(f"{url}/console/sign-in")
        context.close()
