"""Administrative areas, as loaded and as found."""

from __future__ import annotations

import pytest

from dispatcher.domain.places import Unsure, Wanted
from dispatcher.ledger import areas
from dispatcher.ledger.store import Ledger
from tests.ledger import world


def test_all_provinces_and_communes_are_there_and_loaded_once(ledger: Ledger) -> None:
    with ledger.begin() as conn:
        assert areas.load(conn) == 34 + 3_321


@pytest.mark.parametrize(
    ("code", "name"), [("37", "Ninh Bình"), ("00070", "Hoàn Kiếm"), ("06970", "Ba Chẽ")]
)
def test_an_area_is_got_by_code_alias_included(ledger: Ledger, code: str, name: str) -> None:
    with ledger.read() as conn:
        found = areas.get(conn, code)
        assert areas.get(conn, "99999") is None
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Gia Viễn", "14464"),
        ("gia vien, ninh binh", "14464"),
        ("Gia Viên", "11359"),
        ("xã Gia Viễn, Ninh Bình", "14464"),
        ("14464", "14464"),
    ],
)
def test_the_best_find_comes_first(ledger: Ledger, words: str, code: str) -> None:
    with ledger.read() as conn:
        found = areas.search(conn, words)
    assert found[0].code == code


def test_within_names_what_lies_outside(ledger: Ledger) -> None:
    codes = [world.COMMUNE, world.NEIGHBOUR, world.ELSEWHERE]
    with ledger.read() as conn:
        assert areas.within(conn, codes, "") == []
        assert areas.within(conn, codes, world.PROVINCE) == [world.ELSEWHERE]
        assert areas.within(conn, codes, world.COMMUNE) == [world.NEIGHBOUR, world.ELSEWHERE]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("Gia Viễn"), "14464"),
        (Wanted("Trường Yên", "TP. Hoa Lư", "Ninh Bình"), "14533"),
        (Wanted("Phường Quang Trung", "Phủ Lý"), None),
        (Wanted("Gia Tân", "Huyện Gia Viễn"), None),
        (Wanted("Hòa Mạc", "Duy Tiên", "Hà Nam"), None),
    ],
)
def test_lists_of_before_the_mergers_are_understood_unless_divided(
    ledger: Ledger, wanted: Wanted, code: str | None
) -> None:
    with ledger.read() as conn:
        found = areas.atlas(conn, world.PROVINCE).find(wanted)
    assert found == code if code else isinstance(found, Unsure)


def test_every_former_commune_leads_to_a_present_one(ledger: Ledger) -> None:
    present = {old.now for old in areas.former()}
    with ledger.read() as conn:
        assert {code for code in present if areas.get(conn, code) is None} == set()


def test_a_commune_has_its_own_localities_only(ledger: Ledger) -> None:
    home = world.make(ledger)
    with ledger.read() as conn:
        own = areas.villages(conn, world.COMMUNE)
        assert areas.villages(conn, world.NEIGHBOUR) == []
    assert tuple(each.id for each in own) == home.localities
