"""A small world to look at through the doors: two communes of two provinces, with keys.

Nobody here exists. Bulletins go through the real verbs; SMS leaves towards a simulated Twilio.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from dispatcher import bootstrap
from dispatcher.bootstrap import Runtime
from dispatcher.config import Settings
from dispatcher.domain.model import AddressKind
from dispatcher.domain.phone import mask
from dispatcher.ledger import keys as api_keys
from dispatcher.ledger import people, registry, routes
from dispatcher.ledger.keys import NewKey
from dispatcher.ledger.people import NewContact
from dispatcher.ledger.routes import NewRoute
from dispatcher.pulse import beat
from dispatcher.queue import InlineQueue
from dispatcher.sim.credentials import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN

#: Xã Gia Viễn, Ninh Bình; xã Đức Quang, Hà Tĩnh.
COMMUNE, FOREIGN = "14464", "18325"
NOW = 1_795_050_000_000
PUBLIC_URL = "http://testserver"

SPEAKER = "LOA-GV-0001"


@dataclass(frozen=True)
class World:
    """The runtime, and keys by who holds them: ``author``, ``approver``, …, ``stranger``."""

    runtime: Runtime
    keys: dict[str, str]
    accounts: dict[str, int]
    route: int

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}

    def work(self) -> None:
        """Everything that the engine has to do now."""
        beat(self.runtime.verbs)


def prepared(folder: Path) -> Runtime:
    """A runtime on an empty, prepared database."""
    settings = Settings(
        _env_file=None, data_dir=folder, public_url=PUBLIC_URL, loopback_routes=True
    )
    made = replace(bootstrap.build(settings), queue=InlineQueue())
    bootstrap.prepare(made, kind="test")
    return made


def people_of(runtime: Runtime, provider_url: str) -> World:
    """Fill a prepared database."""
    keys: dict[str, str] = {}
    accounts: dict[str, int] = {}
    with runtime.ledger.begin() as conn:
        centre = _agency(conn, "Trung tâm Thông tin cơ sở", "", None)
        commune = _agency(conn, "Ủy ban nhân dân xã Gia Viễn", COMMUNE, centre)
        foreign = _agency(conn, "Ủy ban nhân dân xã Đức Quang", FOREIGN, centre)
        for who, agency, role in (
            ("author", commune, "author"),
            ("approver", commune, "approver"),
            ("operator", commune, "operator"),
            ("auditor", commune, "auditor"),
            ("centre", centre, "auditor"),
            ("stranger", foreign, "operator"),
            ("administrator", commune, "administrator"),
        ):
            accounts[who] = registry.add_account(
                conn, agency_id=agency, name=f"Cán bộ {who}", office=role, roles=[role], now=NOW
            )
            keys[who] = f"loa_test_{who}_0123456789abcdef0123456789abcdef"
            api_keys.add(conn, keys[who], NewKey(accounts[who], "test"), by=0, now=NOW)
        village = registry.add_locality(
            conn, area=COMMUNE, kind="thôn", name="Thôn Đông", search="dong"
        )
        _speaker(conn, runtime, commune, village)
        people.add(
            conn, runtime.ledger.vault, [_person(commune, village, n) for n in range(3)], NOW
        )
        own = {"agency": commune, "channel": "loudspeaker", "provider": "loa1", "settings": {}}
        routes.add(
            conn,
            runtime.ledger.vault,
            NewRoute(**own, name="Đài xã Gia Viễn", mode="test", rate=50),
        )
        route = routes.add(conn, runtime.ledger.vault, _twilio(commune, provider_url))
        stored = routes.load(conn, runtime.ledger.vault, route)
        assert stored is not None
    return World(runtime, keys, accounts, route)


def callback_url(route: int) -> str:
    return f"{PUBLIC_URL}/callbacks/{route}"


def _agency(conn, name, area, parent):  # type: ignore[no-untyped-def]
    return registry.add_agency(
        conn, name=name, short_name=name, area=area, hotline="1022", parent=parent, now=NOW
    )


def _speaker(conn, runtime, commune, village):  # type: ignore[no-untyped-def]
    station = registry.add_station(
        conn, agency_id=commune, area=COMMUNE, name="Đài Gia Viễn", hours={}, now=NOW
    )
    cluster = registry.NewSpeaker(
        station, SPEAKER, "Cụm loa thôn Đông", village, bytes(32), synthetic=True
    )
    registry.add_speakers(conn, runtime.ledger.vault, [cluster])


def _person(commune: int, village: int, number: int) -> NewContact:
    phone = f"+8491234000{number}"
    return NewContact(
        agency=commune,
        name=f"Đinh Thị Mẫu {number}",
        area=COMMUNE,
        locality=village,
        lang="vi",
        addresses=((AddressKind.PHONE, phone, mask(phone)),),
        responsible=number == 0,
        office="Trưởng thôn" if number == 0 else "",
        source="dữ liệu giả lập",
        external_id=f"mau-{number}",
        synthetic=True,
    )


def _twilio(commune: int, url: str) -> NewRoute:
    """Route number 2 of an empty database: its callback address says so."""
    return NewRoute(
        agency=commune,
        channel="sms",
        provider="twilio",
        name="SMS thử nghiệm",
        mode="test",
        settings={
            "account_sid": TWILIO_ACCOUNT_SID,
            "auth_token": TWILIO_AUTH_TOKEN,
            "sender": "+15005550006",
            "base_url": url,
            "callback_url": callback_url(2),
        },
        rate=100,
    )
