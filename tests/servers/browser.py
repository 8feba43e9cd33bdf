"""Debian's Chromium, driven by Playwright, whose own download is not used."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# No graphics card, and no word to anybody but the pages under test.
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def serve() -> Iterator[Browser]:
    """A browser; each test opens its own context."""
    # Chromium's sandbox refuses root.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_program(), args=[*_FLAGS, *sandbox], headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


def _program() -> str:
    if named := os.environ.get("LOA_TEST_CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise RuntimeError("no Chromium: run tools/system-deps or set LOA_TEST_CHROMIUM")
    return found
