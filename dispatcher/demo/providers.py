"""The providers of the demo, each in its own process, and the routes to them."""

import base64
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from dispatcher.bootstrap import Runtime
from dispatcher.domain.templates import Templates
from dispatcher.ledger import routes
from dispatcher.ledger.routes import NewRoute
from dispatcher.sim import credentials, launch

#: What ordinary good providers do: some latency, receipts within a second, a few doubled.
_MANNERS = {"latency": [0.02, 0.08], "receipt_delay": [0.2, 0.8], "receipts_doubled": 0.01}


@dataclass
class Providers:
    """Simulators and the routes to them. ``public``: where this installation is called back."""

    runtime: Runtime
    agency: int
    running: dict[str, launch.Started] = field(default_factory=dict)

    def add(self, name: str, route: NewRoute, kind: str, port: int, **options: object) -> int:
        """Store a route, then start its provider on the port the route names."""
        with self.runtime.ledger.begin() as conn:
            number = routes.add(conn, self.runtime.ledger.vault, route)
        here = f"{self.runtime.settings.public_url}/callbacks/{number}"
        for option, value in options.items():
            if value == "{callback}":
                options[option] = here
            elif value == "{inbound}":
                options[option] = f"{here}/inbound"
        self.running[name] = launch.start(kind, port=port, manners=_MANNERS, **options)
        return number

    def fail(self, name: str, seconds: float) -> None:
        """From now on, for so many seconds, the provider answers 503."""
        outage = {"outages": [[0.0, seconds]]}
        requests.post(f"{self.running[name].control}/_sim/manners", json=outage, timeout=5)

    def stop(self) -> None:
        for each in self.running.values():
            each.stop()


def connect(providers: Providers, head: str) -> None:
    """One provider a channel and two for SMS, of which the first will fail. ``head`` answers."""
    reply = f"84{head.lstrip('0')}$=1"
    _sms(providers, "sms-a", "SMS chính (mô phỏng)", 2, reply)
    _sms(providers, "sms-b", "SMS dự phòng (mô phỏng)", 1, reply)
    _mail(providers)
    _zalo(providers)
    _carrier(providers)
    with providers.runtime.ledger.begin() as conn:
        speakers = _route(providers, "loudspeaker", "loa1", "Đài truyền thanh xã", {}, rate=1000.0)
        routes.add(conn, providers.runtime.ledger.vault, speakers)


def _route(
    providers: Providers,
    channel: str,
    provider: str,
    name: str,
    settings: Mapping[str, Any],
    *,
    rate: float,
    price: float = 0.0,
    weight: int = 1,
) -> NewRoute:
    return NewRoute(
        agency=providers.agency,
        channel=channel,
        provider=provider,
        name=name,
        mode="test",
        settings=settings,
        rate=rate,
        price=price,
        weight=weight,
    )


def _sms(providers: Providers, key: str, name: str, weight: int, reply: str) -> None:
    port = _free_port()
    settings = {
        "account_sid": credentials.TWILIO_ACCOUNT_SID,
        "auth_token": credentials.TWILIO_AUTH_TOKEN,
        "sender": "UBNDDUCQUANG",
        "base_url": f"http://127.0.0.1:{port}",
        "callback_url": f"{providers.runtime.settings.public_url}/callbacks/{{route}}",
    }
    route = _route(
        providers, "sms", "twilio", name, settings, rate=450.0, price=780.0, weight=weight
    )
    providers.add(
        key, route, "twilio", port, progress="sent", share=["30003=0.03", "30005=0.01"],
        reply=[reply], inbound_url="{inbound}",
    )  # fmt: skip


def _mail(providers: Providers) -> None:
    port = _free_port()
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "starttls": False,
        "sender_name": "UBND xã Đức Quang",
        "sender_address": "thongbao@ducquang.dientap.example",
        "return_path_domain": "ducquang.dientap.example",
        "return_path_key": "chi-dung-cho-dien-tap",
    }
    route = _route(providers, "email", "smtp", "Máy chủ thư (mô phỏng)", settings, rate=300.0)
    providers.add("mail", route, "smtp", port, share=["550=0.02"])


def _zalo(providers: Providers) -> None:
    port, base = _free_port(), "http://127.0.0.1"
    numbers = _template_numbers(providers.runtime.authoring.templates)
    settings = {
        "app_id": credentials.ZALO_APP_ID,
        "oa_id": credentials.ZALO_OA_ID,
        "oa_secret": credentials.ZALO_OA_SECRET,
        "base_url": f"{base}:{port}",
        "templates": {name: number for name, (number, _) in numbers.items()},
    }
    route = _route(
        providers, "zalo", "zbs", "Zalo OA (mô phỏng)", settings, rate=450.0, price=200.0
    )
    shapes = [f"{number}={parameters}" for number, parameters in numbers.values()]
    number = providers.add(
        "zalo", route, "zalo", port, callback_url="{callback}", daily_quota=100_000,
        share=["-118=0.08", "-119=0.01", "seen=0.3"], template=shapes,
    )  # fmt: skip
    tokens = {
        "app_secret": credentials.ZALO_APP_SECRET,
        "access": credentials.ZALO_ACCESS_TOKEN,
        "refresh": credentials.ZALO_REFRESH_TOKEN,
        "renew_at": 4e9,
        "oauth_url": f"{base}:{port}",
    }
    with providers.runtime.ledger.begin() as conn:
        routes.put_tokens(conn, providers.runtime.ledger.vault, number, tokens)


def _template_numbers(templates: Templates) -> dict[str, tuple[str, str]]:
    """Our template → (the number Zalo gave it, its parameters with their longest values)."""
    worded = [each for each in templates.wordings.values() if each.template]
    return {
        each.template: (
            str(400_001 + order),
            ",".join(f"{name}:{each.params[name].longest}" for name in sorted(each.params)),
        )
        for order, each in enumerate(sorted(worded, key=lambda each: each.template))
    }


def _carrier(providers: Providers) -> None:
    port = _free_port()
    settings = {
        "base_url": f"http://127.0.0.1:{port}",
        "key_id": "loa-drill-sim",
        "signing_key": base64.b64encode(b"\x44" * 32).decode(),
        "drill": True,
        "callback_secret": credentials.CARRIER_CALLBACK_SECRET,
    }
    route = _route(providers, "ringback", "carrier", "Nhà mạng (mô phỏng)", settings, rate=5.0)
    providers.add("carrier", route, "carrier", port, callback_url="{callback}")


def _free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
