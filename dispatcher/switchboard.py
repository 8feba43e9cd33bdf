"""Routes as working channels: built from their settings, pooled per thread."""

import threading
import time
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from channels import PROVIDERS, Equipment
from channels.base import Channel
from channels.door import Door, Egress
from channels.loudspeaker.loa1 import Loa1, Publisher
from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.model import Mode, Traits
from dispatcher.ledger import bulletins, routes
from dispatcher.ledger.routes import Route
from dispatcher.ledger.store import Ledger
from dispatcher.tokens import ledger_tokens

#: How long a changed setting may go unnoticed by callbacks.
_REMEMBER_S = 5.0

#: Channels whose provider is ourselves.
_OWN = "loa1"


class Switchboard:
    """Gives each thread its own channel for a route, with its own connections."""

    def __init__(
        self, ledger: Ledger, publisher: Publisher, clock: Callable[[], int], *, loopback: bool
    ) -> None:
        self._ledger, self._publisher, self._clock = ledger, publisher, clock
        self._loopback = loopback
        self._local = threading.local()
        self._doors: list[Door] = []

    def connect(self, route: Route) -> Channel:
        """The channel of a route. Raises Misconfigured, naming the setting that is wrong."""
        pool: dict[tuple[int, str], Channel] = self._local.__dict__.setdefault("pool", {})
        key = (route.id, repr(sorted(route.settings.items())))
        if key not in pool:
            pool[key] = self._build(route)
        return pool[key]

    def close(self) -> None:
        """Hang up everywhere. Only when no thread sends any more."""
        for door in self._doors:
            door.close()

    def by_number(self, number: int) -> Channel | None:
        """The channel of a route by its number, None if there is none; looked up anew at times."""
        known: dict[int, tuple[float, Channel]] = self._local.__dict__.setdefault("known", {})
        found = known.get(number)
        if found and time.monotonic() - found[0] < _REMEMBER_S:
            return found[1]
        with self._ledger.read() as conn:
            route = routes.load(conn, self._ledger.vault, number)
        if route is None:
            return None
        known[number] = (time.monotonic(), self.connect(route))
        return known[number][1]

    def _build(self, route: Route) -> Channel:
        if route.provider == _OWN:
            return Loa1(self._publisher, self._clock, _sleep_until)
        provider = PROVIDERS[route.provider]
        settings = checked_settings(route.provider, dict(route.settings))
        egress = Egress(private=self._loopback and route.mode == Mode.TEST)
        door = Door(egress, connections=settings.connections, timeout_s=settings.timeout_s)
        self._doors.append(door)
        lent = Equipment(
            door=door,
            egress=egress,
            media=self._media,
            tokens=ledger_tokens(self._ledger, route, door),
            clock=time.time,
        )
        return provider.make(settings, lent)

    def _media(self, sha256: str) -> bytes:
        with self._ledger.read() as conn:
            data = bulletins.media_data(conn, sha256)
        if data is None:
            raise LookupError(f"no sound {sha256}")
        return data


def traits_table() -> dict[str, Traits]:
    """What the engine may know of each channel."""
    all_traits = [*(provider.traits for provider in PROVIDERS.values()), Loa1.traits]
    return {traits.channel: traits for traits in all_traits}


def traits_by_provider() -> dict[str, Traits]:
    """The same by the name that routes use."""
    return {name: each.traits for name, each in PROVIDERS.items()} | {_OWN: Loa1.traits}


def checked_settings(provider: str, settings: dict[str, Any]) -> Any:
    """A provider's settings as its own type. Raises Misconfigured, naming the first wrong one."""
    try:
        return PROVIDERS[provider].settings.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            "bad_route",
            f"Thiết lập '{field}' của kết nối '{provider}' sai: {first['msg']}",
            f"Setting '{field}' of a '{provider}' route is wrong: {first['msg']}",
            field=field,
        ) from None


def _sleep_until(moment: float) -> None:
    wait = moment - time.monotonic()
    if wait > 0:
        time.sleep(wait)
