"""Two neighbouring communes, their province and another province, everybody with every role.

The first commune (``HERE``) and the province (``ABOVE``) have one object of every kind that a
path or a body of the application names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from starlette.testclient import TestClient

from dispatcher.bootstrap import Runtime
from dispatcher.domain.authority import RIGHTS
from dispatcher.domain.model import AddressKind
from dispatcher.domain.phone import mask
from dispatcher.ledger import bulletins, desk, people, registry, routes, sessions
from dispatcher.ledger import keys as api_keys
from dispatcher.ledger.keys import NewKey
from dispatcher.ledger.people import NewContact
from dispatcher.ledger.routes import NewRoute
from dispatcher.ledger.tables import contact_list
from dispatcher.sim.credentials import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
from tests.web import visiting, walk
from tests.web.world import COMMUNE, NOW, World

HERE, BESIDE, ABOVE, ELSEWHERE = "commune", "neighbour", "province", "other province"

#: What stands in every row of the commune's, and in nobody else's.
MARK = "Gia Viễn"

#: The roles, and none at all.
ROLES = (*RIGHTS, "none")

HOUR_MS = 3_600_000
WHY = "Xác minh theo đề nghị của thôn"

#: Place → (name, area, place above).
_TREE = {
    ABOVE: ("Ủy ban nhân dân tỉnh Ninh Bình", "37", None),
    HERE: (f"Ủy ban nhân dân xã {MARK}", COMMUNE, ABOVE),
    BESIDE: ("Ủy ban nhân dân xã Gia Vân", "14488", ABOVE),
    ELSEWHERE: ("Ủy ban nhân dân tỉnh Hà Tĩnh", "42", None),
}

_IN_ADVANCE = """
[preapproved]
name = "Sơ tán ngoài đê"
channels = ["sms"]
valid_h = 6
until = "+180d"

[preapproved.blanks]
deadline = { longest = 40 }
"""

Objects = dict[str, Any]


@dataclass(frozen=True)
class Country:
    """The places as worlds of their own on one runtime, the objects by place, and sessions."""

    places: dict[str, World]
    objects: dict[str, Objects]
    sessions: dict[tuple[str, str], sessions.NewSession]

    def by_key(self, place: str, role: str) -> dict[str, str]:
        return self.places[place].headers(role)

    def by_session(self, place: str, role: str) -> dict[str, str]:
        made = self.sessions[place, role]
        return {**visiting.OWN, "Cookie": f"loa={made.secret}", "X-CSRF-Token": made.csrf}


def settled(runtime: Runtime, client: TestClient, provider_url: str) -> Country:
    """Fill a prepared database through the application's own doors wherever there is one."""
    agencies, places = _places(runtime, provider_url)
    objects = {
        place: _objects(client, places[place], agencies[place], _TREE[place][0])
        for place in (HERE, ABOVE)
    }
    signed_in = {
        (place, role): visiting.session_of(world, role)
        for place, world in places.items()
        for role in ROLES
    }
    for place, its in objects.items():
        with runtime.ledger.read() as conn:
            owner = places[place].accounts["author"]
            row = sessions.of_account(conn, owner, idle_ms=HOUR_MS)[0]
            its["number"] = sessions.number(row.digest)
    return Country(places, objects, signed_in)


def _places(runtime: Runtime, url: str) -> tuple[dict[str, int], dict[str, World]]:
    agencies: dict[str, int] = {}
    places: dict[str, World] = {}
    for place, (name, area, above) in _TREE.items():
        with runtime.ledger.begin() as conn:
            agencies[place] = registry.add_agency(
                conn,
                name=name,
                short_name=name,
                area=area,
                hotline="1022",
                parent=agencies[above] if above else None,
                now=NOW,
            )
            keys, accounts = _people(conn, agencies[place], name)
        route = _routes(runtime, agencies[place], name, url)
        places[place] = World(runtime, keys, accounts, route)
    return agencies, places


def _people(conn: Any, agency: int, name: str) -> tuple[dict[str, str], dict[str, int]]:
    keys, accounts = {}, {}
    for role in ROLES:
        roles = [] if role == "none" else [role]
        accounts[role] = registry.add_account(
            conn, agency_id=agency, name=f"Cán bộ {name}", office=role, roles=roles, now=NOW
        )
        keys[role] = f"loa_test_{agency}_{role}_0123456789abcdef0123456789abcdef"
        api_keys.add(conn, keys[role], NewKey(accounts[role], "test"), by=0, now=NOW)
    return keys, accounts


def _routes(runtime: Runtime, agency: int, name: str, url: str) -> int:
    """A loudspeaker and an SMS route of the agency's own; the latter's number."""
    settings = {
        "account_sid": TWILIO_ACCOUNT_SID,
        "auth_token": TWILIO_AUTH_TOKEN,
        "sender": "+15005550006",
        "base_url": url,
        "callback_url": "http://testserver/callbacks/1",
    }
    ways = (("loudspeaker", "loa1", {}), ("sms", "twilio", settings))
    with runtime.ledger.begin() as conn:
        made = [
            routes.add(
                conn,
                runtime.ledger.vault,
                NewRoute(
                    agency=agency,
                    channel=channel,
                    provider=provider,
                    name=f"{channel} {name}",
                    mode="test",
                    settings=settings,
                    rate=100,
                ),
            )
            for channel, provider, settings in ways
        ]
    return made[-1]


def _objects(client: TestClient, world: World, agency: int, name: str) -> Objects:
    """One of every kind, by the name that a path gives it."""
    its: Objects = {"agency": agency, "route": world.route, "code": COMMUNE, "name": "bulletins"}
    its |= _rows(world, agency, name)
    _spoken(client, world, its)
    made = Maker(client, world)
    asked = {"version": its["version"], "channel": "sms", "subject": f"Mẫu của {name}"}
    its["approval"] = made("author", "/approvals", json=proposal(its))
    its["text"] = made("author", "/preapproved", **in_advance(name))
    its["outside_approval"] = made("author", "/outside-approvals", json=asked)
    its["export"] = made("operator", "/personal/exports", json={"area": "", "why": WHY})
    _somebody(client, made, its, name)
    return its


@dataclass(frozen=True)
class Maker:
    """Makes things through the API and tells their numbers."""

    client: TestClient
    world: World

    def __call__(self, who: str, path: str, **more: Any) -> int:
        headers = self.world.headers(who) | more.pop("headers", {})
        answer = self.client.post(f"/v1{path}", headers=headers, **more)
        assert answer.status_code == 201, f"{path}: {answer.text}"
        return int(answer.json()["id"])


def _rows(world: World, agency: int, name: str) -> Objects:
    """What no door makes: a citizen and a list."""
    phone = f"+8491234{agency:04}"
    citizen = NewContact(
        agency=agency,
        name="Đinh Thị Mẫu",
        area=COMMUNE,
        locality=None,
        lang="vi",
        addresses=((AddressKind.PHONE, phone, mask(phone)),),
        responsible=False,
        office="",
        source=f"giả lập, {name}",
        external_id="mau-1",
        synthetic=True,
    )
    with world.runtime.ledger.begin() as conn:
        people.add(conn, world.runtime.ledger.vault, [citizen], NOW)
        listed = insert(contact_list).values(agency_id=agency, name=f"Tổ trưởng {name}")
        number = conn.execute(listed.returning(contact_list.c.id)).scalar_one()
        return {"contact": people.last_id(conn), "list": number, "phone": phone}


def _spoken(client: TestClient, world: World, its: Objects) -> None:
    """A dispatch with its sound and deliveries, an approval to start, and a bulletin to go on."""
    its["dispatch"] = walk.started(client, world)
    its["approved"] = walk.approved(client, world)
    its |= walk.written(client, world)
    with world.runtime.ledger.read() as conn:
        sounds = [each.sample.media for each in bulletins.renditions_of(conn, its["version"])]
    its["sha256"] = next(each.sha256 for each in sounds if each)
    path = f"/v1/dispatches/{its['dispatch']}/deliveries"
    shown = client.get(path, headers=world.headers("auditor")).json()
    its["delivery"] = shown["items"][0]["id"]


def _somebody(client: TestClient, made: Maker, its: Objects, name: str) -> None:
    """An account with a right, a key and a shift, which nobody works with."""
    newcomer = {"agency": its["agency"], "name": f"Người trực {name}", "office": "trực"}
    its["account"] = made(
        "administrator", "/accounts", json={**newcomer, "roles": ["duty_officer"]}
    )
    its["key"] = made("administrator", "/keys", json={"account": its["account"]})
    with made.world.runtime.ledger.read() as conn:
        its["from_at"] = desk.now(conn) + HOUR_MS
    its["shift"] = made("administrator", "/shifts", json=shift(its))
    answer = client.get(
        f"/v1/grants?account={its['account']}", headers=made.world.headers("administrator")
    )
    its["grant"] = answer.json()["items"][0]["id"]


def proposal(its: Objects, *, lists: tuple[int, ...] = ()) -> dict[str, Any]:
    """A body that submits the version for approval."""
    audience = {"areas": [COMMUNE], "lists": list(lists)}
    return {"version": its["version"], "audience": audience, "channels": ["sms"], "mode": "test"}


def shift(its: Objects) -> dict[str, Any]:
    """A body that puts the account on duty for an hour."""
    hours = {"from_at": its["from_at"], "until_at": its["from_at"] + HOUR_MS}
    return {"account": its["account"], "basis": "QĐ 1/QĐ-UBND", **hours}


def in_advance(name: str) -> dict[str, Any]:
    """A request with a text to be approved in advance, whose name is like the agency's."""
    table = _IN_ADVANCE.replace("ngoài đê", f"ngoài đê, {name}")
    head, _, rest = walk.EVACUATION.partition("[agency]")
    lines = [line for line in head.splitlines() if not line.startswith(("valid_until", "symbol"))]
    return {"content": "\n".join(lines) + "\n[agency]" + rest + table, "headers": walk.TOML}
