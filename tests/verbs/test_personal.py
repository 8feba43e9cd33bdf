"""What is done with personal data: shown by an act, refused for good, erased without a trace."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, select

from dispatcher.domain import personal
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, NotFound, TooMany
from dispatcher.domain.model import AddressKind, Level
from dispatcher.domain.status import Reason, Status
from dispatcher.erase import Asked, Erased, erase
from dispatcher.ledger import entries
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.tables import act, address, contact, page, receipt, suppression
from dispatcher.ledger.tables import opt_out as opt_out_table
from dispatcher.ledger.verifying import Report, verify
from dispatcher.opt_out import opt_out
from dispatcher.reveal import Field, reveal
from tests.ledger.chronicle import KEY
from tests.verbs.office import Office
from tests.verbs.provider import Provider

WHY = "Xác minh số liên hệ theo đề nghị của thôn"
PHONE = "0912340000"
ASKED = Asked("Đơn đề nghị xóa dữ liệu cá nhân", "2026-11-19", "12/ĐN")


def administrator(office: Office) -> Actor:
    return replace(office.operator, roles=frozenset({"administrator"}))


def acts(office: Office, name: str) -> list[tuple[str, dict[str, Any]]]:
    """(subject, facts) as the log has them."""
    with office.ledger.read() as conn:
        query = select(page.c.body).join(act, act.c.page_id == page.c.id).where(act.c.name == name)
        bodies = list(conn.scalars(query.order_by(page.c.id)))
    said = [json.loads(bytes(entry)[1:]) for body in bodies for entry in entries.unpack(body)]
    return [(each["subject"], each["facts"]) for each in said]


def only(office: Office, table: Any) -> Row[Any]:
    with office.ledger.read() as conn:
        return conn.execute(select(table)).one()


def address_of(office: Office, person: int) -> int:
    with office.ledger.read() as conn:
        return int(conn.scalars(select(contact.c.phone_id).where(contact.c.id == person)).one())


def forget(office: Office) -> Erased:
    actor = administrator(office)
    return erase(office.ledger, office.traits, actor, AddressKind.PHONE, PHONE, ASKED)


def refuse(office: Office, channel: str = "sms") -> bool:
    return opt_out(
        office.ledger, office.operator, AddressKind.PHONE, PHONE, channel, "reply",
        channels=office.traits,
    )  # fmt: skip


def audit(office: Office) -> Report:
    sealer = Sealer(office.ledger, KEY, "a")
    while sealer.seal():
        pass
    return verify(office.ledger, public_key=KEY.public, origin=KEY.origin)


# -- showing


def test_a_value_is_shown_after_the_act_is_in_the_log(office: Office) -> None:
    office.people(1)
    shown = reveal(office.ledger, office.operator, 1, Field.PHONE, WHY)
    assert shown == "+84912340000"
    facts = {"contact": 1, "field": "phone", "why": WHY}
    assert acts(office, "reveal") == [("address:1", facts)]


def test_a_name_is_shown_too(office: Office) -> None:
    office.people(1)
    assert reveal(office.ledger, office.operator, 1, Field.NAME, WHY) == "Nguyễn Văn 0"
    assert [subject for subject, _ in acts(office, "reveal")] == ["contact:1"]


@pytest.mark.parametrize("role", ["author", "approver", "auditor"])
def test_other_roles_are_shown_nothing(office: Office, role: str) -> None:
    office.people(1)
    actor = replace(office.operator, roles=frozenset({role}))
    with pytest.raises(Forbidden):
        reveal(office.ledger, actor, 1, Field.PHONE, WHY)
    assert acts(office, "reveal") == []


def test_another_agency_s_contact_does_not_exist(office: Office) -> None:
    office.people(1)
    stranger = replace(office.operator, path="/1/99/")
    with pytest.raises(NotFound):
        reveal(office.ledger, stranger, 1, Field.PHONE, WHY)


def test_a_value_that_is_not_there_is_no_act(office: Office) -> None:
    office.people(1)
    with pytest.raises(Conflict):
        reveal(office.ledger, office.operator, 1, Field.EMAIL, WHY)
    assert acts(office, "reveal") == []


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("vì cần", "reason_length"),
        ("x" * 501, "reason_length"),
        ("Gọi lại cho ông Mẫu số 0912 345 678", "reason_personal"),
        ("Gọi lại cho ông Mẫu số 0912.345.678", "reason_personal"),
        ("Đối chiếu căn cước 037099001234", "reason_personal"),
        ("Thư của mau@example.vn gửi hôm qua", "reason_personal"),
    ],
)
def test_a_reason_says_something_and_nothing_personal(office: Office, why: str, code: str) -> None:
    office.people(1)
    with pytest.raises(BadInput) as refused:
        reveal(office.ledger, office.operator, 1, Field.PHONE, why)
    assert refused.value.code == code


@pytest.mark.parametrize("why", ["Theo Công văn 123/UBND-VX ngày 22-11-2026", "Đơn ngày 5/6/2026"])
def test_a_reason_may_name_a_document_and_its_date(why: str) -> None:
    assert personal.check_reason(why) == why


def test_who_wants_a_list_asks_for_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "REVEALS_AN_HOUR", 2)
    office.people(3)
    for number in (1, 2):
        reveal(office.ledger, office.operator, number, Field.PHONE, WHY)
    with pytest.raises(TooMany):
        reveal(office.ledger, office.operator, 3, Field.PHONE, WHY)
    assert len(acts(office, "reveal")) == 2


# -- wanting nothing more


@pytest.mark.parametrize("channel", ["sms", "*"])
def test_who_opted_out_gets_nothing_routine(
    office: Office, provider: Provider, channel: str
) -> None:
    office.route(provider.url)
    office.people(2)
    assert refuse(office, channel)
    place = office.started()
    assert office.statuses(place) == {Status.SUPPRESSED: 1, Status.PENDING: 1}
    assert office.rows(place)[0].reason == Reason.OPTED_OUT
    subject = f"address:{address_of(office, 1)}"
    assert acts(office, "opt_out") == [(subject, {"channel": channel, "how": "reply"})]


def test_an_opt_out_of_another_channel_leaves_this_one(office: Office, provider: Provider) -> None:
    office.route(provider.url)
    office.people(1)
    refuse(office, "zalo")
    assert office.statuses(office.started()) == {Status.PENDING: 1}


def test_an_emergency_reaches_who_opted_out(office: Office, provider: Provider) -> None:
    office.route(provider.url)
    office.people(1)
    refuse(office)
    place = office.started(office.content(Level.EMERGENCY))
    assert office.statuses(place) == {Status.PENDING: 1}
    assert [level for level in Level if not personal.heeds_opt_out(level)] == [Level.EMERGENCY]


def test_saying_it_twice_is_one_act(office: Office) -> None:
    office.people(1)
    assert (refuse(office), refuse(office)) == (True, False)
    assert len(acts(office, "opt_out")) == 1


def test_an_unknown_number_is_remembered_without_being_kept(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    assert refuse(office)
    kept = only(office, suppression)
    assert b"912340000" not in bytes(kept.digest)
    office.people(1)
    assert office.statuses(office.started()) == {Status.SUPPRESSED: 1}
    assert only(office, opt_out_table).how == "reply"


@pytest.mark.parametrize(("channel", "how"), [("fax", "reply"), ("sms", "telepathy")])
def test_unknown_channels_and_ways_are_refused(office: Office, channel: str, how: str) -> None:
    with pytest.raises(BadInput):
        opt_out(
            office.ledger, office.operator, AddressKind.PHONE, PHONE, channel, how,
            channels=office.traits,
        )  # fmt: skip


# -- being forgotten


def test_erasure_empties_the_person_and_leaves_the_log_whole(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    office.people(2)
    place = office.started()
    office.deliver()
    before = office.rows(place)
    own = address_of(office, 1)
    assert forget(office) == Erased(contacts=(1,), addresses=(own,), kept=())
    with office.ledger.read() as conn:
        person = conn.execute(select(contact).where(contact.c.id == 1)).one()
        emptied = conn.execute(select(address).where(address.c.id == own)).one()
    assert (emptied.sealed, emptied.masked) == (None, "đã xóa")
    assert (person.external_id, person.office) == (None, "")
    assert person.removed_at is not None
    assert office.rows(place) == before
    report = audit(office)
    assert (report.findings, report.verified) == ((), True)


def test_erasure_is_entered_with_the_request_and_no_personal_data(office: Office) -> None:
    office.people(1)
    forget(office)
    facts = {"why": ASKED.why, "on": ASKED.on, "symbol": ASKED.symbol}
    said = dict(acts(office, "erase"))
    assert said["contact:1"] == facts
    assert {**said["address:1"], "commitment": ""} == {**facts, "commitment": ""}


def test_an_address_emptied_behind_the_log_s_back_is_named(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    office.people(1)
    place = office.started()
    with office.ledger.begin() as conn:
        conn.execute(address.update().values(sealed=None, digest=bytes(32), erased_at=1))
    report = audit(office)
    where = f"delivery(dispatch_id={place.dispatch}, id=1).target_id → address.digest"
    assert [each.where for each in report.findings] == [where]


def test_an_address_that_took_another_s_place_is_named_though_it_was_erased(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    office.people(2)
    office.started()
    forget(office)
    with office.ledger.begin() as conn:
        other = address.c.id == address_of(office, 2)
        conn.execute(address.update().where(other).values(digest=bytes(32)))
    assert [each.code for each in audit(office).findings] == ["delivery_column"]


def test_who_was_erased_is_not_written_to_when_a_list_brings_them_back(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    office.people(1)
    forget(office)
    office.people(1)
    place = office.started()
    assert office.statuses(place) == {Status.SUPPRESSED: 1}
    assert office.rows(place)[0].reason == Reason.OPTED_OUT


def test_an_opt_out_outlives_the_address(office: Office) -> None:
    office.people(1)
    refuse(office)
    forget(office)
    with office.ledger.read() as conn:
        kept = conn.execute(select(suppression).order_by(suppression.c.channel)).all()
        left = conn.execute(select(opt_out_table)).all()
    assert [(row.channel, row.how) for row in kept] == [("*", "erased"), ("sms", "reply")]
    assert left == []


def test_an_address_that_another_agency_needs_stays(office: Office) -> None:
    office.people(1)
    office.world = replace(office.world, commune=office.world.province)
    office.people(1, external_id="tỉnh-1")
    done = forget(office)
    assert done == Erased(contacts=(1,), addresses=(), kept=(1,))
    assert only(office, address).sealed is not None


def test_raw_words_of_providers_about_the_person_go_too(office: Office, provider: Provider) -> None:
    office.route(provider.url)
    office.people(2)
    place = office.started()
    for number in (1, 2):
        with office.ledger.begin() as conn:
            conn.execute(receipt.insert().values(**_word(place.dispatch, number)))
    forget(office)
    with office.ledger.read() as conn:
        left = conn.execute(select(receipt.c.delivery_id, receipt.c.sealed)).all()
    assert [(row.delivery_id, row.sealed is None) for row in sorted(left)] == [
        (1, True),
        (2, False),
    ]


def _word(dispatch: int, delivery: int) -> dict[str, Any]:
    numbers = ("attempt", "status", "reason", "evidence", "at", "received_at", "state")
    return {
        **dict.fromkeys(numbers, 0), "digest": bytes([delivery]), "dispatch_id": dispatch,
        "delivery_id": delivery, "provider_ref": "", "code": "", "sealed": b"raw",
    }  # fmt: skip


def test_an_unknown_person_cannot_be_erased(office: Office) -> None:
    with pytest.raises(NotFound):
        forget(office)


def test_only_an_administrator_erases(office: Office) -> None:
    office.people(1)
    with pytest.raises(Forbidden):
        erase(office.ledger, office.traits, office.operator, AddressKind.PHONE, PHONE, ASKED)
