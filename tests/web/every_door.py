"""Every route of the application: what it names, a body that is valid, and the right it takes.

A route that stands in none of the tables fails ``test_every_door.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.authority import RIGHTS
from tests.web import walk
from tests.web.neighbours import HOUR_MS, ROLES, WHY, Objects, in_advance, proposal, shift

Body = Callable[[Objects], dict[str, Any]]


def _nothing(_its: Objects) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Door:
    """One method of one path.

    ``right``: roles without any of these words get 403; empty: everybody is let in. ``body``: the
    request's keywords for an agency's objects; ``names``: it names one of them;
    ``whose``: the object belongs to one person, with this role, and not to their agency.
    """

    method: str
    path: str
    right: str = ""
    body: Body = _nothing
    names: bool = False
    whose: str = ""

    def filled(self, its: Objects) -> dict[str, Any]:
        """Method, address and what else a request for these objects is made of."""
        return {"method": self.method, "url": self.path.format(**its), **self.body(its)}

    @property
    def holders(self) -> list[str]:
        """The roles that may, all where no right is asked for."""
        asked_for = set(self.right.split())
        return [role for role in ROLES if not asked_for or asked_for & RIGHTS.get(role, set())]

    @property
    def in_path(self) -> bool:
        """Whether the path names something of an agency's."""
        named = self.path.count("{")
        return named > sum(each in self.path for each in ("{code}", "{name}"))


def said(**values: Any) -> Body:
    """The same JSON whoever's objects they are."""
    return lambda _its: {"json": values}


def told(**values: str) -> Body:
    """JSON with values from the objects: field → the object's name."""
    return lambda its: {"json": {field: its[kind] for field, kind in values.items()}}


def asked(**values: str) -> Body:
    """A query, the same whoever's objects they are."""
    return lambda _its: {"params": values}


def both(made: Body, **more: Any) -> Body:
    return lambda its: {"json": {**made(its)["json"], **more}}


def _toml(_its: Objects) -> dict[str, Any]:
    return {"content": walk.EVACUATION, "headers": walk.TOML}


def _person(its: Objects) -> dict[str, Any]:
    return {"json": {"kind": "phone", "value": its["phone"], "why": WHY}}


def _list(_its: Objects) -> dict[str, Any]:
    rows = "họ tên,số điện thoại,mã xã\nĐinh Văn Mẫu,0912340099,14464\n"
    return {"files": {"file": ("dan.csv", rows)}, "data": {"source": "giả lập"}}


def _invoice(its: Objects) -> dict[str, Any]:
    form = {"route": str(its["route"]), "month": "2026-01", "columns": "reference=Sid,parts=N"}
    return {"data": form, "files": {"invoice": ("hoa-don.csv", "Sid,N\nSM1,1\n")}}


def _leave(its: Objects) -> dict[str, Any]:
    until = its["from_at"] + HOUR_MS
    return {"json": {"account": its["account"], "role": "author", "until": until, "basis": "QĐ 1"}}


_FILLED = said(audience={"areas": ["14464"]}, facts={"deadline": "17 giờ"})
_ORDER = both(told(at="from_at"), by=1, how="phone")
_SIGNED = said(name="Nguyễn Văn Mẫu", office="Chủ tịch")
_DAYS = {"from": "2026-01-01", "to": "2026-12-31"}

#: What ends somebody's work stands last: each door is opened once by who has the right.
DOORS = (
    Door("GET", "/v1/agencies"),
    Door("GET", "/v1/agencies/{agency}"),
    Door("GET", "/v1/accounts"),
    Door("GET", "/v1/accounts/{account}"),
    Door("GET", "/v1/grants"),
    Door("GET", "/v1/grants/{grant}"),
    Door("GET", "/v1/keys"),
    Door("GET", "/v1/areas", "", asked(q="Đức Quang")),
    Door("GET", "/v1/areas/{code}/localities"),
    Door("GET", "/v1/contacts"),
    Door("GET", "/v1/bulletins"),
    Door("GET", "/v1/bulletins/{bulletin}"),
    Door("GET", "/v1/bulletins/{bulletin}/versions"),
    Door("GET", "/v1/approvals"),
    Door("GET", "/v1/approvals/{approval}"),
    Door("GET", "/v1/approvals/{approval}/difference"),
    Door("GET", "/v1/preapproved"),
    Door("GET", "/v1/preapproved/{text}"),
    Door("GET", "/v1/shifts"),
    Door("GET", "/v1/shifts/{shift}"),
    Door("GET", "/v1/outside-approvals"),
    Door("GET", "/v1/dispatches"),
    Door("GET", "/v1/dispatches/{dispatch}"),
    Door("GET", "/v1/dispatches/{dispatch}/deliveries"),
    Door("GET", "/v1/dispatches/{dispatch}/deliveries/{delivery}"),
    Door("GET", "/v1/routes"),
    Door("GET", "/v1/books/{name}", "audit", asked(**_DAYS)),
    Door("GET", "/v1/personal/exports"),
    Door("GET", "/v1/personal/borders"),
    Door("GET", "/console"),
    Door("GET", "/console/dispatches/{dispatch}"),
    Door("GET", "/console/dispatches/{dispatch}/live"),
    Door("GET", "/console/media/{sha256}", "",
         lambda its: {"params": {"dispatch": its["dispatch"]}}),
    Door("GET", "/console/recovery", "configure"),
    Door("POST", "/v1/searches/dispatches", "audit", told(agency="agency"), names=True),
    Door("POST", "/v1/searches/deliveries", "audit", told(agency="agency"), names=True),
    Door("POST", "/v1/reconciliations", "audit", _invoice, names=True),
    Door("POST", "/v1/agencies", "grant",
         both(told(parent="agency"), name="Phòng Văn hóa", short_name="VH", area="14464"),
         names=True),
    Door("POST", "/v1/accounts", "grant",
         both(told(agency="agency"), name="Người Mới", office="văn thư"), names=True),
    Door("POST", "/v1/grants", "grant",
         both(told(account="account", agency="agency"), role="author"), names=True),
    Door("POST", "/v1/grants/delegations", "draft", _leave, names=True),
    Door("POST", "/v1/keys", "grant", told(account="account"), names=True),
    Door("POST", "/v1/contacts/import", "import", _list),
    Door("POST", "/v1/bulletins/preview", "", _toml),
    Door("POST", "/v1/bulletins", "draft", _toml),
    Door("POST", "/v1/bulletins/{bulletin}/versions", "draft", _toml),
    Door("POST", "/v1/approvals", "submit", lambda its: {"json": proposal(its)}, names=True),
    Door("POST", "/v1/outside-approvals", "submit",
         both(told(version="version"), channel="sms", subject="Mẫu 2"), names=True),
    Door("POST", "/v1/outside-approvals/{outside_approval}/answer", "start",
         said(state="granted")),
    Door("POST", "/v1/preapproved", "submit", lambda _its: in_advance("thêm")),
    Door("POST", "/v1/preapproved/{text}/decision", "approve", said(decision="approved")),
    Door("POST", "/v1/preapproved/{text}/release", "release", _FILLED),
    Door("POST", "/v1/shifts", "approve configure", lambda its: {"json": shift(its)}, names=True),
    Door("POST", "/v1/approvals/{approval}/verbal-release", "release", _ORDER),
    Door("POST", "/v1/approvals/{approval}/release-on-behalf", "approve", _SIGNED),
    Door("POST", "/v1/approvals/{approval}/confirmation", "approve"),
    Door("POST", "/v1/approvals/{approval}/symbol", "submit", said(symbol="13/CĐ-UBND")),
    Door("POST", "/v1/approvals/{approval}/revision", "approve", said(title={"vi": "Sơ tán gấp"})),
    Door("POST", "/v1/approvals/{approval}/decision", "approve", said(decision="approved")),
    Door("POST", "/v1/approvals/{approval}/pull-back", "submit"),
    Door("POST", "/v1/dispatches", "start", told(approval="approved"), names=True),
    Door("POST", "/v1/dispatches/{dispatch}/pause", "pause", said(why="kiểm tra")),
    Door("POST", "/v1/dispatches/{dispatch}/resume", "pause", said(why="kiểm tra")),
    Door("POST", "/console/dispatches/{dispatch}/pause", "pause"),
    Door("POST", "/console/dispatches/{dispatch}/resume", "pause"),
    Door("POST", "/v1/contacts/{contact}/reveal", "reveal", said(field="phone", why=WHY)),
    Door("POST", "/v1/personal/reports", "report", _person),
    Door("POST", "/v1/personal/reports/page", "report", _person),
    Door("POST", "/v1/personal/opt-outs", "opt_out",
         lambda its: {"json": {"kind": "phone", "value": its["phone"], "how": "letter"}}),
    Door("POST", "/v1/personal/exports", "ask_export", said(area="", why=WHY)),
    Door("POST", "/v1/personal/exports/{export}/decision", "decide_export",
         said(decision="approved")),
    Door("POST", "/v1/personal/exports/{export}/file", whose="operator"),
    Door("POST", "/console/account/acting", "",
         lambda its: {"data": {"agency": its["agency"], "mode": "test"}}, names=True),
    Door("POST", "/console/account/sessions/{number}/end", whose="author"),
    Door("POST", "/console/recovery/login", "configure",
         lambda its: {"data": {"account": its["account"], "login": "nguoi.moi"}}, names=True),
    Door("POST", "/console/recovery", "configure", lambda _its: {"data": {"login": "nguoi.moi"}}),
    Door("POST", "/v1/dispatches/{dispatch}/cancel", "cancel", said(why="kiểm tra")),
    Door("POST", "/console/dispatches/{dispatch}/cancel", "cancel"),
    Door("POST", "/v1/preapproved/{text}/withdrawal", "approve"),
    Door("POST", "/v1/shifts/{shift}/cancel", "approve configure"),
    Door("POST", "/v1/keys/{key}/revoke", "grant"),
    Door("POST", "/v1/grants/{grant}/revoke", "grant"),
    Door("POST", "/v1/accounts/{account}/close", "grant"),
    Door("POST", "/v1/personal/erasures", "erase",
         lambda its: {"json": {**_person(its)["json"], "on": "2026-11-19"}}),
)  # fmt: skip

#: Pages about nobody but who is signed in: they name nothing and take no right.
OWN = {
    ("GET", "/console/account"),
    ("POST", "/console/account/sessions/end"),
    ("GET", "/console/account/password"),
    ("POST", "/console/account/password"),
    ("GET", "/console/account/second-factor"),
    ("POST", "/console/account/second-factor"),
}

#: Doors for somebody who is not in yet, or for no person, and why.
PUBLIC = {
    ("GET", "/"): "leads to the console",
    ("GET", "/v1/openapi.json"): "how the API is described is no secret",
    ("GET", "/callbacks/{route}"): "providers prove themselves by signature (test_callbacks.py)",
    ("POST", "/callbacks/{route}"): "providers prove themselves by signature (test_callbacks.py)",
    ("GET", "/callbacks/{route}/inbound"): "as above",
    ("POST", "/callbacks/{route}/inbound"): "as above",
    ("GET", "/healthz"): "for load balancers",
    ("GET", "/readyz"): "for load balancers",
    ("GET", "/metrics"): "to this machine only (test_health.py)",
    ("GET", "/console/sign-in"): "where one comes in",
    ("POST", "/console/sign-in"): "where one comes in",
    ("GET", "/console/welcome"): "leads on, wherever one stands",
    ("GET", "/console/second-factor"): "where one comes in",
    ("POST", "/console/second-factor"): "where one comes in",
    ("GET", "/console/recover"): "opens with a link only (test_sign_in.py)",
    ("POST", "/console/recover"): "opens with a link only (test_sign_in.py)",
    ("GET", "/console/enter"): "opens with a view link only (test_console.py)",
    ("POST", "/console/sign-out"): "leads out",
}

#: Applications of their own below this one, and why no role counts there.
MOUNTS = {
    "/devices": "loudspeakers prove themselves by their keys (tests/loudspeaker)",
    "/static": "style and script of the pages",
}
