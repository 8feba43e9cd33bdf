"""Rights: who may give what to whom, what a loan is worth, and what closing an account ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from dispatcher.add_agency import NewAgency, add_agency
from dispatcher.add_key import add_key
from dispatcher.close_account import close_account
from dispatcher.delegate import Loan, delegate
from dispatcher.domain import authority
from dispatcher.domain.authority import Term
from dispatcher.domain.errors import Forbidden, LoaError
from dispatcher.grant import grant
from dispatcher.ledger import desk, grants, keys, registry
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.keys import NewKey, Refused
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.verifying import verify
from dispatcher.open_account import NewAccount, open_account
from dispatcher.revoke import revoke
from dispatcher.revoke_key import revoke_key
from tests.ledger.chronicle import KEY
from tests.ledger.world import COMMUNE, NEIGHBOUR, NOW, PROVINCE

DAY = 86_400_000
FOR_GOOD = Term(0, None, "")
BASIS = "05/GUQ-UBND"

#: Who is there: name → (agency, roles).
PEOPLE = {
    "province_admin": ("province", ["administrator"]),
    "admin": ("commune", ["administrator"]),
    "second_admin": ("commune", ["administrator"]),
    "approver": ("commune", ["approver", "author"]),
    "author": ("commune", ["author"]),
    "clerk": ("commune", []),
    "stranger": ("neighbour", ["administrator"]),
    "stranger_clerk": ("neighbour", []),
}


@dataclass(frozen=True)
class Place:
    """Two communes of one province; ids by name."""

    ledger: Ledger
    agencies: dict[str, int]
    accounts: dict[str, int]

    def actor(self, who: str, agency: str = "") -> Actor:
        home = agency or PEOPLE[who][0]
        with self.ledger.read() as conn:
            found = registry.actor_for(conn, self.accounts[who], self.agencies[home], "test")
        assert found is not None, f"{who} has nothing at {home}"
        return found

    def now(self) -> int:
        with self.ledger.read() as conn:
            return desk.now(conn)

    def until(self, days: int) -> int:
        return self.now() + days * DAY

    def new(self, who: str, role: str, at: str = "commune", term: Term = FOR_GOOD) -> NewGrant:
        return NewGrant(self.accounts[who], self.agencies[at], role, term)

    def loan(self, who: str, role: str, days: int = 14, basis: str = BASIS) -> Loan:
        return Loan(self.accounts[who], role, Term(0, self.until(days), basis))

    def lapse(self, number: int) -> None:
        """Let a grant's time be over."""
        with self.ledger.begin() as conn:
            words = "UPDATE role_grant SET until_at = 1 WHERE id = :id"
            conn.execute(text(words), {"id": number})

    def grants_of(self, who: str, role: str) -> int:
        with self.ledger.read() as conn:
            words = "SELECT id FROM role_grant WHERE account_id = :who AND role = :role"
            return int(conn.scalar(text(words), {"who": self.accounts[who], "role": role}) or 0)


@pytest.fixture
def place(ledger: Ledger) -> Place:
    with ledger.begin() as conn:
        desk.set_mark(conn, "kind", "test")

        def agency(name: str, area: str, parent: int | None) -> int:
            words = {"name": name, "short_name": name, "area": area, "hotline": ""}
            return registry.add_agency(conn, **words, parent=parent, now=NOW)

        province = agency("UBND tỉnh Ninh Bình", PROVINCE, None)
        agencies = {
            "province": province,
            "commune": agency("UBND xã Gia Viễn", COMMUNE, province),
            "neighbour": agency("UBND xã láng giềng", NEIGHBOUR, province),
        }
        accounts = {
            who: registry.add_account(
                conn, agency_id=agencies[at], name=who, office=who, roles=roles, now=NOW
            )
            for who, (at, roles) in PEOPLE.items()
        }
    return Place(ledger, agencies, accounts)


def code(act: Callable[[], object]) -> str:
    """What an act is refused with; empty when it is done."""
    try:
        act()
    except LoaError as refused:
        return refused.code
    return ""


# --- giving and taking back


@pytest.mark.parametrize(
    ("who", "to", "role", "at", "answer"),
    [
        ("admin", "clerk", "approver", "commune", ""),
        ("admin", "clerk", "administrator", "commune", ""),
        ("province_admin", "clerk", "approver", "commune", ""),
        ("province_admin", "clerk", "auditor", "neighbour", ""),
        ("admin", "admin", "approver", "commune", "own_rights"),
        ("admin", "clerk", "approver", "province", "no_agency"),
        ("admin", "clerk", "approver", "neighbour", "no_agency"),
        ("admin", "stranger_clerk", "author", "commune", "no_account"),
        ("admin", "province_admin", "author", "commune", "no_account"),
        ("stranger", "clerk", "author", "commune", "no_agency"),
        ("approver", "clerk", "approver", "commune", "role_missing"),
        ("author", "clerk", "author", "commune", "role_missing"),
        ("admin", "clerk", "king", "commune", "unknown_role"),
        ("admin", "author", "author", "commune", "grant_exists"),
    ],
)
def test_only_an_administrator_gives_below_and_never_to_themselves(
    place: Place, who: str, to: str, role: str, at: str, answer: str
) -> None:
    given = lambda: grant(place.ledger, place.actor(who), place.new(to, role, at))  # noqa: E731
    assert code(given) == answer
    if not answer:
        assert role in place.actor(to, at).roles


def test_a_right_holds_at_its_agency_and_below_and_not_above_or_beside(place: Place) -> None:
    grant(place.ledger, place.actor("province_admin"), place.new("clerk", "operator", "province"))
    for at in ("province", "commune", "neighbour"):
        assert "operator" in place.actor("clerk", at).roles
    grant(place.ledger, place.actor("admin"), place.new("author", "operator"))
    with place.ledger.read() as conn:
        for at in ("province", "neighbour"):
            agency = place.agencies[at]
            assert registry.actor_for(conn, place.accounts["author"], agency, "test") is None


@pytest.mark.parametrize(
    ("start", "until", "holds", "answer"),
    [(0, 1, True, ""), (1, 2, False, ""), (2, 1, False, "bad_term"), (0, -1, False, "bad_term")],
)
def test_a_right_holds_between_its_dates(
    place: Place, start: int, until: int, holds: bool, answer: str
) -> None:
    term = Term(place.until(start) if start else 0, place.until(until), BASIS)
    new = place.new("clerk", "operator", term=term)
    assert code(lambda: grant(place.ledger, place.actor("admin"), new)) == answer
    assert ("operator" in place.actor("clerk").roles) is holds


def test_what_is_over_or_taken_back_does_not_hold(place: Place) -> None:
    admin = place.actor("admin")
    number = grant(place.ledger, admin, place.new("clerk", "operator"))
    revoke(place.ledger, admin, number)
    assert place.actor("clerk").roles == frozenset()
    assert code(lambda: revoke(place.ledger, admin, number)) == "grant_revoked"
    place.lapse(grant(place.ledger, admin, place.new("clerk", "operator")))
    assert place.actor("clerk").roles == frozenset()


@pytest.mark.parametrize(
    ("who", "of", "answer"),
    [
        ("admin", "author", ""),
        ("province_admin", "admin", ""),
        ("admin", "second_admin", ""),
        ("admin", "admin", "own_rights"),
        ("stranger", "author", "no_grant"),
        ("author", "author", "role_missing"),
        ("admin", "province_admin", "no_grant"),
    ],
)
def test_who_may_take_a_right_back(place: Place, who: str, of: str, answer: str) -> None:
    number = place.grants_of(of, PEOPLE[of][1][0])
    assert code(lambda: revoke(place.ledger, place.actor(who), number)) == answer


# --- lending


@pytest.mark.parametrize(
    ("who", "to", "role", "days", "basis", "answer"),
    [
        ("approver", "clerk", "approver", 14, BASIS, ""),
        ("approver", "clerk", "operator", 14, BASIS, "not_own_role"),
        ("approver", "clerk", "approver", 184, BASIS, "endless_loan"),
        ("approver", "clerk", "approver", 14, " ", "no_basis"),
        ("approver", "approver", "approver", 14, BASIS, "own_rights"),
        ("approver", "stranger_clerk", "approver", 14, BASIS, "no_account"),
        ("approver", "province_admin", "approver", 14, BASIS, "no_account"),
        ("admin", "clerk", "administrator", 14, BASIS, "not_lent"),
    ],
)
def test_one_lends_what_is_one_s_own_with_an_end_and_a_document(
    place: Place, who: str, to: str, role: str, days: int, basis: str, answer: str
) -> None:
    loan = place.loan(to, role, days, basis)
    assert code(lambda: delegate(place.ledger, place.actor(who), loan)) == answer
    if not answer:
        assert place.actor(to).roles == {role}


def test_a_loan_without_an_end_is_refused(place: Place) -> None:
    loan = Loan(place.accounts["clerk"], "approver", Term(0, None, BASIS))
    assert code(lambda: delegate(place.ledger, place.actor("approver"), loan)) == "endless_loan"


def test_what_was_lent_is_not_lent_on(place: Place) -> None:
    delegate(place.ledger, place.actor("approver"), place.loan("clerk", "approver"))
    on = lambda: delegate(  # noqa: E731
        place.ledger, place.actor("clerk"), place.loan("author", "approver")
    )
    assert code(on) == "not_own_role"


def test_a_loan_ends_with_the_right_it_rests_on(place: Place) -> None:
    delegate(place.ledger, place.actor("approver"), place.loan("clerk", "approver"))
    revoke(place.ledger, place.actor("admin"), place.grants_of("approver", "approver"))
    assert place.actor("clerk").roles == frozenset()


def test_who_is_back_takes_the_role_back_alone(place: Place) -> None:
    number = delegate(place.ledger, place.actor("approver"), place.loan("clerk", "approver"))
    revoke(place.ledger, place.actor("approver"), number)
    assert place.actor("clerk").roles == frozenset()


@pytest.mark.parametrize(("author", "submitter"), [("approver", "author"), ("author", "approver")])
def test_a_delegate_does_not_decide_on_what_the_principal_wrote_or_submitted(
    place: Place, author: str, submitter: str
) -> None:
    delegate(place.ledger, place.actor("approver"), place.loan("clerk", "approver"))
    clerk = place.accounts["clerk"]
    with place.ledger.read() as conn:
        principals = grants.principals(conn, clerk, "approver")
    ids = place.accounts
    with pytest.raises(Forbidden) as refused:
        authority.may_decide(clerk, ids[author], ids[submitter], principals)
    assert refused.value.code == "principals_bulletin"
    authority.may_decide(clerk, ids["author"], ids["author"], principals)


# --- agencies, accounts, keys


@pytest.mark.parametrize(
    ("who", "parent", "area", "answer"),
    [
        ("province_admin", "province", "14464", ""),
        ("admin", "commune", COMMUNE, ""),
        ("admin", "province", COMMUNE, "no_agency"),
        ("admin", "neighbour", NEIGHBOUR, "no_agency"),
        ("admin", "commune", NEIGHBOUR, "outside_area"),
        ("province_admin", "province", "", "outside_area"),
        ("province_admin", "province", "99999", "unknown_area"),
        ("author", "commune", COMMUNE, "role_missing"),
    ],
)
def test_an_agency_is_added_below_one_s_own_and_inside_its_area(
    place: Place, who: str, parent: str, area: str, answer: str
) -> None:
    new = NewAgency(place.agencies[parent], "Trường THCS Mẫu", "THCS Mẫu", area)
    assert code(lambda: add_agency(place.ledger, place.actor(who), new)) == answer
    if not answer:
        assert code(lambda: add_agency(place.ledger, place.actor(who), new)) == "agency_exists"


@pytest.mark.parametrize(
    ("who", "at", "roles", "answer"),
    [
        ("admin", "commune", ["author"], ""),
        ("province_admin", "neighbour", [], ""),
        ("admin", "neighbour", [], "no_agency"),
        ("author", "commune", [], "role_missing"),
        ("admin", "commune", ["king"], "unknown_role"),
    ],
)
def test_who_may_open_an_account(
    place: Place, who: str, at: str, roles: list[str], answer: str
) -> None:
    new = NewAccount(place.agencies[at], "Lê Thị Mẫu", "Chuyên viên", roles)
    assert code(lambda: open_account(place.ledger, place.actor(who), new)) == answer
    if not answer:
        assert code(lambda: open_account(place.ledger, place.actor(who), new)) == "account_exists"


@pytest.mark.parametrize(
    ("who", "of", "answer"),
    [
        ("admin", "approver", ""),
        ("province_admin", "admin", ""),
        ("admin", "admin", "own_rights"),
        ("admin", "stranger_clerk", "no_account"),
        ("author", "clerk", "role_missing"),
    ],
)
def test_who_may_close_an_account(place: Place, who: str, of: str, answer: str) -> None:
    number = place.accounts[of]
    assert code(lambda: close_account(place.ledger, place.actor(who), number)) == answer


def test_nothing_of_a_closed_account_opens_anything(place: Place) -> None:
    admin, owner = place.actor("admin"), place.accounts["approver"]
    _, key = add_key(place.ledger, admin, NewKey(owner, "test"))
    delegate(place.ledger, place.actor("approver"), place.loan("clerk", "approver"))
    with place.ledger.begin() as conn:
        words = (
            "INSERT INTO duty_shift (account_id, agency_id, from_at, until_at, basis, created_by, "
            "created_at) VALUES (:owner, :agency, 1, :until, 'QĐ', 1, 1)"
        )
        until = desk.now(conn) + DAY
        values = {"owner": owner, "agency": admin.agency, "until": until}
        conn.execute(text(words), values)
    close_account(place.ledger, admin, owner)
    with place.ledger.read() as conn:
        found = keys.opened(conn, key)
        assert isinstance(found, Refused)
        assert registry.actor(conn, owner, "test") is None
        assert conn.scalar(text("SELECT count(*) FROM duty_shift WHERE cancelled_at IS NULL")) == 0
        words = (
            "SELECT count(*) FROM role_grant "
            "WHERE (account_id = :owner OR delegated_by = :owner) AND revoked_at IS NULL"
        )
        assert conn.scalar(text(words), {"owner": owner}) == 0
    assert place.actor("clerk").roles == frozenset()
    assert code(lambda: close_account(place.ledger, admin, owner)) == "account_closed"


@pytest.mark.parametrize(
    ("who", "of", "change", "answer"),
    [
        ("admin", "approver", {}, ""),
        ("admin", "approver", {"roles": ["author"]}, ""),
        ("admin", "author", {"roles": ["approver"]}, "role_not_held"),
        ("admin", "author", {"roles": []}, "role_not_held"),
        ("admin", "author", {"until": 1}, "bad_term"),
        ("admin", "author", {"mode": "live"}, "demo_database"),
        ("admin", "stranger_clerk", {}, "no_account"),
        ("author", "author", {}, "role_missing"),
    ],
)
def test_a_key_is_made_for_no_more_than_its_account_has(
    place: Place, who: str, of: str, change: dict[str, object], answer: str
) -> None:
    new = replace(NewKey(place.accounts[of], "test"), **change)  # type: ignore[arg-type]
    assert code(lambda: add_key(place.ledger, place.actor(who), new)) == answer


def test_a_key_opens_its_roles_while_its_account_has_them(place: Place) -> None:
    admin, owner = place.actor("admin"), place.accounts["approver"]
    _, key = add_key(place.ledger, admin, NewKey(owner, "test", roles=["approver"]))
    with place.ledger.read() as conn:
        found = keys.opened(conn, key)
    assert isinstance(found, Actor)
    assert found.roles == {"approver"}
    revoke(place.ledger, admin, place.grants_of("approver", "approver"))
    with place.ledger.read() as conn:
        found = keys.opened(conn, key)
    assert isinstance(found, Actor)
    assert found.roles == frozenset()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE api_key SET revoked_at = 1", "revoked"),
        ("UPDATE api_key SET until_at = 1", "over"),
        ("UPDATE account SET closed_at = 1", "closed"),
        ("UPDATE api_key SET agency_id = 3", "without_right"),
    ],
)
def test_a_key_that_was_good_once_is_known_when_it_comes_back(
    place: Place, sql: str, why: str
) -> None:
    owner = place.accounts["author"]
    _, key = add_key(place.ledger, place.actor("admin"), NewKey(owner, "test"))
    with place.ledger.begin() as conn:
        conn.execute(text(sql))
    with place.ledger.read() as conn:
        assert keys.opened(conn, key) == Refused(owner, key[: keys.KEY_PREFIX], why)


@pytest.mark.parametrize(
    ("who", "answer"), [("admin", ""), ("author", ""), ("approver", "role_missing"),
                        ("stranger", "no_key")],
)  # fmt: skip
def test_who_may_shut_a_program_out(place: Place, who: str, answer: str) -> None:
    owner = place.accounts["author"]
    number, _ = add_key(place.ledger, place.actor("admin"), NewKey(owner, "test"))
    assert code(lambda: revoke_key(place.ledger, place.actor(who), number)) == answer


# --- the log


def a_life(place: Place) -> None:
    """Everything that can happen to rights, once."""
    admin = place.actor("admin")
    delegate(place.ledger, place.actor("approver"), place.loan("clerk", "approver"))
    revoke(place.ledger, admin, grant(place.ledger, admin, place.new("clerk", "operator")))
    number, _ = add_key(place.ledger, admin, NewKey(place.accounts["author"], "test"))
    revoke_key(place.ledger, admin, number)
    close_account(place.ledger, admin, place.accounts["second_admin"])
    Sealer(place.ledger, KEY, "a").seal()


def found(place: Place) -> set[tuple[str, str]]:
    report = verify(place.ledger, public_key=KEY.public, origin=KEY.origin)
    return {(each.code, each.where) for each in report.findings}


def test_what_went_through_the_verbs_is_what_the_log_says(place: Place) -> None:
    a_life(place)
    assert found(place) == set()


#: SQL that somebody with the database's password might run, and what it must be called.
TAMPERINGS = {
    "a grant slipped in": (
        ("INSERT INTO role_grant (account_id, agency_id, role, from_at, granted_at) "
        "VALUES (5, 2, 'approver', 1, 1)"),
        "act_missing", "role_grant(10)",
    ),
    "a role changed": (
        "UPDATE role_grant SET role = 'approver' WHERE id = 6", "act_differs", "role_grant(6).role",
    ),
    "a right moved up the tree": (
        "UPDATE role_grant SET agency_id = 1 WHERE id = 6", "act_differs", "role_grant(6).agency",
    ),
    "a loan without an end": (
        "UPDATE role_grant SET until_at = NULL WHERE delegated_by IS NOT NULL",
        "act_differs", "role_grant(8).until",
    ),
    "another document": (
        "UPDATE role_grant SET basis = '9/QĐ' WHERE id = 6", "act_differs", "role_grant(6).basis",
    ),
    "a loan made one's own": (
        "UPDATE role_grant SET delegated_by = NULL WHERE id = 8", "act_missing", "role_grant(8)",
    ),
    "a revoked right restored": (
        "UPDATE role_grant SET revoked_at = NULL WHERE id = 9", "act_differs",
        "role_grant(9).ended",
    ),
    "a right ended in silence": (
        "UPDATE role_grant SET revoked_at = 5 WHERE id = 6", "act_missing", "role_grant(6).ended",
    ),
    "an account opened again": (
        "UPDATE account SET closed_at = NULL WHERE id = 3", "act_differs", "account(3).ended",
    ),
    "an account moved": (
        "UPDATE account SET agency_id = 1 WHERE id = 5", "act_differs", "account(5).agency",
    ),
    "an agency lifted to the top": (
        "UPDATE agency SET path = '/3/' WHERE id = 3", "act_differs", "agency(3).path",
    ),
    "an agency given another area": (
        "UPDATE agency SET area_code = '' WHERE id = 3", "act_differs", "agency(3).area",
    ),
    "a key given to somebody else": (
        "UPDATE api_key SET account_id = 4", "act_differs", "api_key({}).account",
    ),
    "a revoked key that opens again": (
        "UPDATE api_key SET revoked_at = NULL", "act_differs", "api_key({}).ended",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_right_changed_by_sql_is_named(place: Place, name: str) -> None:
    a_life(place)
    sql, what, where = TAMPERINGS[name]
    with place.ledger.begin() as conn:
        prefix = conn.scalar(text("SELECT prefix FROM api_key"))
        conn.execute(text(sql))
    assert (what, where.format(prefix)) in found(place)
