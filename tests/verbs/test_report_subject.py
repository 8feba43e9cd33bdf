"""A person learns everything that is known of them, and only an act of the log tells it."""

from __future__ import annotations

import pytest

from dispatcher.bootstrap import templates_dir
from dispatcher.domain.errors import BadAddress, Forbidden
from dispatcher.domain.model import AddressKind
from dispatcher.report_subject import SubjectReport, Wish, report_subject
from dispatcher.reveal import Field, reveal
from dispatcher.subject_form import print_report
from tests.verbs.office import Office
from tests.verbs.provider import Provider
from tests.verbs.test_personal import PHONE, WHY, acts, address_of, administrator, forget, refuse


def made(office: Office, value: str = PHONE) -> SubjectReport:
    actor = administrator(office)
    return report_subject(office.ledger, office.traits, actor, AddressKind.PHONE, value, WHY)


def test_it_has_records_wishes_deliveries_and_who_looked(
    office: Office, provider: Provider
) -> None:
    office.route(provider.url)
    office.people(2)
    office.started()
    office.deliver()
    reveal(office.ledger, office.operator, 1, Field.PHONE, WHY)
    reveal(office.ledger, office.operator, 1, Field.NAME, WHY)
    refuse(office)
    report = made(office)
    (record,) = report.records
    assert (record.name, record.addresses) == ("Nguyễn Văn 0", ("+84•••000",))
    assert record.source == "dữ liệu giả lập"
    assert [(wish.channel, wish.how) for wish in report.wishes] == [("sms", "reply")]
    (sent,) = report.sent
    assert (sent.channel, sent.status, sent.title) == ("sms", "accepted", "Thông báo")
    assert [(each.person, each.field) for each in report.shown] == [
        (office.operator.name, "phone"),
        (office.operator.name, "name"),
    ]


def test_making_it_is_an_act(office: Office) -> None:
    office.people(1)
    made(office)
    facts = {"what": "subject", "why": WHY, "records": 1, "sent": 0}
    assert acts(office, "export") == [(f"address:{address_of(office, 1)}", facts)]


def test_who_is_not_known_is_told_so(office: Office) -> None:
    report = made(office)
    assert (report.records, report.sent, report.wishes) == ((), (), ())


def test_who_was_erased_is_told_when(office: Office) -> None:
    office.people(1)
    forget(office)
    report = made(office)
    assert report.records == ()
    assert report.wishes == (Wish("*", "erased", report.erased_at or 0),)


def test_only_an_administrator_makes_it(office: Office) -> None:
    with pytest.raises(Forbidden):
        report_subject(office.ledger, office.traits, office.operator, AddressKind.PHONE, PHONE, WHY)


def test_what_is_no_number_is_refused(office: Office) -> None:
    with pytest.raises(BadAddress):
        made(office, "12")


def test_the_page_says_it_in_administrative_form(office: Office, provider: Provider) -> None:
    office.route(provider.url)
    office.people(1)
    office.started()
    office.deliver()
    page = print_report(made(office), templates_dir())
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "THÔNG TIN VỀ DỮ LIỆU CÁ NHÂN ĐANG ĐƯỢC XỬ LÝ",
        "Ủy ban nhân dân xã Gia Viễn",
        "Nguyễn Văn 0",
        "tin nhắn SMS (twilio)",
        "nhà cung cấp đã nhận",
    ):
        assert words in page
    assert "{{" not in page
