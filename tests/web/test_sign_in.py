"""Signing in as people do it: password, second factor, waits, recovery, one's own account."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from dispatcher.ledger import credentials, desk, registry
from dispatcher.ledger.tables import account, act, session, throttle
from dispatcher.signin.hashing import Passwords
from dispatcher.web import tickets
from tests.web.visiting import (
    OWN,
    PASSWORD,
    appoint,
    carry,
    code,
    give_login,
    knock,
    session_of,
    sign_in,
    token_in,
)
from tests.web.world import World


@pytest.fixture(autouse=True)
def quick(client: TestClient) -> None:
    """Cheap hashes: what they cost is for the installation, not for these tests."""
    gate = client.app.state.gate  # type: ignore[attr-defined]
    cheap = Passwords(memory_kib=64, passes=1)
    client.app.state.gate = replace(gate, passwords=cheap)  # type: ignore[attr-defined]


def acts(world: World, *names: str) -> list[tuple[str, str, int]]:
    """(name, subject, actor) of what was entered, in order."""
    with world.runtime.ledger.read() as conn:
        query = select(act.c.name, act.c.subject, act.c.actor).where(act.c.name.in_(names))
        return [tuple(row) for row in conn.execute(query.order_by(act.c.page_id))]


def later(world: World) -> None:
    """Let every wait pass."""
    with world.runtime.ledger.begin() as conn:
        conn.execute(update(throttle).values(since=throttle.c.since - 900_001))


def enrolled(client: TestClient) -> tuple[str, list[str]]:
    """(secret, spare codes) of whoever is signed in, from the pages."""
    page = client.get("/console/account/second-factor").text
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    assert shown
    assert sealed
    secret = shown[1].replace(" ", "")
    form = {"csrf": token_in(page), "sealed": sealed[1], "code": code(secret, -1)}
    answer = client.post(
        "/console/account/second-factor", data={**form, "password": PASSWORD}, headers=OWN
    )
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<code>([\w-]{14})</code>", answer.text)


# --- the password


def test_a_login_and_a_password_open_the_console(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    answer = knock(client, " Operator ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/welcome?to=")
    assert client.get("/console/welcome").url.path == "/console"
    cookie = client.cookies["loa"]
    page = client.get("/console/account").text
    client.post("/console/sign-out", data={"csrf": token_in(page)}, headers=OWN)
    carry(client, cookie)
    assert client.get("/console").url.path == "/console/sign-in"
    assert ("refuse", f"account:{world.accounts['operator']}", 0) in acts(world, "refuse")


def test_a_key_opens_nothing_here(client: TestClient, world: World) -> None:
    assert knock(client, "operator", world.keys["operator"]).status_code == 401


def test_nobody_learns_which_logins_exist(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    answers = [knock(client, login, "sai mật khẩu rồi") for login in ("operator", "nobody")]
    words = {re.sub(r'value="\w+"', "", each.text) for each in answers}
    assert {each.status_code for each in answers} == {401}
    assert len(words) == 1


def test_a_closed_account_opens_nothing(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    with world.runtime.ledger.begin() as conn:
        conn.execute(update(account).values(closed_at=1))
    assert knock(client, "operator").status_code == 401


def test_an_old_hash_is_renewed_at_the_next_sign_in(client: TestClient, world: World) -> None:
    give_login(world, "operator")

    def outdated() -> bool:
        with world.runtime.ledger.read() as conn:
            row = credentials.by_login(conn, "operator")
        assert row is not None
        found: bool = client.app.state.gate.passwords.outdated(row.password)  # type: ignore[attr-defined]
        return found

    assert outdated()
    assert knock(client, "operator").status_code == 303
    assert not outdated()
    assert knock(client, "operator").status_code == 303


def test_the_cookie_is_for_this_host_and_not_for_scripts(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    cookies = knock(client, "operator").headers.get_list("set-cookie")
    assert [each.split("=")[0] for each in cookies] == ["loa", "loa-known"]
    assert all("HttpOnly" in each and "SameSite=lax" in each for each in cookies)
    assert all("Path=/" in each and "Domain" not in each for each in cookies)


def test_over_https_the_cookies_are_bound_to_this_host(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    https = world.runtime.settings.model_copy(update={"public_url": "https://testserver"})
    client.app.state.runtime = replace(world.runtime, settings=https)  # type: ignore[attr-defined]
    form = {"login": "operator", "password": PASSWORD}
    own = {"Origin": "https://testserver"}
    answer = client.post("https://testserver/console/sign-in", data=form, headers=own)
    cookies = answer.history[0].headers.get_list("set-cookie")
    assert [each.split("=")[0] for each in cookies] == ["__Host-loa", "__Host-loa-known"]
    assert all("; Secure" in each and "Domain" not in each for each in cookies)
    assert answer.url == "https://testserver/console"


def test_a_sign_in_changes_the_secret(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    planted = sign_in(client, world, "auditor")
    client.headers.pop("X-CSRF-Token")
    form = {"login": "operator", "password": PASSWORD, "csrf": planted.csrf}
    answer = client.post("/console/sign-in", data=form, headers=OWN, follow_redirects=False)
    assert answer.status_code == 303
    assert planted.secret not in answer.headers["set-cookie"]
    with world.runtime.ledger.read() as conn:
        open_ = select(session.c.account_id).where(session.c.ended_at.is_(None))
        assert list(conn.scalars(open_)) == [world.accounts["operator"]]


@pytest.mark.parametrize("second", [False, True], ids=["password", "and code"])
def test_one_gets_to_the_page_one_wanted(client: TestClient, world: World, second: bool) -> None:
    who = "approver" if second else "operator"
    give_login(world, who)
    knock(client, who)
    secret, _ = enrolled(client) if second else ("", [])
    carry(client)
    asked = client.get("/console/account/password")
    form = {"login": who, "password": PASSWORD, "to": asked.url.params["to"]}
    answer = client.post("/console/sign-in", data=form, headers=OWN)
    if second:
        token, to = token_in(answer.text), answer.url.params["to"]
        shown = {"csrf": token, "code": code(secret), "to": to}
        answer = client.post("/console/second-factor", data=shown, headers=OWN)
    assert answer.url.path == "/console/account/password"


@pytest.mark.parametrize(
    "to",
    ["//elsewhere.example", "https://elsewhere.example", "/console//x", "/v1", "/console/../v1"],
)
def test_nobody_is_led_elsewhere(client: TestClient, world: World, to: str) -> None:
    sign_in(client, world, "operator")
    answer = client.get("/console/welcome", params={"to": to}, follow_redirects=False)
    assert answer.headers["location"] == "/console"


# --- waits


def wrongly(client: TestClient, times: int) -> None:
    for _ in range(times):
        assert knock(client, "operator", "sai mật khẩu rồi").status_code == 401


def test_after_five_wrong_tries_even_the_right_one_waits(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    wrongly(client, 5)
    assert knock(client, "operator").status_code == 401
    assert acts(world, "lock_account") == [
        ("lock_account", f"account:{world.accounts['operator']}", 0)
    ]
    later(world)
    assert knock(client, "operator").status_code == 303


def test_a_known_browser_does_not_wait_for_strangers(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    knock(client, "operator")
    known = client.cookies["loa-known"]
    client.cookies.clear()
    wrongly(client, 6)
    client.cookies.set("loa-known", known)
    assert knock(client, "operator").status_code == 303


@pytest.mark.parametrize("spoil", [lambda kept: kept[:-4] + "AAA=", lambda _: "x", lambda _: ""])
def test_a_browser_that_only_says_so_is_not_known(client: TestClient, world: World, spoil) -> None:  # type: ignore[no-untyped-def]
    give_login(world, "operator")
    knock(client, "operator")
    kept = spoil(client.cookies["loa-known"])
    client.cookies.clear()
    wrongly(client, 5)
    client.cookies.set("loa-known", kept)
    assert knock(client, "operator").status_code == 401


def test_an_address_with_thirty_wrong_logins_waits(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    answers = [knock(client, f"khong.co.{number}", "sai").status_code for number in range(31)]
    assert answers == [401] * 30 + [429]
    assert knock(client, "operator").status_code == 429
    later(world)
    assert knock(client, "operator").status_code == 303


# --- the second factor


def test_an_approver_is_led_to_enrol_and_then_approves(client: TestClient, world: World) -> None:
    give_login(world, "approver")
    knock(client, "approver")
    assert client.get("/console/welcome").url.path == "/console/account/second-factor"
    assert "bị giữ lại" in client.get("/console").text
    before = client.cookies["loa"]
    _, spares = enrolled(client)
    assert len(spares) == 10
    assert client.cookies["loa"] != before
    assert "bị giữ lại" not in client.get("/console").text
    who = world.accounts["approver"]
    assert acts(world, "set_second_factor") == [("set_second_factor", f"account:{who}", who)]


def test_who_has_enrolled_gets_nowhere_without_the_code(client: TestClient, world: World) -> None:
    give_login(world, "approver")
    knock(client, "approver")
    secret, _ = enrolled(client)
    client.cookies.clear()
    knock(client, "approver")
    for path in ("/console", "/console/account", "/console/account/second-factor"):
        assert client.get(path).url.path == "/console/second-factor"
    token = token_in(client.get("/console/second-factor").text)
    form = {"csrf": token, "code": code(secret)}
    answer = client.post("/console/second-factor", data=form, headers=OWN)
    assert answer.url.path == "/console"


def show(client: TestClient, shown: str) -> int:
    """Sign the approver in anew and show a code; the answer's status before redirection."""
    client.cookies.clear()
    knock(client, "approver")
    token = token_in(client.get("/console/second-factor").text)
    form = {"csrf": token, "code": shown}
    url = "/console/second-factor"
    return client.post(url, data=form, headers=OWN, follow_redirects=False).status_code


def test_a_code_opens_once_and_so_does_a_spare_one(client: TestClient, world: World) -> None:
    give_login(world, "approver")
    knock(client, "approver")
    secret, spares = enrolled(client)
    now = code(secret)
    assert [show(client, each) for each in (now, now)] == [303, 401]
    assert [show(client, each.lower()) for each in (spares[3], spares[3])] == [303, 401]


def test_codes_cannot_be_guessed_at_leisure(client: TestClient, world: World) -> None:
    give_login(world, "approver")
    knock(client, "approver")
    secret, _ = enrolled(client)
    assert [show(client, "000000") for _ in range(5)] == [401] * 5
    assert show(client, code(secret)) == 429


def test_enrolling_takes_the_password_and_this_session_s_page(
    client: TestClient, world: World
) -> None:
    give_login(world, "approver")
    knock(client, "approver")
    page = client.get("/console/account/second-factor").text
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    assert sealed
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert secret
    form = {"sealed": sealed[1], "code": code(secret[1].replace(" ", ""))}
    url = "/console/account/second-factor"
    wrong = {**form, "csrf": token_in(page), "password": "không phải thế"}
    assert client.post(url, data=wrong, headers=OWN).status_code == 401
    client.cookies.clear()
    knock(client, "approver")
    token = token_in(client.get(url).text)
    other = {**form, "csrf": token, "password": PASSWORD}
    assert client.post(url, data=other, headers=OWN).status_code == 422


# --- recovery


def recovery(client: TestClient, login: str):  # type: ignore[no-untyped-def]
    return client.post("/console/recovery", data={"login": login}, headers=OWN)


def test_an_administrator_s_link_sets_a_password_once(client: TestClient, world: World) -> None:
    for who in ("approver", "auditor"):
        give_login(world, who)
    knock(client, "approver")
    enrolled(client)
    standing = client.cookies["loa"]
    appoint(world, "auditor", "auditor")
    sign_in(client, world, "auditor")
    links = [re.search(r">(http\S+)<", recovery(client, "approver").text) for _ in range(2)]
    stale, link = [found[1] for found in links if found]
    by = world.accounts["auditor"]
    assert acts(world, "recover_account")[-1] == (
        "recover_account", f"account:{world.accounts['approver']}", by,
    )  # fmt: skip
    client.cookies.clear()
    client.headers.pop("X-CSRF-Token")
    assert client.get(stale).status_code == 401
    assert "approver" in client.get(link).text
    ticket = link.partition("ticket=")[2]
    new = {"ticket": ticket, "password": "chợ quê họp sớm", "again": "chợ quê họp sớm"}
    done = client.post("/console/recover", data=new, headers=OWN)
    assert done.url.path == "/console/account/second-factor"
    assert client.post("/console/recover", data=new, headers=OWN).status_code in {401, 403}
    client.cookies.clear()
    assert client.post("/console/recover", data=new, headers=OWN).status_code == 401
    carry(client, standing)
    assert client.get("/console").url.path == "/console/sign-in"


@pytest.mark.parametrize(
    ("place", "whom", "status"),
    [
        ("auditor", "operator", 200),
        ("auditor", "auditor", 403),
        ("auditor", "stranger", 404),
        ("auditor", "nobody", 404),
        ("auditor", "approver", 403),
        ("centre", "approver", 200),
        ("centre", "stranger", 200),
    ],
    ids=["own agency", "oneself", "elsewhere", "no such login", "rights above", "above", "below"],
)
def test_whom_an_administrator_may_recover(
    client: TestClient, world: World, place: str, whom: str, status: int
) -> None:
    for who in ("operator", "auditor", "stranger", "approver"):
        give_login(world, who)
    appoint(world, place, place)
    appoint(world, "approver", "centre")
    sign_in(client, world, place)
    assert recovery(client, whom).status_code == status


@pytest.mark.parametrize(
    ("whom", "login", "status"),
    [
        ("operator", "Tuan.GiaVien", 200),
        ("operator", "tuấn", 422),
        ("operator", "taken", 409),
        ("stranger", "khac", 404),
        ("taken", "lan.hai", 404),
        ("auditor", "toi", 403),
        ("approver", "tren", 403),
    ],
    ids=["own agency", "no login", "taken", "elsewhere", "has one", "oneself", "rights above"],
)
def test_whom_an_administrator_gives_a_login(
    client: TestClient, world: World, whom: str, login: str, status: int
) -> None:
    appoint(world, "auditor", "auditor")
    appoint(world, "approver", "centre")
    with world.runtime.ledger.begin() as conn:
        credentials.add(conn, world.accounts["author"], "taken", 1)
    sign_in(client, world, "auditor")
    number = world.accounts["author" if whom == "taken" else whom]
    form = {"account": str(number), "login": login}
    answer = client.post("/console/recovery/login", data=form, headers=OWN)
    assert answer.status_code == status
    if status == 200:
        link = re.search(r">(http\S+)<", answer.text)
        assert link
        assert login.lower() in client.get(link[1]).text


def test_recovering_takes_the_role_and_the_second_factor(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    sign_in(client, world, "auditor")
    assert "Vai trò của bạn" in recovery(client, "operator").text
    appoint(world, "auditor", "auditor")
    sign_in(client, world, "auditor", strong=False)
    refused = recovery(client, "operator")
    assert refused.status_code == 403
    assert "/console/account/second-factor" in refused.text


@pytest.mark.parametrize("spoil", [lambda t: t[:-3] + "AAA", lambda t: t[:20], lambda _: "é"])
def test_a_ticket_that_is_not_ours_sets_nothing(client: TestClient, spoil) -> None:  # type: ignore[no-untyped-def]
    new = {"ticket": spoil("A" * 75), "password": PASSWORD, "again": PASSWORD}
    assert client.post("/console/recover", data=new, headers=OWN).status_code == 401


# --- one's own account


def test_a_changed_password_ends_the_other_sessions(client: TestClient, world: World) -> None:
    give_login(world, "operator")
    elsewhere = session_of(world, "operator")
    knock(client, "operator")
    before = client.cookies["loa"]
    token = token_in(client.get("/console/account/password").text)
    new = "chợ quê họp sớm"
    form = {"csrf": token, "old": PASSWORD, "password": new, "again": new}
    assert client.post("/console/account/password", data=form, headers=OWN).status_code == 200
    assert client.cookies["loa"] != before
    assert client.get("/console").url.path == "/console"
    carry(client, elsewhere.secret)
    assert client.get("/console").url.path == "/console/sign-in"
    assert knock(client, "operator").status_code == 401
    assert knock(client, "operator", new).status_code == 303


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"old": "không phải thế"}, 401),
        ({"again": "chợ quê họp muộn"}, 422),
        ({"password": "ngắn", "again": "ngắn"}, 422),
        ({"password": "operator1234567", "again": "operator1234567"}, 422),
    ],
)
def test_a_wrong_change_changes_nothing(
    client: TestClient, world: World, change: dict[str, str], status: int
) -> None:
    give_login(world, "operator")
    knock(client, "operator")
    token = token_in(client.get("/console/account/password").text)
    good = {"csrf": token, "old": PASSWORD, "password": "chợ quê họp sớm"}
    form = {**good, "again": good["password"], **change}
    url = "/console/account/password"
    assert client.post(url, data=form, headers=OWN).status_code == status
    assert knock(client, "operator").status_code == 303


def test_one_ends_one_s_own_sessions_and_nobody_else_s(client: TestClient, world: World) -> None:
    session_of(world, "operator")
    session_of(world, "auditor")
    sign_in(client, world, "operator")
    numbers = re.findall(r"sessions/([0-9a-f]{16})/end", client.get("/console/account").text)
    assert len(numbers) == 1
    url = "/console/account/sessions/{}/end"
    assert client.post(url.format(numbers[0]), headers=OWN).status_code == 200
    assert client.post(url.format(numbers[0]), headers=OWN).status_code == 404
    assert client.post(url.format("0" * 16), headers=OWN).status_code == 404


def test_one_acts_where_one_has_a_role_and_nowhere_else(client: TestClient, world: World) -> None:
    appoint(world, "operator", "centre")
    sign_in(client, world, "operator")
    page = client.get("/console/account").text
    named = dict(re.findall(r'<option value="(\d+)"[^>]*>([^<]+)<', page))
    assert set(named.values()) == {"Trung tâm Thông tin cơ sở", "Ủy ban nhân dân xã Gia Viễn"}
    centre = next(number for number, name in named.items() if name.startswith("Trung tâm"))
    url = "/console/account/acting"
    done = client.post(url, data={"agency": centre, "mode": "test"}, headers=OWN)
    assert f'value="{centre}" selected' in done.text
    with world.runtime.ledger.read() as conn:
        stranger = registry.actor(conn, world.accounts["stranger"], "test")
    assert stranger is not None
    for form in ({"agency": stranger.agency, "mode": "test"}, {"agency": centre, "mode": "live"}):
        assert client.post(url, data=form, headers=OWN).status_code == 404


# --- view links


def test_a_view_link_opens_nothing_where_something_is_live(
    client: TestClient, world: World
) -> None:
    ticket = tickets.issue(
        world.runtime.gateway_secret, world.accounts["auditor"], world.runtime.now(), bytes(16)
    )
    with world.runtime.ledger.begin() as conn:
        desk.set_mark(conn, "kind", "production")
    assert client.get("/console/enter", params={"ticket": ticket}).status_code == 401
    with world.runtime.ledger.begin() as conn:
        desk.set_mark(conn, "kind", "test")
    assert client.get("/console/enter", params={"ticket": ticket}).url.path == "/console"
