"""Sửa và duyệt: an approver changes words, and only words, of what others drafted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dispatcher.domain import difference
from dispatcher.domain.audience import Audience
from dispatcher.domain.content import Content
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, LoaError
from dispatcher.domain.model import Exposure, Level
from dispatcher.domain.wording import reworded
from dispatcher.ledger import approvals, bulletins, entered
from dispatcher.revise import revise
from tests.ledger.world import COMMUNE
from tests.verbs.office import Office
from tests.verbs.provider import Provider


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    office.people(10)
    office.route(provider.url)
    return office


def refused(kind: type[LoaError], code: str, act: Callable[[], object]) -> LoaError:
    with pytest.raises(kind) as found:
        act()
    assert found.value.code == code
    return found.value


def content_of(office: Office, version: int) -> Content:
    with office.ledger.read() as conn:
        return bulletins.content_of(conn, version)


def test_new_words_are_approved_in_place_of_the_old_and_start(ready: Office) -> None:
    bulletin, version, approval = ready.proposed()
    new = reworded(content_of(ready, version), {"body": "Mời bà con theo dõi loa của xã."})
    number = revise(ready.ledger, ready.desk, ready.approver, approval, new, note="Rõ hơn")
    with ready.ledger.read() as conn:
        old, made = approvals.load(conn, approval), approvals.load(conn, number)
        entry = entered.last(conn, f"approval:{number}", ("revise",))
        again = bulletins.load_version(conn, made.version_id) if made else None
    assert old is not None
    assert made is not None
    assert again is not None
    assert (old.state, made.state, made.edited_from) == ("superseded", "approved", version)
    assert (made.submitted_by, made.decided_by) == (
        ready.author.account,
        ready.approver.account,
    )
    assert json.loads(made.terms) == json.loads(old.terms)
    assert (again.bulletin_id, again.number, again.created_by) == (
        bulletin,
        2,
        ready.approver.account,
    )
    assert entry is not None
    assert entry["facts"]["supersedes"] == approval
    assert [each["field"] for each in entry["facts"]["changes"]] == ["body.vi"]
    assert "Mời bà con" not in json.dumps(entry, ensure_ascii=False)
    refused(Conflict, "not_approved", lambda: ready.submit(approval))
    assert ready.state(ready.place(ready.submit(number))) == "running"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("level", Level.PRIORITY),
        ("exposure", Exposure.NAMED),
        ("symbol", "9/TB-UBND"),
        ("legal_basis", "Luật khác"),
        ("valid_until", 4_000_000_000_000),
        ("drill", True),
        ("kind", "power_cut"),
        ("title", {"vi": "Thông báo", "en": "Notice"}),
    ],
)
def test_anything_but_wording_is_submitted_anew(ready: Office, field: str, value: Any) -> None:
    _, version, approval = ready.proposed()
    new = replace(content_of(ready, version), **{field: value})
    error = refused(
        Conflict,
        "not_wording",
        lambda: revise(ready.ledger, ready.desk, ready.approver, approval, new),
    )
    assert error.field == field
    with ready.ledger.read() as conn:
        row = approvals.load(conn, approval)
    assert row is not None
    assert row.state == "submitted"


def test_a_revision_changes_something(ready: Office) -> None:
    _, version, approval = ready.proposed()
    same = content_of(ready, version)
    act = lambda: revise(ready.ledger, ready.desk, ready.approver, approval, same)  # noqa: E731
    refused(Conflict, "nothing_changed", act)


def test_nobody_revises_and_approves_what_they_wrote(ready: Office) -> None:
    _, version, approval = ready.proposed()
    both = replace(ready.author, roles=frozenset({"author", "approver"}))
    new = reworded(content_of(ready, version), {"title": "Tin mới"})
    act = lambda: revise(ready.ledger, ready.desk, both, approval, new)  # noqa: E731
    refused(Forbidden, "own_bulletin", act)


def test_what_the_kind_demands_is_demanded_of_new_words_too(ready: Office) -> None:
    _, version, approval = ready.proposed()
    new = reworded(content_of(ready, version), {"facts": {"action": {"vi": "", "und": ""}}})
    act = lambda: revise(ready.ledger, ready.desk, ready.approver, approval, new)  # noqa: E731
    refused(BadInput, "missing_fact", act)


def test_the_drafter_can_read_word_by_word_what_was_changed(ready: Office) -> None:
    _, version, approval = ready.proposed(audience=Audience(areas=(COMMUNE,)))
    old = content_of(ready, version)
    new = reworded(old, {"body": "Đề nghị bà con theo dõi loa của thôn."})
    number = revise(ready.ledger, ready.desk, ready.approver, approval, new)
    with ready.ledger.read() as conn:
        row = approvals.load(conn, number)
    assert row is not None
    (change,) = difference.between(
        content_of(ready, row.edited_from), content_of(ready, row.version_id)
    )
    pieces = [(each.fate.value, each.text) for each in change.pieces()]
    assert pieces == [
        ("same", "Đề nghị bà con theo dõi loa "),
        ("removed", "truyền thanh "),
        ("same", "của "),
        ("removed", "xã."),
        ("added", "thôn."),
    ]
