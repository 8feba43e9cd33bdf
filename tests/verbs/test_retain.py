"""What is old goes, a little at a time; what proves something stays."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, update

from dispatcher.domain.retention import DAY_MS, DEFAULTS, Periods
from dispatcher.ledger import entries, retention
from dispatcher.ledger.tables import (
    act,
    address,
    alarm,
    contact,
    idempotency,
    media,
    page,
    receipt,
    rendition,
    session,
    suppression,
    throttle,
)
from dispatcher.retain import retain
from tests.ledger import world as worlds
from tests.verbs.office import Office
from tests.verbs.provider import Provider
from tests.verbs.test_personal import audit, refuse

PERIODS = Periods(DEFAULTS)


def run(office: Office, **days: int) -> dict[str, int]:
    """A whole day's work, by class."""
    total: dict[str, int] = {}
    while counts := retain(office.ledger, Periods({**DEFAULTS, **days}), "a"):
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total


def put(office: Office, table: Table, **values: Any) -> None:
    with office.ledger.begin() as conn:
        conn.execute(insert(table).values(**values))


def count(office: Office, table: Table, *where: Any) -> int:
    with office.ledger.read() as conn:
        return conn.scalar(select(func.count()).select_from(table).where(*where)) or 0


def ago(office: Office, days: float) -> int:
    return office.now() - round(days * DAY_MS)


def word(office: Office, number: int, days: float) -> None:
    numbers = ("attempt", "status", "reason", "evidence", "at", "state")
    put(
        office, receipt, **dict.fromkeys(numbers, 0), digest=bytes([number]), provider_ref="",
        code="delivered", received_at=ago(office, days), sealed=b"raw",
    )  # fmt: skip


def remove(office: Office, person: int, days: float) -> None:
    with office.ledger.begin() as conn:
        conn.execute(
            update(contact).where(contact.c.id == person).values(removed_at=ago(office, days))
        )


def test_raw_words_go_and_what_they_meant_stays(office: Office) -> None:
    word(office, 1, 181)
    word(office, 2, 179)
    assert run(office) == {"receipts": 1}
    assert count(office, receipt, receipt.c.sealed.is_(None), receipt.c.code == "delivered") == 1
    assert count(office, receipt) == 2


def test_removed_people_lose_their_names_then_their_addresses(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    worlds.add_people(office.ledger, [worlds.person(office.world, 0)], ago(office, 800))
    office.people(1, first=1)
    refuse(office)
    place = office.started()
    remove(office, 1, 366)
    assert run(office) == {"removed": 1, "addresses": 1}
    assert count(office, contact, func.length(contact.c.name) == 0) == 1
    assert count(office, address, address.c.erased_at.is_not(None)) == 1
    assert count(office, suppression, suppression.c.how == "reply") == 1
    assert len(office.rows(place)) == 2
    report = audit(office)
    assert (report.findings, report.verified) == ((), True)


def test_an_address_somebody_still_has_stays(office: Office) -> None:
    household = replace(worlds.person(office.world, 0), name="Nguyễn Thị Mẫu")
    family = [worlds.person(office.world, 0), household]
    worlds.add_people(office.ledger, family, ago(office, 800))
    remove(office, 1, 700)
    assert run(office) == {"removed": 1}
    assert count(office, address, address.c.erased_at.is_(None)) == 1


def test_names_in_old_alarms_go(office: Office) -> None:
    for number, days in ((1, 181), (2, 1)):
        put(
            office, alarm, dispatch_id=1, code="no_answer", subject=f"contact:{number}",
            words="Trưởng thôn Nguyễn Văn Mẫu chưa xác nhận", raised_at=ago(office, days),
        )  # fmt: skip
    assert run(office) == {"alarms": 1}
    assert count(office, alarm, alarm.c.words == "") == 1


def test_sessions_and_tries_that_are_over_go(office: Office) -> None:
    author, made = office.world.author, ago(office, 40)
    for number, until in ((1, ago(office, 31)), (2, ago(office, -1))):
        put(
            office, session, digest=bytes([number]), account_id=author.account,
            agency_id=author.agency, mode="test", csrf="", strong=False, device="",
            created_at=made, seen_at=made, until=until,
        )  # fmt: skip
    put(office, throttle, key=b"1", since=made, count=1)
    assert run(office) == {"sessions": 2}
    assert (count(office, session), count(office, throttle)) == (1, 0)


def test_answers_to_repeated_requests_go_after_a_day(office: Office) -> None:
    for key, days in (("old", 1.1), ("new", 0.5)):
        put(
            office, idempotency, account_id=office.author.account, key=key, fingerprint=b"",
            created_at=ago(office, days),
        )  # fmt: skip
    assert run(office) == {"answers": 1}


def test_a_sound_that_a_rendition_names_stays(office: Office) -> None:
    office.people(1)
    _, version, _ = office.proposed()
    for sha in ("a" * 64, "b" * 64):
        put(
            office, media, sha256=sha, recipe=sha, mime="audio/mpeg", duration_ms=1, lufs=-16.0,
            data=b"", created_at=ago(office, 400),
        )  # fmt: skip
    put(
        office, rendition, version_id=version, channel="loudspeaker", lang="vi",
        body=f'{{"audio":"{"a" * 64}"}}'.encode(), digest=b"",
    )  # fmt: skip
    assert run(office) == {"media": 1}
    assert count(office, media, media.c.sha256 == "a" * 64) == 1


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_class_can_be_kept_for_ever(office: Office, name: str) -> None:
    word(office, 1, 10_000)
    assert run(office, **{name: 0}) == ({} if name == "receipts" else {"receipts": 1})


def test_the_work_of_a_day_is_done_a_little_at_a_beat_and_entered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(25):
        word(office, number, 200)
    assert retain(office.ledger, PERIODS, "a") == {"receipts": 20}
    assert retain(office.ledger, PERIODS, "a") == {"receipts": 5}
    assert retain(office.ledger, PERIODS, "a") == {}
    word(office, 99, 200)
    assert retain(office.ledger, PERIODS, "a") == {}
    with office.ledger.read() as conn:
        query = select(page.c.body).join(act, act.c.page_id == page.c.id)
        bodies = list(conn.scalars(query.where(act.c.name == "retain").order_by(page.c.id)))
    facts = [
        json.loads(bytes(entry)[1:])["facts"] for body in bodies for entry in entries.unpack(body)
    ]
    assert facts == [{"rows": {"receipts": 20}}, {"rows": {"receipts": 5}}]


def test_another_process_at_the_same_work_is_left_alone(office: Office) -> None:
    word(office, 1, 200)
    assert retain(office.ledger, PERIODS, "a") == {"receipts": 1}
    assert retain(office.ledger, PERIODS, "b") == {}


def test_every_class_has_its_work() -> None:
    assert list(retention.CLASSES) == list(DEFAULTS)
