"""An installation that stands is brought to the next shape with all that is in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from dispatcher.ledger import entries, migrate, registry
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.ledger.verifying import verify
from tests.ledger.chronicle import KEY
from tests.ledger.databases import ROOTS, driver_url
from tests.servers.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        opened = open_ledger(f"sqlite:///{tmp_path / 'loa.db'}", ROOTS)
        yield opened
        opened.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create()
    opened = open_ledger(driver_url(url), ROOTS)
    yield opened
    opened.close()
    server.drop(url)


def _at(ledger: Ledger, revision: str) -> None:
    config = migrate.config()
    with ledger.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)


def test_roles_prices_and_acts_of_the_first_shape_are_kept(empty: Ledger) -> None:
    _at(empty, "0001")
    act = entries.act("draft", "version:1", 1, 5, {"bulletin": 1})
    with empty.begin() as conn:
        for statement in (
            (
                "INSERT INTO agency (id, path, name, short_name, area_code, created_at) "
                "VALUES (1, '/1/', 'UBND xã Mẫu', 'Mẫu', '', 1)"
            ),
            (
                "INSERT INTO account (id, agency_id, name, office, roles, created_at) "
                """VALUES (1, 1, 'Cán bộ Mẫu', '', '["author", "operator"]', 2)"""
            ),
            (
                "INSERT INTO route (id, agency_id, channel, provider, name, mode, settings, rate, "
                "price, weight, unaccent) "
                "VALUES (1, 1, 'sms', 'twilio', 'Một', 'test', '', 1, 450, 1, false)"
            ),
        ):
            conn.execute(text(statement))
        if empty.dialect == "postgresql":
            conn.execute(text("SELECT nextval('page_id_seq')"))
        conn.execute(
            text(
                "INSERT INTO page (id, body, count, digest, created_at) VALUES (1, :body, 1, '', 5)"
            ),
            {"body": entries.pack([act])},
        )
    migrate.upgrade(empty)
    with empty.read() as conn:
        person = registry.actor(conn, 1, "test")
        acts = conn.execute(text("SELECT page_id, name, subject, agency_id FROM act")).all()
        prices = conn.execute(text("SELECT route_id, price FROM route_price")).all()
    assert person is not None
    assert person.roles == {"author", "operator"}
    assert acts[0] == (1, "draft", "version:1", 1)
    assert prices == [(1, 450)]


def test_rights_from_before_the_log_are_entered_and_held_to_it(empty: Ledger) -> None:
    _at(empty, "0001")
    with empty.begin() as conn:
        for statement in (
            (
                "INSERT INTO agency (id, path, name, short_name, area_code, created_at) "
                "VALUES (1, '/1/', 'UBND xã Mẫu', 'Mẫu', '', 1)"
            ),
            (
                "INSERT INTO account (id, agency_id, name, office, roles, created_at) "
                """VALUES (1, 1, 'Cán bộ Mẫu', '', '["author", "operator"]', 2)"""
            ),
            (
                "INSERT INTO api_key (id, account_id, prefix, digest, mode, created_at) "
                "VALUES (1, 1, 'loa_test_abcdefg', :digest, 'test', 3)"
            ),
        ):
            conn.execute(text(statement), {"digest": b"x"} if ":digest" in statement else {})
    migrate.upgrade(empty)
    with empty.read() as conn:
        names = conn.scalars(text("SELECT name FROM act ORDER BY page_id")).all()
    assert names == ["add_agency", "open_account", "grant", "grant", "add_key"]
    Sealer(empty, KEY, "a").seal()
    assert _found(empty) == []
    with empty.begin() as conn:
        conn.execute(text("UPDATE role_grant SET role = 'approver' WHERE id = 1"))
    assert _found(empty) == [("act_differs", "role_grant(1).role")]


def _found(ledger: Ledger) -> list[tuple[str, str]]:
    report = verify(ledger, public_key=KEY.public, origin=KEY.origin)
    return [(each.code, each.where) for each in report.findings]


def test_bringing_it_up_twice_changes_nothing(empty: Ledger) -> None:
    for _ in range(2):
        migrate.upgrade(empty)
    with empty.read() as conn:
        assert migrate.present(conn) == migrate.head()
