"""Who may do what: tables of roles, agencies and modes."""

from __future__ import annotations

import pytest

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, Forbidden
from dispatcher.domain.model import Mode

ROLES = ("author", "approver", "operator", "auditor", "administrator", "duty_officer")

#: Act → the roles that may.
ALLOWED = {
    "draft": {"author"},
    "submit": {"author"},
    "approve": {"approver"},
    "start": {"operator"},
    "pause": {"operator"},
    "cancel": {"operator"},
    "import": {"operator", "administrator"},
    "configure": {"administrator"},
    "grant": {"administrator"},
    "release": {"duty_officer"},
    "read": set(ROLES),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", ALLOWED)
def test_each_role_may_do_its_own_acts_and_no_others(act: str, role: str) -> None:
    if role in ALLOWED[act]:
        authority.require(act, [role])
        return
    with pytest.raises(Forbidden) as refused:
        authority.require(act, [role])
    assert refused.value.code == "role_missing"


@pytest.mark.parametrize("act", [act for act in ALLOWED if act != "read"])
def test_nobody_without_a_role_and_no_unknown_role_may_act(act: str) -> None:
    for roles in ([], ["Author"], ["root"]):
        with pytest.raises(Forbidden):
            authority.require(act, roles)


def test_an_auditor_changes_nothing() -> None:
    assert authority.RIGHTS["auditor"] == {"read", "audit"}


def test_roles_add_up() -> None:
    authority.require("approve", ["author", "approver"])


@pytest.mark.parametrize(
    ("top", "path", "inside"),
    [
        ("/1/", "/1/", True),
        ("/1/", "/1/2/3/", True),
        ("/1/2/", "/1/3/", False),
        ("/1/2/", "/1/", False),
        ("/1/2/", "/1/20/", False),
        ("/1/", "/10/", False),
    ],
)
def test_an_agency_has_itself_and_what_is_below_it(top: str, path: str, inside: bool) -> None:
    assert authority.below(top, path) is inside


@pytest.mark.parametrize(
    ("decider", "author", "submitter", "may"),
    [(3, 1, 2, True), (3, 1, 1, True), (1, 1, 2, False), (2, 1, 2, False), (1, 1, 1, False)],
)
def test_four_eyes(decider: int, author: int, submitter: int, may: bool) -> None:
    if may:
        authority.may_decide(decider, author, submitter)
        return
    with pytest.raises(Forbidden) as refused:
        authority.may_decide(decider, author, submitter)
    assert refused.value.code == "own_bulletin"


@pytest.mark.parametrize("key", ["live", "test"])
@pytest.mark.parametrize("mode", Mode)
def test_a_key_starts_only_what_is_of_its_own_mode(key: str, mode: Mode) -> None:
    if key == mode.value:
        authority.require_mode(key, mode)
        return
    with pytest.raises(Conflict) as refused:
        authority.require_mode(key, mode)
    assert (refused.value.code, refused.value.field) == ("wrong_mode", "mode")
