"""Rotating access tokens of routes, kept in the ledger and renewed by one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from channels.door import Door
from channels.zalo.tokens import NoTokenError, RotatingTokens, TokenPair, TokenSource, TokenStore
from dispatcher.domain.errors import Failure
from dispatcher.domain.status import Reason
from dispatcher.ledger import routes
from dispatcher.ledger.routes import Route
from dispatcher.ledger.store import Ledger


def ledger_tokens(ledger: Ledger, route: Route, door: Door) -> TokenSource:
    """The token source of a route; one without tokens refuses in words."""
    with ledger.read() as conn:
        kept = routes.get_tokens(conn, ledger.vault, route.id)
    if kept is None:
        return _NoTokens()
    return RotatingTokens(
        str(route.settings.get("app_id", "")),
        SecretStr(str(kept["app_secret"])),
        _store(ledger, route.id),
        door,
        oauth_url=str(kept.get("oauth_url") or "https://oauth.zaloapp.com"),
    )


def _store(ledger: Ledger, route_id: int) -> TokenStore:
    def load() -> TokenPair:
        with ledger.read() as conn:
            kept = routes.get_tokens(conn, ledger.vault, route_id) or {}
        return TokenPair(kept["access"], kept["refresh"], kept["renew_at"])

    def save(pair: TokenPair) -> None:
        with ledger.begin() as conn:
            kept = dict(routes.get_tokens(conn, ledger.vault, route_id) or {})
            new = {"access": pair.access, "refresh": pair.refresh, "renew_at": pair.renew_at}
            routes.put_tokens(conn, ledger.vault, route_id, {**kept, **new})

    @contextmanager
    def lock() -> Iterator[None]:
        with ledger.exclusive(f"route_token:{route_id}"):
            yield

    return TokenStore(load, save, lock)


class _NoTokens:
    def get(self) -> str:
        raise NoTokenError(Failure(Reason.BAD_CREDENTIALS, words="no tokens stored for the route"))

    def refresh(self, _refused: str) -> str:
        return self.get()
