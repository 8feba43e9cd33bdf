"""A list leaves when a second person agrees: once, soon, for who asked, and marked."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from sqlalchemy import update

from dispatcher.ask_export import ask_export, decide_export
from dispatcher.domain.errors import Conflict, Forbidden, NotFound
from dispatcher.export_contacts import HEADER, export_contacts
from dispatcher.import_contacts import import_contacts
from dispatcher.ledger.data_requests import State
from dispatcher.ledger.tables import data_request
from tests.ledger.world import COMMUNE, NEIGHBOUR
from tests.verbs.office import Office
from tests.verbs.test_personal import acts

WHY = "Rà soát danh bạ theo Kế hoạch 12/KH-UBND"


def asked(office: Office, area: str = "") -> int:
    return ask_export(office.ledger, office.operator, area, WHY)


def approved(office: Office, area: str = "") -> int:
    number = asked(office, area)
    decide_export(office.ledger, office.approver, number, State.APPROVED)
    return number


def taken(office: Office, number: int) -> list[list[str]]:
    data = b"".join(export_contacts(office.ledger, office.operator, number))
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_an_approved_list_has_everybody_and_says_whose_it_is(office: Office) -> None:
    office.people(3)
    mark, header, *people, last = taken(office, approved(office))
    assert tuple(header) == HEADER
    assert [row[1:3] for row in people] == [
        [f"Nguyễn Văn {n}", f"+8491234{n:04d}"] for n in range(3)
    ]
    assert mark == last
    assert office.operator.name in mark[0]
    assert office.approver.name in mark[0]


def test_every_step_is_an_act(office: Office) -> None:
    office.people(2)
    number = approved(office)
    taken(office, number)
    subject = f"data_request:{number}"
    assert acts(office, "ask_export") == [(subject, {"area": "", "why": WHY})]
    assert acts(office, "decide_export") == [(subject, {"decision": "approved"})]
    facts = {"what": "contacts", "contacts": 2, "why": WHY}
    assert acts(office, "export") == [(subject, facts)]


def test_a_list_of_one_area_has_no_others(office: Office) -> None:
    office.people(1)
    office.people(1, first=1, area=NEIGHBOUR)
    _, _, *people, _ = taken(office, approved(office, COMMUNE))
    assert [row[5] for row in people] == [COMMUNE]


def test_nobody_decides_on_their_own_request(office: Office) -> None:
    number = asked(office)
    own = replace(office.operator, roles=frozenset({"administrator"}))
    with pytest.raises(Forbidden):
        decide_export(office.ledger, own, number, State.APPROVED)


def test_only_some_roles_ask_and_decide(office: Office) -> None:
    with pytest.raises(Forbidden):
        ask_export(office.ledger, office.author, "", WHY)
    with pytest.raises(Forbidden):
        decide_export(office.ledger, office.author, asked(office), State.APPROVED)


def test_another_agency_s_request_does_not_exist(office: Office) -> None:
    number = asked(office)
    stranger = replace(office.approver, path="/1/99/")
    with pytest.raises(NotFound):
        decide_export(office.ledger, stranger, number, State.APPROVED)


def test_a_request_is_decided_once(office: Office) -> None:
    number = asked(office)
    decide_export(office.ledger, office.approver, number, State.REFUSED)
    with pytest.raises(Conflict):
        decide_export(office.ledger, office.approver, number, State.APPROVED)


def test_without_approval_nothing_leaves(office: Office) -> None:
    with pytest.raises(Conflict):
        taken(office, asked(office))


def test_a_list_leaves_once(office: Office) -> None:
    number = approved(office)
    taken(office, number)
    with pytest.raises(Conflict):
        taken(office, number)
    assert len(acts(office, "export")) == 1


def test_an_approval_is_good_for_a_day(office: Office) -> None:
    number = approved(office)
    with office.ledger.begin() as conn:
        long_ago = data_request.c.decided_at - 24 * 3_600_000 - 1
        conn.execute(update(data_request).values(decided_at=long_ago))
    with pytest.raises(Conflict):
        taken(office, number)


def test_somebody_else_cannot_take_it(office: Office) -> None:
    number = approved(office)
    with pytest.raises(NotFound):
        export_contacts(office.ledger, office.approver, number)


def test_what_left_can_be_imported_again(office: Office) -> None:
    office.people(2)
    data = b"".join(export_contacts(office.ledger, office.operator, approved(office)))
    report = import_contacts(
        office.ledger, data, actor=office.operator, source_name="danh bạ", now=office.now()
    )
    assert (report.added, report.updated) == (2, 0)


def test_no_cell_is_a_formula(office: Office) -> None:
    office.people(1, external_id="=1+1")
    _, _, person, _ = taken(office, approved(office))
    assert person[0] == "'=1+1"
