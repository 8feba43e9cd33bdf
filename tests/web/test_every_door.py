"""Every door and every role: what is another's does not exist, what takes a role takes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

import api
from dispatcher.bootstrap import Runtime
from dispatcher.sim.launch import Started
from tests.web import neighbours
from tests.web import world as worlds
from tests.web.every_door import DOORS, MOUNTS, OWN, PUBLIC, Door
from tests.web.neighbours import ABOVE, BESIDE, ELSEWHERE, HERE, MARK, ROLES, Country, Objects
from tests.web.visiting import OWN as OWN_PAGE

#: A page that goes on for as long as somebody looks (test_live.py opens it).
ENDLESS = "/console/dispatches/{dispatch}/live"

#: The role was enough: only the shift has not begun (tests/verbs/test_release.py).
OFF_DUTY = '"not_on_duty"'

#: Lists of what is not below one: areas, titles without an agency, routes that one may use.
NOT_BELOW = {"/v1/areas", "/console", "/v1/personal/borders"}

LISTS = [
    door for door in DOORS if "{" not in door.path.replace("{name}", "") and door.method == "GET"
]
NAMING = [door for door in DOORS if door.names]
OWNED = [door for door in DOORS if door.in_path]
RIGHTFUL = [door for door in DOORS if door.right]


def named(door: Door) -> str:
    return f"{door.method} {door.path}"


@pytest.fixture(scope="module")
def client(
    first: Runtime, tmp_path_factory: pytest.TempPathFactory, provider: Started
) -> Iterator[TestClient]:
    """One application for all doors: whoever is refused changes nothing."""
    folder = tmp_path_factory.mktemp("doors") / "data"
    shutil.copytree(first.settings.data_dir, folder)
    runtime = replace(worlds.prepared(folder), authoring=first.authoring)
    with TestClient(
        api.create_app(runtime), raise_server_exceptions=False, follow_redirects=False
    ) as opened:
        yield opened
    runtime.close()


@pytest.fixture(scope="module")
def country(client: TestClient, provider: Started) -> Country:
    return neighbours.settled(client.app.state.runtime, client, provider.url)


def knock(
    client: TestClient, country: Country, door: Door, place: str, role: str, its: Objects
) -> Any:
    """The answer to somebody's request about these objects."""
    asked = door.filled(its)
    console = door.path.startswith("/console")
    mine = country.by_session(place, role) if console else country.by_key(place, role)
    own = {"Idempotency-Key": f"{place}-{role}-{its['agency']}".replace(" ", "-")}
    client.cookies.clear()
    return client.request(**asked | {"headers": {**mine, **own, **asked.get("headers", {})}})


# -- the table is whole


def test_every_route_has_its_entry(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)
    found, mounted = set(), set()
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            mounted.add(context.path)
        else:
            found |= {(method, context.path) for method in context.methods or ()}
    entered = [(door.method, door.path) for door in DOORS]
    assert len(entered) == len(set(entered))
    assert {each for each in found if each[0] != "HEAD"} == {*entered, *OWN, *PUBLIC}
    assert mounted == set(MOUNTS)


def told(answer: Any) -> tuple[int, str]:
    """What an answer says: pages have a token of their own session besides."""
    shown = answer.headers["content-type"].startswith("text/html")
    return answer.status_code, "" if shown else answer.text


# -- nobody


@pytest.mark.parametrize("door", [*DOORS, *(Door(*each) for each in sorted(OWN))], ids=named)
def test_who_is_not_in_gets_nothing(client: TestClient, country: Country, door: Door) -> None:
    client.cookies.clear()
    asked = door.filled(country.objects[HERE])
    answer = client.request(**asked | {"headers": {**OWN_PAGE, **asked.get("headers", {})}})
    if door.path.startswith("/console"):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/sign-in")
    else:
        assert answer.status_code == 401


# -- neighbours, strangers, and who is below


@pytest.mark.parametrize("door", OWNED, ids=named)
def test_what_is_another_s_does_not_exist_for_any_role(
    client: TestClient, country: Country, door: Door
) -> None:
    seen = {
        (whose, place, role): knock(
            client, country, door, place, role, country.objects[whose]
        ).status_code
        for whose, places in ((HERE, (BESIDE, ELSEWHERE)), (ABOVE, (HERE, ELSEWHERE)))
        for place in places
        for role in ROLES
    }
    assert {who: status for who, status in seen.items() if status != 404} == {}


@pytest.mark.parametrize("door", NAMING, ids=named)
def test_naming_another_s_is_answered_as_naming_nothing(
    client: TestClient, country: Country, door: Door
) -> None:
    nothing = {
        kind: 2**40 + value if isinstance(value, int) and kind != "from_at" else value
        for kind, value in country.objects[HERE].items()
    }
    for role in ROLES:
        theirs = knock(client, country, door, BESIDE, role, country.objects[HERE])
        none = knock(client, country, door, BESIDE, role, nothing)
        assert theirs.status_code in ({404} if role in door.holders else {403, 404}), role
        assert told(theirs) == told(none)


# -- one's own


@pytest.mark.parametrize("door", RIGHTFUL, ids=named)
def test_a_role_that_may_not_is_told_so(client: TestClient, country: Country, door: Door) -> None:
    others = [role for role in ROLES if role not in door.holders]
    seen = {
        role: knock(client, country, door, HERE, role, country.objects[HERE]).status_code
        for role in others
    }
    assert seen == dict.fromkeys(others, 403)


@pytest.mark.parametrize("door", [door for door in DOORS if door.whose], ids=named)
def test_what_is_a_person_s_does_not_exist_for_colleagues(
    client: TestClient, country: Country, door: Door
) -> None:
    others = [role for role in ROLES if role != door.whose]
    its = country.objects[HERE]
    seen = {role: knock(client, country, door, HERE, role, its).status_code for role in others}
    assert seen == dict.fromkeys(others, 404)


# -- lists, and who is above


@pytest.mark.parametrize("door", LISTS, ids=named)
def test_no_list_has_a_neighbour_s_row(client: TestClient, country: Country, door: Door) -> None:
    for place in (BESIDE, ELSEWHERE):
        for role in door.holders:
            answer = knock(client, country, door, place, role, country.objects[HERE])
            assert answer.status_code == 200
            assert MARK not in answer.text


@pytest.mark.parametrize("door", [each for each in LISTS if each.path not in NOT_BELOW], ids=named)
def test_lists_of_who_is_above_have_it(client: TestClient, country: Country, door: Door) -> None:
    for place in (HERE, ABOVE):
        answer = knock(client, country, door, place, door.holders[0], country.objects[HERE])
        assert MARK in answer.text


@pytest.mark.parametrize(
    "door",
    [each for each in OWNED if each.method == "GET" and each.path != ENDLESS],
    ids=named,
)
def test_who_is_above_sees_what_is_below(client: TestClient, country: Country, door: Door) -> None:
    its = country.objects[HERE]
    seen = {role: knock(client, country, door, ABOVE, role, its).status_code for role in ROLES}
    assert seen == dict.fromkeys(ROLES, 200)


# -- and the table tells the truth: last, for it changes everything


def test_every_door_opens_to_who_may(client: TestClient, country: Country) -> None:
    refused = {}
    for door in DOORS:
        if door.path == ENDLESS:
            continue
        who = door.whose or door.holders[0]
        answer = knock(client, country, door, HERE, who, country.objects[HERE])
        if answer.status_code not in {200, 201, 204, 303, 409} and OFF_DUTY not in answer.text:
            refused[named(door), who] = (answer.status_code, answer.text[:300])
    assert refused == {}
