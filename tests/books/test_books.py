"""What stands in the books: a whole small life, read back as an auditor would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert, text

from dispatcher.books.book import Tallied, all_rows
from dispatcher.books.shelf import SHELF
from dispatcher.domain.period import of_days
from dispatcher.ledger import pages, prices, routes
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.routes import NewRoute
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import device_event, speaker, station
from tests.ledger import chronicle, world
from tests.ledger.chronicle import Chronicle
from tests.ledger.world import NOW

NOVEMBER = of_days("2026-11-01", "2026-11-30")
HOUR = 3_600_000


@pytest.fixture
def told(ledger: Ledger) -> Chronicle:
    """The chronicle's nine deliveries over a route of 450 VND a part."""
    made = chronicle.write(ledger)
    new = NewRoute(agency=3, channel="sms", provider="twilio", name="SMS", mode="test",
                   settings={}, rate=5, price=450)  # fmt: skip
    with ledger.begin() as conn:
        routes.add(conn, ledger.vault, new)
    return made


def lines(ledger: Ledger, name: str, path: str = "/1/") -> list[dict[str, Any]]:
    """A book's rows by column."""
    shelved = SHELF[name]
    heads = [column.name for column in shelved.book.columns]
    with ledger.read() as conn:
        found = list(all_rows(conn, shelved, Scope(path, NOVEMBER, "test")))
    return [dict(zip(heads, row, strict=True)) for row in found]


def change(ledger: Ledger, statement: str, **values: Any) -> None:
    with ledger.begin() as conn:
        conn.execute(text(statement), values)


# --- sổ nhật ký bản tin


def test_a_dispatch_stands_with_who_wrote_and_who_approved_it(
    ledger: Ledger, told: Chronicle
) -> None:
    (line,) = lines(ledger, "bulletins")
    assert (line["title"], line["kind"], line["way"]) == (
        "Lịch cấp nước",
        "Thông báo",
        "two_people",
    )
    assert (line["drafted_by"], line["approved_by"]) == ("Đinh Thị Hạnh", "Phạm Văn Quyết")
    assert (line["approved_office"], line["approved_at"]) == ("Phó Chủ tịch", NOW + 1)
    assert (line["seal"], line["sealed_at"]) == (2, NOW + 80_000)


def test_targets_are_counted_by_status_and_whose_word_it_is(
    ledger: Ledger, told: Chronicle
) -> None:
    (line,) = lines(ledger, "bulletins")
    assert line["people"] == (
        Tallied("failed", "carrier", 1),
        Tallied("delivered", "carrier", 7),
        Tallied("suppressed", "none", 1),
    )
    assert (line["clusters"], line["orders"]) == ((), ())


def test_those_who_have_seen_it_are_counted_once_they_are_many(
    ledger: Ledger, told: Chronicle
) -> None:
    change(ledger, "UPDATE delivery SET status = 8, evidence = 5 WHERE id < :few", few=5)
    (line,) = lines(ledger, "bulletins")
    assert "seen" not in {each.status for each in line["people"]}
    change(ledger, "UPDATE delivery SET status = 8, evidence = 5 WHERE id < :many", many=6)
    (line,) = lines(ledger, "bulletins")
    assert Tallied("seen", "person", 5) in line["people"]


def test_clusters_and_orders_are_never_among_people(ledger: Ledger, told: Chronicle) -> None:
    change(ledger, "UPDATE delivery SET target_kind = 2 WHERE id = 4")
    change(ledger, "UPDATE delivery SET target_kind = 3 WHERE id = 5")
    (line,) = lines(ledger, "bulletins")
    assert line["clusters"] == line["orders"] == (Tallied("delivered", "carrier", 1),)
    assert sum(each.number for each in line["people"]) == 7


def test_a_status_of_a_later_version_is_shown_as_its_number(
    ledger: Ledger, told: Chronicle
) -> None:
    change(ledger, "UPDATE delivery SET status = 77, reason = 999, evidence = 55 WHERE id = 1")
    (line,) = lines(ledger, "bulletins")
    assert Tallied("77", "55", 1) in line["people"]
    assert (lines(ledger, "deliveries")[0]["status"], lines(ledger, "deliveries")[0]["reason"]) == (
        "77",
        "999",
    )


def test_every_try_that_a_provider_named_is_paid_for(ledger: Ledger, told: Chronicle) -> None:
    """Eight people of two parts each; the first try for number 2 was named, but had no parts."""
    (line,) = lines(ledger, "bulletins")
    assert line["cost"] == 8 * 2 * 450


def test_a_price_counts_from_its_day_on(ledger: Ledger, told: Chronicle) -> None:
    with ledger.begin() as conn:
        prices.add(conn, 1, 500, since=NOW + 5_000, by=1, now=NOW + 5_000)
    (line,) = lines(ledger, "bulletins")
    assert line["cost"] == 7 * 2 * 450 + 1 * 2 * 500, "number 2 left at its second try"
    assert [each["unit_price"] for each in lines(ledger, "deliveries")] == [
        450, 500, *[450] * 6, None,
    ]  # fmt: skip


# --- lượt gửi


def test_a_delivery_stands_with_the_moment_its_try_left(ledger: Ledger, told: Chronicle) -> None:
    found = lines(ledger, "deliveries")
    assert [each["sent_at"] for each in found] == [
        NOW + 2_000, NOW + 10_000, *[NOW + 2_000] * 6, None,
    ]  # fmt: skip
    assert found[1]["provider_ref"] == "SM-2-2"
    assert [each["target"] for each in found][:2] == ["+84•••000", "+84•••001"]
    assert (found[8]["status"], found[8]["reason"]) == ("suppressed", "opted_out")


def test_nobody_outside_an_agency_s_part_of_the_tree_is_in_its_books(
    ledger: Ledger, told: Chronicle
) -> None:
    with ledger.begin() as conn:
        world.registry.add_agency(
            conn, name="UBND xã khác", short_name="khác", area=world.NEIGHBOUR, hotline="",
            parent=2, now=NOW,
        )  # fmt: skip
    assert [lines(ledger, name, "/1/2/4/") for name in SHELF] == [[]] * len(SHELF)


# --- nhật ký phát thanh


def say(n: int, word: str, **facts: Any) -> dict[str, Any]:
    """A line of the device's log, as it is stored."""
    line = {"b": "b1", "n": n, "wall": NOW + n * 1000, "off": -40, "sync": "ok", "t": word}
    raw = json.dumps({**line, **facts, "h": "0" * 64}, separators=(",", ":")).encode()
    return {"speaker_id": 1, "boot": "b1", "n": n, "line": raw, "received_at": NOW + 60_000 + n}


@pytest.fixture
def cluster(ledger: Ledger, told: Chronicle) -> None:
    """A cluster of a station with a morning session that played one item and missed another."""
    about = {"item": "1.4.1", "occ": "1.4.1#0", "sha": "ab" * 32, "of_ms": 30_000}
    log = [
        say(1, "boot"),
        say(2, "start", **about, left=1),
        say(3, "end", **about, played_ms=29_000, left=0),
        say(4, "missed", item="1.5.1", occ="1.5.1#0", left=0, reason="quá giờ"),
    ]
    with ledger.begin() as conn:
        hours = {"quiet": ["21:00", "05:30"], "sessions": [["07:30", "08:30"]]}
        conn.execute(
            insert(station).values(
                id=1,
                agency_id=3,
                area_code=world.COMMUNE,
                name="Đài Gia Viễn",
                hours=hours,
                created_at=NOW,
            )
        )
        conn.execute(
            insert(speaker).values(
                id=1,
                station_id=1,
                device="LOA-1",
                name="Cụm loa thôn Đông",
                key=b"",
                volume=80,
                synthetic=True,
                seq=0,
                state={},
            )
        )
        conn.execute(insert(device_event), log)


def test_a_play_stands_with_its_session_length_offset_and_file(
    ledger: Ledger, cluster: None
) -> None:
    played, missed = lines(ledger, "plays")
    assert (played["station"], played["cluster"]) == ("Đài Gia Viễn", "Cụm loa thôn Đông")
    assert (played["session"], played["result"]) == ("07:30–08:30", "end")
    assert (played["started_at"], played["ended_at"]) == (NOW + 2_000, NOW + 3_000)
    assert (played["played_ms"], played["clock_offset_ms"]) == (29_000, -40)
    assert played["file_hash"] == "ab" * 32
    assert (missed["result"], missed["reason"], missed["started_at"]) == ("missed", "quá giờ", None)


def test_a_word_that_we_do_not_know_yet_is_no_play(ledger: Ledger, cluster: None) -> None:
    with ledger.begin() as conn:
        conn.execute(insert(device_event), [say(5, "hummed", item="1.6.1")])
    assert len(lines(ledger, "plays")) == 2


# --- ngoại lệ

RELEASED = "UPDATE approval SET way = :way WHERE id = 1"


@pytest.mark.parametrize(
    ("kind", "statement", "values"),
    [
        ("released_alone", RELEASED, {"way": "duty"}),
        ("verbal_order", RELEASED, {"way": "verbal"}),
        ("on_behalf", RELEASED, {"way": "on_behalf"}),
        ("edited_and_approved", "UPDATE approval SET edited_from = 1", {}),
        ("unconfirmed", "UPDATE approval SET confirm_by = :at", {"at": NOW + 24 * HOUR}),
        (
            "confirmed_late",
            "UPDATE approval SET confirm_by = :at, confirmed_at = :at + 1, confirmed_by = 2",
            {"at": NOW + 24 * HOUR},
        ),
        ("out_of_hours", "UPDATE dispatch SET start_at = :at", {"at": NOW - 2 * HOUR}),
    ],
)
def test_what_is_out_of_the_ordinary_is_in_the_book(
    ledger: Ledger, told: Chronicle, kind: str, statement: str, values: dict[str, Any]
) -> None:
    assert lines(ledger, "exceptions") == []
    change(ledger, statement, **values)
    (line,) = lines(ledger, "exceptions")
    assert (line["kind"], line["agency"]) == (kind, "Ủy ban nhân dân xã Gia Viễn")
    assert line["who"] == "Phạm Văn Quyết"


@pytest.mark.parametrize(
    ("hour", "level", "exceptional"),
    [
        (6, "normal", True),
        (7, "normal", False),
        (20, "normal", False),
        (21, "normal", True),
        (6, "priority", False),
        (22, "priority", True),
        (3, "emergency", True),
        (12, "emergency", False),
    ],
)
def test_hours_are_those_of_the_level(
    ledger: Ledger, told: Chronicle, hour: int, level: str, exceptional: bool
) -> None:
    at = NOW + (hour - 8) * HOUR
    change(ledger, "UPDATE dispatch SET start_at = :at, level = :level", at=at, level=level)
    assert [line["kind"] for line in lines(ledger, "exceptions")] == ["out_of_hours"] * exceptional


@pytest.mark.parametrize(
    ("name", "kind"),
    [("reveal", "personal_data_shown"), ("export", "personal_data_shown"),
     ("grant", "rights_changed"), ("recover_account", "rights_changed")],
)  # fmt: skip
def test_acts_about_data_and_rights_are_exceptions(
    ledger: Ledger, told: Chronicle, name: str, kind: str
) -> None:
    with ledger.begin() as conn:
        pages.record(conn, name, "address:9", actor=4, at=NOW, facts={})
    (line,) = lines(ledger, "exceptions")
    assert (line["kind"], line["subject"], line["who"], line["detail"]) == (
        kind, "address:9", "Vũ Thị Thanh Tra", name,
    )  # fmt: skip


def test_pages_of_exceptions_of_one_moment_lose_none(ledger: Ledger, told: Chronicle) -> None:
    with ledger.begin() as conn:
        for name in ("reveal", "grant", "reveal", "grant", "revoke"):
            pages.record(conn, name, "account:3", actor=4, at=NOW, facts={})
    whole = lines(ledger, "exceptions")
    found, place = [], ""
    with ledger.read() as conn:
        for _ in range(5):
            part = SHELF["exceptions"].read(conn, Scope("/1/", NOVEMBER, "test"), place, 1)
            found += part.rows
            place = part.next
    assert len(whole) == 5
    assert [list(line.values()) for line in whole] == found
