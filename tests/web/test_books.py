"""Auditors at the doors: their own part of the tree, in the form they ask for, on record."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from dispatcher.books.shelf import SHELF
from dispatcher.ledger.tables import act
from tests.web import walk
from tests.web.world import World

YEARS = "from=2020-01-01&to=2035-12-31"


def acts(world: World, name: str) -> list[str]:
    with world.runtime.ledger.read() as conn:
        return list(conn.scalars(select(act.c.subject).where(act.c.name == name)))


@pytest.mark.parametrize("name", SHELF)
def test_every_book_opens_in_every_form(client: TestClient, world: World, name: str) -> None:
    walk.started(client, world)
    url = f"/v1/books/{name}?{YEARS}"
    headers = world.headers("auditor")
    page = client.get(url, headers=headers).json()
    heads = [column["name"] for column in page["columns"]]
    assert all(list(item) == heads for item in page["items"])
    table = client.get(f"{url}&format=csv", headers=headers)
    assert next(csv.reader(io.StringIO(table.content.decode("utf-8-sig")))) == heads
    printed = client.get(url, headers={**headers, "Accept": "text/html"})
    assert page["title"] in printed.text
    book = client.get(f"{url}&format=xlsx", headers=headers)
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()
    assert book.headers["content-disposition"].startswith("attachment")


def test_the_pages_of_a_book_are_the_whole_of_it(client: TestClient, world: World) -> None:
    walk.started(client, world)
    url, headers = f"/v1/books/deliveries?{YEARS}", world.headers("auditor")
    whole = client.get(url, headers=headers).json()["items"]
    found, after = [], ""
    for _ in range(20):
        page = client.get(f"{url}&limit=1&after={after}", headers=headers).json()
        found += page["items"]
        after = page["next"]
        if not after:
            break
    assert len(whole) > 2
    assert found == whole


@pytest.mark.parametrize("who", ["author", "approver", "operator", "stranger"])
def test_books_and_searches_are_for_auditors(client: TestClient, world: World, who: str) -> None:
    headers = world.headers(who)
    answers = [
        client.get(f"/v1/books/deliveries?{YEARS}", headers=headers),
        client.get(f"/v1/books/deliveries?{YEARS}&format=csv", headers=headers),
        client.post("/v1/searches/dispatches", json={}, headers=headers),
        client.post("/v1/searches/deliveries", json={}, headers=headers),
    ]
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "role_missing")}


def test_who_is_above_reads_what_is_below(client: TestClient, world: World) -> None:
    walk.started(client, world)
    page = client.get(f"/v1/books/bulletins?{YEARS}", headers=world.headers("centre")).json()
    assert [item["agency"] for item in page["items"]] == ["Ủy ban nhân dân xã Gia Viễn"]


def test_a_file_with_deliveries_is_an_act(client: TestClient, world: World) -> None:
    headers = world.headers("auditor")
    client.get(f"/v1/books/bulletins?{YEARS}&format=csv", headers=headers)
    assert acts(world, "export") == []
    client.get(f"/v1/books/deliveries?{YEARS}&format=csv", headers=headers)
    assert len(acts(world, "export")) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2026-11-31&to=2026-12-01", "bad_day"),
        ("from=2026-11-02&to=2026-11-01", "period_reversed"),
        (f"{YEARS}&after=x", "bad_place"),
        (f"{YEARS}&after=1.2", "bad_place"),
    ],
)
def test_what_cannot_be_read_is_said(
    client: TestClient, world: World, query: str, code: str
) -> None:
    answer = client.get(f"/v1/books/deliveries?{query}", headers=world.headers("auditor"))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_search_finds_a_person_and_keeps_nothing_of_their_number(
    client: TestClient, world: World
) -> None:
    walk.started(client, world)
    headers = world.headers("auditor")
    asked = {"recipient": "0912 340 001", "outcomes": []}
    found = client.post("/v1/searches/deliveries", json=asked, headers=headers).json()
    assert [item["target"] for item in found["items"]] == ["+84•••001"]
    assert len(acts(world, "search")) == 1
    stored = (world.runtime.settings.data_dir / "loa.db").read_bytes()
    assert b"912340001" not in stored
    unknown = {"recipient": "0912 349 999"}
    answer = client.post("/v1/searches/deliveries", json=unknown, headers=headers)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_person_s_delivery_never_says_that_it_was_seen(client: TestClient, world: World) -> None:
    walk.started(client, world)
    with world.runtime.ledger.begin() as conn:
        conn.exec_driver_sql("UPDATE delivery SET status = 8, evidence = 5 WHERE target_kind = 1")
    headers = world.headers("auditor")
    book = client.get(f"/v1/books/deliveries?{YEARS}", headers=headers).json()["items"]
    people = [item for item in book if item["channel"] == "sms"]
    assert {(item["status"], item["evidence"]) for item in people} == {("delivered", "carrier")}
    found = [
        len(client.post("/v1/searches/deliveries", json=asked, headers=headers).json()["items"])
        for asked in ({"outcomes": ["seen"]}, {"evidence": ["person"]}, {"evidence": ["carrier"]})
    ]
    assert found[:2] == [0, 0]
    assert found[2] == len(people) > 0


def test_another_agency_s_name_opens_nothing(client: TestClient, world: World) -> None:
    with world.runtime.ledger.read() as conn:
        foreign = conn.exec_driver_sql("SELECT id FROM agency WHERE area_code = '18325'").scalar()
    asked = {"agency": foreign}
    answer = client.post("/v1/searches/dispatches", json=asked, headers=world.headers("auditor"))
    assert answer.status_code == 404


def test_an_invoice_is_compared_over_http(client: TestClient, world: World) -> None:
    walk.started(client, world)
    form = {"route": "2", "month": "2020-01", "columns": "reference=Sid,parts=N"}
    invoice = {"invoice": ("hoa-don.csv", "Sid,N\nSM1,1\nSM2,x\n")}
    answer = client.post(
        "/v1/reconciliations", data=form, files=invoice, headers=world.headers("auditor")
    )
    assert (answer.status_code, answer.headers["Loa-Differences"]) == (200, "2")
    found = [row["difference"] for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))]
    assert found == ["not_ours", "unreadable", "total"]
    assert acts(world, "export") == ["route:2"]
    refused = client.post(
        "/v1/reconciliations", data=form, files=invoice, headers=world.headers("operator")
    )
    assert refused.status_code == 403
