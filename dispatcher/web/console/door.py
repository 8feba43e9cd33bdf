"""What the pages of signing in work with, together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import BadInput, Conflict, LoaError, TooMany, Unauthorised
from dispatcher.signin.gate import Client, Gate
from dispatcher.web.access import Here
from dispatcher.web.console.pages import Pages
from dispatcher.web.console.session import Shown, cookie
from dispatcher.web.problems import words_of

#: What a person can put right on the same page.
CORRECTABLE = (BadInput, Conflict, TooMany, Unauthorised)

#: The cookie by which a browser is known to have signed in before.
KNOWN = "loa-known"


@dataclass(frozen=True, slots=True)
class Door:
    """One request at the installation: what came, what judges it, what answers."""

    here: Runtime
    request: Request
    shown: Pages

    @property
    def gate(self) -> Gate:
        found: Gate = self.request.app.state.gate
        return found

    @property
    def client(self) -> Client:
        address = self.request.client.host if self.request.client else ""
        return Client(address, self.request.cookies.get(cookie(self.here, KNOWN), ""))

    def page(self, name: str, values: Mapping[str, Any], error: LoaError | None = None) -> Response:
        """A page; with what went wrong, if something did, as ``wrong``."""
        words = words_of(self.request, error) if error else ""
        status = error.status if error else 200
        return self.shown.page(self.request, name, {"wrong": words, **values}, status)


def door(here: Here, request: Request, shown: Shown) -> Door:
    return Door(here, request, shown)


At = Annotated[Door, Depends(door)]
