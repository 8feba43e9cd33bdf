"""What was decided at night stands in the log: the verifier names every column that was changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from dispatcher.add_symbol import add_symbol
from dispatcher.cancel_shift import cancel_shift
from dispatcher.confirm import confirm
from dispatcher.domain.wording import reworded
from dispatcher.ledger import bulletins
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.verifying import verify
from dispatcher.pull_back import pull_back
from dispatcher.revise import revise
from dispatcher.withdraw_preapproved import withdraw_preapproved
from tests.ledger.chronicle import KEY
from tests.ledger.guards import drop_guards
from tests.verbs import night
from tests.verbs.office import Office
from tests.verbs.provider import Provider


@pytest.fixture
def lived(office: Office, provider: Provider) -> Office:
    """Approval 1 released on duty, 2 edited and approved as 3, 4 pulled back; shift 2 cancelled."""
    office.people(3)
    office.route(provider.url)
    officer = night.duty_officer(office)
    night.shift(office, officer)
    made = night.released(office, officer, night.preapproved(office))
    confirm(office.ledger, office.approver, made.approval)
    add_symbol(office.ledger, office.author, made.approval, "12/CĐ-UBND")
    _, version, waiting = office.proposed()
    with office.ledger.read() as conn:
        old = bulletins.content_of(conn, version)
    new = reworded(old, {"title": "Tin mới"})
    office.submit(revise(office.ledger, office.desk, office.approver, waiting, new))
    pull_back(office.ledger, office.author, office.proposed()[2])
    cancel_shift(office.ledger, office.approver, night.shift(office, officer))
    given = {**night.document()["preapproved"], "name": "Mẫu thôi dùng"}
    withdraw_preapproved(
        office.ledger, office.approver, night.preapproved(office, preapproved=given)
    )
    Sealer(office.ledger, KEY, "a").seal()
    return office


def found(office: Office) -> list[str]:
    report = verify(office.ledger, public_key=KEY.public, origin=KEY.origin)
    return [each.where for each in report.findings]


def test_a_whole_night_is_verified(lived: Office) -> None:
    assert found(lived) == []


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("approval", 1, "way = 'two_people'"),
        ("approval", 1, "confirmed_by = 1"),
        ("approval", 1, "confirmed_at = confirmed_at - 1"),
        ("approval", 1, "confirm_by = confirm_by + 1"),
        ("approval", 1, "shift_id = 2"),
        ("approval", 1, "preapproved_id = 2"),
        ("approval", 1, "symbol = '13/CĐ-UBND'"),
        ("approval", 1, "decided_by = 1"),
        ("approval", 1, "submitted_by = 1"),
        ("approval", 1, "escalated_at = 7"),
        ("approval", 2, "state = 'submitted'"),
        ("approval", 3, "edited_from = 1"),
        ("approval", 3, "note = 'khác'"),
        ("approval", 4, "state = 'approved'"),
        ("duty_shift", 1, "until_at = until_at + 1"),
        ("duty_shift", 1, "account_id = 1"),
        ("duty_shift", 1, "basis = '16/QĐ-UBND'"),
        ("duty_shift", 2, "cancelled_at = NULL"),
        ("preapproved", 1, "longest_ms = longest_ms + 1"),
        ("preapproved", 1, "name = 'Mẫu khác'"),
        ("preapproved", 1, "decided_by = proposed_by"),
        ("preapproved", 2, "state = 'approved'"),
        ("dispatch", 1, "valid_until = valid_until + 1"),
        ("dispatch", 1, "level = 'normal'"),
        ("dispatch", 1, "approval_id = 4"),
    ],
)
def test_a_changed_column_is_named(lived: Office, table: str, row: int, change: str) -> None:
    with lived.ledger.begin() as conn:
        drop_guards(conn)
        assert conn.execute(text(f"UPDATE {table} SET {change} WHERE id = {row}")).rowcount  # noqa: S608
    assert any(where.startswith(f"{table}(id={row})") for where in found(lived))


def test_a_shift_that_nobody_opened_is_named(lived: Office) -> None:
    with lived.ledger.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO duty_shift (account_id, agency_id, from_at, until_at, basis, "
                "created_by, created_at) SELECT account_id, agency_id, from_at, until_at, basis, "
                "created_by, created_at FROM duty_shift WHERE id = 1"
            )
        )
    assert found(lived) == ["duty_shift(id=3).created_by"]


def test_a_deleted_shift_is_named(lived: Office) -> None:
    with lived.ledger.begin() as conn:
        drop_guards(conn)
        conn.execute(text("DELETE FROM duty_shift WHERE id = 2"))
    assert found(lived) == ["duty_shift(shift:2)"]


def test_the_release_of_another_person_is_not_ours(lived: Office) -> None:
    officer = replace(lived.approver, roles=frozenset({"duty_officer"}))
    with lived.ledger.begin() as conn:
        drop_guards(conn)
        who = {"who": officer.account}
        conn.execute(text("UPDATE approval SET decided_by = :who WHERE id = 1"), who)
    assert found(lived) == ["approval(id=1).decided_by"]
