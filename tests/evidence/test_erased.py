"""Who was erased is in no bundle, and the bundle proves what it did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dispatcher.domain.model import AddressKind
from dispatcher.erase import Asked, erase
from dispatcher.ledger import registry
from dispatcher.ledger.store import Ledger
from dispatcher.switchboard import traits_table
from tests.evidence import story as stories
from tests.evidence.conftest import Made
from tests.evidence.story import judge
from tests.ledger.chronicle import KEY

ASKED = Asked("Đơn đề nghị xóa dữ liệu cá nhân", "2026-11-19")


def test_a_bundle_made_before_and_one_made_after_an_erasure_both_hold(
    told: Ledger, made: Made, tmp_path: Path
) -> None:
    with told.read() as conn:
        operator = next(each for each in registry.accounts(conn) if each.office == "Phụ trách đài")
        actor = registry.actor(conn, operator.id, "test")
    assert actor is not None
    administrator = replace(actor, roles=frozenset({"administrator"}))
    erase(told, traits_table(), administrator, AddressKind.PHONE, "0912340000", ASKED)
    stories.seal(told)
    after = stories.whole(told, made.story, tmp_path / "bundle")
    assert [judge(each, "--key", KEY.vkey()).status for each in (made.bundle, after)] == [0, 0]
    deliveries = "".join(each.read_text() for each in after.rglob("*.csv"))
    assert "đã xóa" in deliveries
    assert "+84•••000" not in deliveries
