"""The verb that lists what personal data leaves by which route, and which of it the country.

Luật 91/2025/QH15 asks for a dossier of every transfer abroad: this is what has to stand in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dispatcher.domain.model import Traits
from dispatcher.ledger import routes
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.routes import Route
from dispatcher.ledger.store import Ledger

HOME = "VN"


@dataclass(frozen=True, slots=True)
class Crossing:
    """What one route sends where. ``abroad``: None when only its owner knows where the server is.

    ``sends``: as in ``Traits``; ``server``: the host that the route names, empty for the
    provider's own.
    """

    route: int
    name: str
    channel: str
    provider: str
    sends: tuple[str, ...]
    country: str
    server: str
    abroad: bool | None


def borders(ledger: Ledger, traits: Mapping[str, Traits], actor: Actor) -> list[Crossing]:
    """Of every route that the actor's agency may use. ``traits``: by provider."""
    with ledger.read() as conn:
        usable = routes.usable(conn, ledger.vault, actor.path, actor.mode)
    return [_crossing(route, traits[route.provider]) for route in usable]


def _crossing(route: Route, traits: Traits) -> Crossing:
    return Crossing(
        route=route.id,
        name=route.name,
        channel=route.channel,
        provider=route.provider,
        sends=traits.sends,
        country=traits.country,
        server=_server(route),
        abroad=_abroad(traits),
    )


def _abroad(traits: Traits) -> bool | None:
    if not traits.sends:
        return False
    return traits.country != HOME if traits.country else None


def _server(route: Route) -> str:
    given = route.settings.get("base_url") or route.settings.get("host") or ""
    return urlsplit(given).hostname or given if "://" in given else given
