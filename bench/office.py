"""An installation to be measured: one commune, N invented people, one fast SMS provider."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatcher import bootstrap
from dispatcher.approve import approve
from dispatcher.author import author
from dispatcher.bootstrap import Runtime
from dispatcher.config import Settings
from dispatcher.domain.audience import Audience
from dispatcher.domain.content import Content
from dispatcher.domain.model import AddressKind, Mode
from dispatcher.ledger import people, registry, routes
from dispatcher.ledger.people import NewContact
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.routes import NewRoute
from dispatcher.propose import propose
from dispatcher.sim import credentials, launch
from dispatcher.submit import submit
from dispatcher.terms import Wish

#: Xã Đức Quang, tỉnh Hà Tĩnh.
COMMUNE = "18262"
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Office:
    """What is measured. ``provider``: the simulator's address."""

    runtime: Runtime
    author: Actor
    approver: Actor
    provider: str


@contextmanager
def office(count: int, database_url: str) -> Iterator[Office]:
    """Everything in place, nothing sent; the provider in a process of its own, without receipts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    provider = launch.start("twilio", port=port, manners={"receipt_delay": [7200, 7201]})
    with TemporaryDirectory(prefix="loa-bench-") as folder:
        runtime = bootstrap.build(
            Settings(
                data_dir=Path(folder),
                database_url=database_url,
                root_key="YmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggISE=",
                loopback_routes=True,
            )
        )
        try:
            bootstrap.prepare(runtime, kind="test")
            writer, approver = _accounts(runtime)
            _people(runtime, writer.agency, count)
            _route(runtime, writer.agency, provider.url)
            yield Office(runtime, writer, approver, provider.url)
        finally:
            provider.stop()
            runtime.close()


def start(place: Office) -> int:
    """An evacuation order to everybody, by SMS alone; returns the dispatch."""
    runtime = place.runtime
    text = files("dispatcher.demo").joinpath("evacuation.toml").read_text("utf-8")
    content = Content.from_toml(text, kinds=runtime.authoring.kinds, now=runtime.now())
    saved = author(runtime.ledger, runtime.authoring, place.author, content, ["sms"])
    wish = Wish(Audience(areas=(COMMUNE,)), ["sms"], Mode.TEST)
    approval = propose(runtime.ledger, runtime.traits, place.author, saved.version, wish)
    approve(runtime.ledger, place.approver, approval)
    return submit(runtime.ledger, runtime.queue, runtime.traits, place.author, approval)


def _accounts(runtime: Runtime) -> tuple[Actor, Actor]:
    with runtime.ledger.begin() as conn:
        now = runtime.now()
        agency = registry.add_agency(
            conn, name="UBND xã (đo tốc độ)", short_name="UBND xã", area=COMMUNE, hotline="1022",
            parent=None, now=now,
        )  # fmt: skip
        made = [
            registry.add_account(conn, agency_id=agency, name=name, office="", roles=roles, now=now)
            for name, roles in (("Người soạn", ["author", "operator"]), ("Duyệt", ["approver"]))
        ]
        found = [registry.actor(conn, each, "test") for each in made]
    return found[0], found[1]  # type: ignore[return-value] # both were made just now


def _people(runtime: Runtime, agency: int, count: int) -> None:
    for first in range(0, count, _AT_ONCE):
        with runtime.ledger.begin() as conn:
            crowd = [_person(agency, n) for n in range(first, min(count, first + _AT_ONCE))]
            people.add(conn, runtime.ledger.vault, crowd, runtime.now())


def _person(agency: int, number: int) -> NewContact:
    return NewContact(
        agency=agency,
        name=f"Người {number}",
        area=COMMUNE,
        locality=None,
        lang="vi",
        addresses=((AddressKind.PHONE, f"+849{10_000_000 + number:08d}", "***"),),
        responsible=False,
        office="",
        source="bench",
        external_id=f"b{number}",
        synthetic=True,
    )


def _route(runtime: Runtime, agency: int, url: str) -> None:
    settings = {
        "account_sid": credentials.TWILIO_ACCOUNT_SID,
        "auth_token": credentials.TWILIO_AUTH_TOKEN,
        "sender": "UBNDXA",
        "base_url": url,
        "callback_url": "http://127.0.0.1:9/callbacks/{route}",
    }
    new = NewRoute(
        agency=agency, channel="sms", provider="twilio", name="bench", mode="test",
        settings=settings, rate=100_000.0,
    )  # fmt: skip
    with runtime.ledger.begin() as conn:
        routes.add(conn, runtime.ledger.vault, new)
