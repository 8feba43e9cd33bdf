"""A commune's office at night: somebody on duty, a text approved by day, an agency above."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dispatcher.decide_preapproved import decide_preapproved
from dispatcher.domain.approvals import HOUR_MS
from dispatcher.domain.audience import Audience
from dispatcher.domain.preapproved import parse, to_values
from dispatcher.ledger.preapproved import State
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.shifts import NewShift
from dispatcher.open_shift import open_shift
from dispatcher.propose_preapproved import propose_preapproved
from dispatcher.release import Filling, Released, release
from tests.ledger import world as worlds
from tests.ledger.world import COMMUNE
from tests.verbs.office import Office

SCHOOL, HALL = "Trường THCS xã Gia Viễn", "Nhà văn hóa Thôn Đông"

#: What the person on duty fills in.
FACTS = {"deadline": "17 giờ ngày 22/11", "shelter": SCHOOL}


def document(**more: Any) -> dict[str, Any]:
    """An evacuation with two blanks, as a file of TOML gives it."""
    given = {
        "kind": "evacuation",
        "level": "emergency",
        "agency": {
            "name": "Ủy ban nhân dân xã Gia Viễn",
            "short_name": "UBND xã Gia Viễn",
            "hotline": "1022",
        },
        "title": "Sơ tán các hộ ngoài đê",
        "body": "Nước sông lên nhanh, khu vực ngoài đê có nguy cơ ngập sâu.",
        "facts": {
            "where": "các hộ ngoài đê",
            "reason": "nước sông lên nhanh",
            "action": "mang giấy tờ, thuốc",
        },
        "preapproved": {
            "name": "Sơ tán ngoài đê",
            "channels": ["sms"],
            "valid_h": 6,
            "blanks": {"deadline": {"longest": 40}, "shelter": {"choices": [SCHOOL, HALL]}},
        },
    }
    return {**given, **more}


def duty_officer(office: Office, name: str = "Hoàng Văn Trực") -> Actor:
    """Somebody of the commune who may be on duty, and is not yet."""
    return person(office, office.world.commune, name, "duty_officer")


def person(office: Office, agency: int, name: str, role: str) -> Actor:
    with office.ledger.begin() as conn:
        return replace(worlds.add_actor(conn, agency, name, "Cán bộ", role), mode="test")


def shift(office: Office, officer: Actor, hours: float = 12) -> int:
    """A shift of the officer from now on, opened by the commune's approver."""
    now = office.now()
    until = now + round(hours * HOUR_MS)
    new = NewShift(officer.account, office.world.commune, now, until, "15/QĐ-UBND")
    return open_shift(office.ledger, office.approver, new)


def proposed(office: Office, **more: Any) -> int:
    """A text that nobody has decided on."""
    text = parse(document(**more), office.desk.kinds, office.now())
    return propose_preapproved(office.ledger, office.desk, office.author, text)


def preapproved(office: Office, **more: Any) -> int:
    number = proposed(office, **more)
    decide_preapproved(office.ledger, office.approver, number, State.APPROVED)
    return number


def filling(number: int, **more: Any) -> Filling:
    facts = to_values(more.pop("facts", FACTS))
    given = {"values": facts, "audience": Audience(areas=(COMMUNE,)), **more}
    return Filling(number, **given)


def released(office: Office, officer: Actor, number: int, **more: Any) -> Released:
    """A text as the officer released it."""
    what = filling(number, **more)
    return release(office.ledger, office.queue, office.traits, office.desk, officer, what)
