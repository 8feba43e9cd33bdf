"""A session's browser is named so that its owner knows it again, and no further."""

from __future__ import annotations

import pytest

from dispatcher.web.console import browsers

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 {}"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME.format("Linux; Android 10; K"), "Chrome, Android"),
        (CHROME.format("Windows NT 10.0; Win64; x64") + " Edg/141.0.0.0", "Edge, Windows"),
        (CHROME.format("Windows NT 10.0") + " coc_coc_browser/141", "Cốc Cốc, Windows"),
        (APPLE.format("Version/26.0 Mobile/15E148 Safari/604.1"), "Safari, iPhone"),
        (APPLE.format("CriOS/141.0 Mobile/15E148 Safari/604.1"), "Chrome, iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox, Linux",
        ),
        ("curl/8.5.0", "–"),
        ("<script>alert(1)</script>", "–"),
        ("", "–"),
    ],
)
def test_a_browser_has_a_name(user_agent: str, name: str) -> None:
    assert browsers.name(user_agent) == name
