"""`loa agency`, `account`, `grant`, `key`: an administrator's day at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import AGENCY, Ended, Loa
from tests.doors.test_command_line import count, refused

AUTHOR, APPROVER, ADMIN = "Nguyễn Thị Mai", "Trần Văn Bình", "Lê Thị Hòa"
CLERK, SCHOOL = "Đỗ Thị Lan", "Trường THCS Đức Quang"
BASIS = "05/GUQ-UBND"
PEOPLE = (
    f"{AUTHOR}:Công chức văn hóa:author",
    f"{APPROVER}:Phó Chủ tịch:approver",
    f"{ADMIN}:Chánh Văn phòng:administrator",
)
#: Of the commune's area 18262, and of none.
INSIDE, OUTSIDE = "18262", "14464"


@pytest.fixture
def office(begin: Loa, loa: Loa) -> Loa:
    """A commune with an author, an approver, an administrator, and a clerk without a role."""
    begin("--kind", "test", accounts=PEOPLE)
    opened = loa("account", "open", CLERK, "--office", "Chuyên viên", "--as", ADMIN)
    assert opened.status == 0, opened
    return loa


def listed(loa: Loa, what: str) -> list[dict[str, Any]]:
    """What `loa … list --json` prints for the administrator."""
    ended = loa(what, "list", "--json", "--as", ADMIN)
    assert ended.status == 0, ended
    found: list[dict[str, Any]] = ended.told
    return found


def add_school(loa: Loa, *, area: str = INSIDE, who: str = ADMIN) -> Ended:
    return loa("agency", "add", SCHOOL, "--short", "THCS", "--area", area, "--as", who)


def lend(loa: Loa, role: str, until: str, *, basis: str = BASIS, who: str = APPROVER) -> Ended:
    words = ("--until", until, "--basis", basis, "--as", who)
    return loa("grant", "delegate", CLERK, role, *words)


# --- agencies and people


def test_an_agency_is_added_below_one_s_own_and_listed_under_it(office: Loa) -> None:
    assert add_school(office).status == 0
    assert [(each["name"], each["path"]) for each in listed(office, "agency")] == [
        (AGENCY, "/1/"),
        (SCHOOL, "/1/2/"),
    ]
    lines = office("agency", "list", "--as", ADMIN).out.splitlines()
    assert [line[7:] for line in lines] == [AGENCY, "  " + SCHOOL]


@pytest.mark.parametrize(
    ("area", "who", "sign"),
    [(OUTSIDE, ADMIN, ""), ("99999", ADMIN, "99999"), (INSIDE, AUTHOR, "grant")],
    ids=["another area", "no area", "no administrator"],
)
def test_an_agency_that_may_not_be_is_not_added(
    office: Loa, tmp_path: Path, area: str, who: str, sign: str
) -> None:
    refused(add_school(office, area=area, who=who), sign)
    assert count(tmp_path, "agency") == 1


def test_somebody_is_let_in_with_roles_and_out_with_everything(office: Loa, tmp_path: Path) -> None:
    add_school(office)
    head = ("Phạm Văn Cường", "--office", "Hiệu trưởng", "--at", SCHOOL, "--as", ADMIN)
    assert office("account", "open", *head, "--role", "author", "--role", "operator").status == 0
    assert office("key", "add", head[0], "--as", ADMIN).status == 0
    refused(office("account", "open", *head), head[0])
    assert office("account", "close", head[0], "--as", ADMIN).status == 0
    (gone,) = [each for each in listed(office, "account") if each["closed_at"]]
    assert (gone["name"], gone["agency_name"]) == (head[0], SCHOOL)
    assert "(đã đóng)" in office("account", "list", "--as", ADMIN).out
    live = "revoked_at IS NULL AND account_id = 5"
    assert [count(tmp_path, table, live) for table in ("role_grant", "api_key")] == [0, 0]


def test_of_two_people_of_one_name_the_number_says_who_is_meant(office: Loa) -> None:
    add_school(office)
    words = ("--office", "Hiệu trưởng", "--at", SCHOOL, "--as", ADMIN)
    number = office("account", "open", CLERK, *words).out.split()[0]
    assert office("account", "close", number, "--as", ADMIN).status == 0
    closed = [each["agency_name"] for each in listed(office, "account") if each["closed_at"]]
    assert closed == [SCHOOL]


def test_nobody_closes_their_own_account(office: Loa, tmp_path: Path) -> None:
    refused(office("account", "close", ADMIN, "--as", ADMIN))
    assert count(tmp_path, "account", "closed_at IS NOT NULL") == 0


# --- rights


def test_a_right_is_given_for_a_time_and_taken_back(office: Loa) -> None:
    words = ("--from", "+1d", "--until", "+30d", "--basis", "12/QĐ-UBND", "--as", ADMIN)
    number = office("grant", "give", CLERK, "author", *words).out.split()[-1]
    (given,) = [each for each in listed(office, "grant") if each["account"] == CLERK]
    assert (str(given["id"]), given["role"], given["basis"]) == (number, "author", "12/QĐ-UBND")
    assert given["until"] - given["from"] == 29 * 86_400_000
    assert given["holds"] is False, "it begins tomorrow"
    refused(office("grant", "give", CLERK, "author", *words), number)
    assert "(không có hiệu lực)" in office("grant", "list", "--as", ADMIN).out
    assert office("grant", "revoke", number, "--as", ADMIN).status == 0
    assert "đã thu hồi" in office("grant", "list", "--as", ADMIN).out
    refused(office("grant", "revoke", number, "--as", ADMIN))


def test_a_right_counts_from_the_next_command_until_it_is_taken_back(office: Loa) -> None:
    refused(add_school(office, who=CLERK), "grant")
    number = office("grant", "give", CLERK, "administrator", "--as", ADMIN).out.split()[-1]
    assert add_school(office, who=CLERK).status == 0
    office("grant", "revoke", number, "--as", ADMIN)
    refused(office("account", "close", AUTHOR, "--as", CLERK), "grant")


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ((ADMIN, "approver"), ADMIN),
        ((CLERK, "approver"), APPROVER),
        ((CLERK, "author", "--until", "2020-01-01T07:00"), ADMIN),
        ((CLERK, "author", "--from", "+9d", "--until", "+2d"), ADMIN),
        ((CLERK, "author", "--basis", "x" * 201), ADMIN),
        ((CLERK, "author", "--at", "Ủy ban nhân dân xã Không Có"), ADMIN),
        (("Người Không Có", "author"), ADMIN),
    ],
    ids=["own", "no role", "past", "backwards", "long basis", "no agency", "nobody"],
)
def test_a_right_that_may_not_be_given_is_not(
    office: Loa, tmp_path: Path, words: tuple[str, ...], who: str
) -> None:
    before = count(tmp_path, "role_grant")
    refused(office("grant", "give", *words, "--as", who))
    assert count(tmp_path, "role_grant") == before


def test_who_goes_on_leave_lends_and_takes_back_alone(office: Loa) -> None:
    number = lend(office, "approver", "+14d").out.split()[-1]
    (lent,) = [each for each in listed(office, "grant") if each["delegated_by"]]
    assert (lent["account"], lent["delegated_by"], lent["holds"]) == (CLERK, APPROVER, True)
    assert f"thay {APPROVER}" in office("grant", "list", "--as", ADMIN).out
    assert office("grant", "revoke", number, "--as", APPROVER).status == 0


@pytest.mark.parametrize(
    ("role", "until", "basis", "who", "sign"),
    [
        ("approver", "+200d", BASIS, APPROVER, "183"),
        ("approver", "+14d", " ", APPROVER, ""),
        ("operator", "+14d", BASIS, APPROVER, ""),
        ("administrator", "+14d", BASIS, ADMIN, ""),
    ],
    ids=["half a year", "no document", "not one's own", "administrator"],
)
def test_a_loan_that_may_not_be_is_not_made(
    office: Loa, role: str, until: str, basis: str, who: str, sign: str
) -> None:
    refused(lend(office, role, until, basis=basis, who=who), sign)
    assert [each for each in listed(office, "grant") if each["delegated_by"]] == []


# --- keys


def test_a_key_is_shown_once_and_shut_out_by_its_beginning(office: Loa) -> None:
    words = ("--role", "author", "--until", "+90d", "--as", ADMIN)
    made = office("key", "add", AUTHOR, *words).out.strip()
    told, shown = (office("key", "list", *more, "--as", ADMIN).out for more in (["--json"], []))
    assert made not in told + shown
    (row,) = [each for each in listed(office, "key") if each["until"]]
    assert (row["prefix"], row["account"], row["roles"]) == (made[:16], AUTHOR, ["author"])
    assert office("key", "revoke", made[:16], "--as", ADMIN).status == 0
    assert (
        f"{made[:16]}  {AUTHOR} · {AGENCY} · đã thu hồi" in office("key", "list", "--as", ADMIN).out
    )
    refused(office("key", "revoke", made[:16], "--as", ADMIN))


@pytest.mark.parametrize(
    ("words", "who", "sign"),
    [
        ((AUTHOR, "--role", "approver"), ADMIN, "approver"),
        ((AUTHOR,), AUTHOR, "grant"),
        ((AUTHOR, "--mode", "live"), ADMIN, "--mode test"),
        ((AUTHOR, "--until", "2020-01-01T07:00"), ADMIN, "--until"),
    ],
    ids=["more than its account", "no administrator", "live", "past"],
)
def test_a_key_that_may_not_be_is_not_made(
    office: Loa, tmp_path: Path, words: tuple[str, ...], who: str, sign: str
) -> None:
    before = count(tmp_path, "api_key")
    refused(office("key", "add", *words, "--as", who), sign)
    assert count(tmp_path, "api_key") == before


def test_an_unknown_key_is_not_there(office: Loa) -> None:
    refused(office("key", "revoke", "loa_test_0000000", "--as", ADMIN))
