"""Turns values into pages: the templates, their words and how numbers and times are written."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dispatcher.bootstrap import templates_dir
from dispatcher.domain import second_factor
from dispatcher.web.console.words import say
from dispatcher.web.language import LANGUAGES, preferred

#: Vietnam has one time zone and no summer time.
_HANOI = timezone(timedelta(hours=7))

_LANGUAGE_COOKIE = "loa_lang"


class Pages:
    """Renders the console's templates. Autoescaping is on; a missing name is an error."""

    def __init__(self, folder: Path | None = None) -> None:
        loader = FileSystemLoader(folder or templates_dir() / "console")
        self._templates = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["moment"] = moment

    def text(self, name: str, lang: str, values: dict[str, Any]) -> str:
        """One template in one language."""

        def words(key: str, **given: object) -> str:
            return say(lang, key, **given)

        def number(value: int) -> str:
            grouped = f"{value:,}"
            return grouped if lang == "en" else grouped.replace(",", ".")

        return self._templates.get_template(name).render(
            say=words, number=number, lang=lang, **values
        )

    def page(
        self, request: Request, name: str, values: dict[str, Any], status: int = 200
    ) -> HTMLResponse:
        """A whole page; a language chosen with ``?lang=`` is remembered.

        ``own_form()`` in a template is the field without which a session's form is refused.
        """
        lang = language(request)
        other = "vi" if lang == "en" else "en"
        turned = request.url.include_query_params(lang=other)
        csrf = getattr(request.state, "csrf", "")
        values = {
            "here": request.url.path,
            "other": other,
            "turned": f"{turned.path}?{turned.query}",
            "actor": None,
            "csrf": csrf,
            "own_form": lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(csrf),
            "lacking": second_factor.lacking,
            **values,
        }
        answer = HTMLResponse(self.text(name, lang, values), status)
        if request.query_params.get("lang") in LANGUAGES:
            answer.set_cookie(_LANGUAGE_COOKIE, lang, 31_536_000, samesite="lax", httponly=True)
        return answer


def language(request: Request) -> str:
    """What the address asks for, else what was chosen before, else the browser's wish."""
    wishes = (request.query_params.get("lang"), request.cookies.get(_LANGUAGE_COOKIE))
    return next((each for each in wishes if each in LANGUAGES), preferred(request.headers))


def moment(at: int) -> str:
    """Epoch ms as people in Vietnam write it: ``17:05 ngày 22/11/2026`` without the word."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(_HANOI).strftime("%H:%M %d/%m/%Y")
