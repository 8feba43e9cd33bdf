"""Three roles of a real PostgreSQL: the owner migrates, the engine works, an auditor reads."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatcher.author import Desk
from dispatcher.bootstrap import templates_dir
from dispatcher.commands.upkeep import migrate
from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.domain.templates import load_messages
from dispatcher.import_contacts import import_contacts
from dispatcher.ledger import database_roles, leaves, resealing
from dispatcher.ledger.keyring import Roots
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.ledger.tables import APPEND_ONLY, metadata
from dispatcher.ledger.transition import Place
from dispatcher.ledger.verifying import verify
from dispatcher.speech.espeak import EspeakVoice
from dispatcher.studio import READERS, SpeechStudio
from tests.ledger import world
from tests.ledger.chronicle import KEY
from tests.ledger.databases import ROOTS, driver_url
from tests.servers.postgres import PostgresServer, database_of
from tests.verbs import provider as providers
from tests.verbs.office import Office
from tests.verbs.test_track import word

#: SQLSTATE insufficient_privilege, invalid_parameter_value.
FORBIDDEN, NO_SUCH_LEAF = "42501", "22023"

LIST = "Mã;Họ và tên;Số điện thoại\nHD-01;Đinh Văn Lực;0912345678\n"


@dataclass(frozen=True)
class House:
    """A database with the roles of docs/operations.md, and each role's own door to it."""

    superuser: Ledger
    owner: Ledger
    application: Ledger
    auditor: Ledger
    #: Role by what it is for.
    names: dict[str, str]
    server: str

    def url(self, role: str) -> str:
        at, name = urlsplit(self.server), self.names[role]
        database = database_of(str(self.owner.engine.url))
        return f"postgresql://{name}:{name}@{at.hostname}:{at.port}/{database}"

    def migrate(self, role: str = "owner", **more: str) -> Result:
        """`loa migrate` as a role."""
        settings = {
            "LOA_DATABASE_URL": self.url(role),
            "LOA_ROOT_KEY": b64encode(ROOTS.present).decode(),
            **more,
        }
        return CliRunner().invoke(migrate, env=settings, catch_exceptions=False)

    def assign(self) -> Result:
        """`loa migrate` as docs/operations.md has it."""
        app, auditor = self.names["application"], self.names["auditor"]
        return self.migrate(LOA_APP_ROLE=app, LOA_AUDITOR_ROLE=auditor)


@pytest.fixture(scope="module")
def house(postgres_server: PostgresServer) -> Iterator[House]:
    url, mark = postgres_server.create(), secrets.token_hex(4)
    names = {role: f"loa_{role}_{mark}" for role in ("owner", "application", "auditor")}
    superuser, at = open_ledger(driver_url(url), ROOTS), urlsplit(url)
    _each(superuser, [f"CREATE ROLE {name} LOGIN PASSWORD '{name}'" for name in names.values()])
    _each(superuser, [f"ALTER DATABASE {database_of(url)} OWNER TO {names['owner']}"])

    def enter(role: str, roots: Roots = ROOTS) -> Ledger:
        door = f"{names[role]}:{names[role]}@{at.hostname}:{at.port}{at.path}"
        return open_ledger(f"postgresql+psycopg://{door}", roots)

    # The auditor has no key of ours.
    doors = enter("owner"), enter("application"), enter("auditor", Roots(bytes(32)))
    made = House(superuser, *doors, names, url)
    assert made.assign().exit_code == 0
    yield made
    for each in (superuser, *doors):
        each.close()
    postgres_server.drop(url)
    cluster = open_ledger(driver_url(postgres_server.url), ROOTS)
    _each(cluster, [f"DROP ROLE {name}" for name in names.values()])
    cluster.close()


def _each(ledger: Ledger, statements: list[str]) -> None:
    with ledger.begin() as conn:
        for statement in statements:
            conn.execute(text(statement))


@pytest.fixture(scope="module")
def sent(house: House) -> Iterator[tuple[Office, Place]]:
    """A commune's whole day as the application: a list, a notice, its answers, its seal."""
    voice = EspeakVoice()
    kinds, templates = load_messages(templates_dir() / "messages")
    desk = Desk(kinds, templates, READERS, SpeechStudio(voice))
    office = Office(house.application, desk, world.make(house.application))
    taken = import_contacts(
        house.application, LIST.encode(), actor=office.operator, source_name="Xã", now=world.NOW
    )
    assert taken.added == 1
    with providers.serve() as provider:
        office.people(5)
        office.route(provider.url)
        place = office.started()
        office.deliver()
        office.tell([word(place, 1, Status.DELIVERED), word(place, 2, Status.FAILED)])
        office.track()
        office.tick()
        office.tick()
        Sealer(house.application, KEY, "a").seal()
    yield office, place
    office.board.close()
    voice.close()


def test_the_engine_works_as_a_role_that_owns_nothing(
    house: House, sent: tuple[Office, Place]
) -> None:
    office, place = sent
    row = office.rows(place)[0]
    assert (row.status, row.evidence) == (Status.DELIVERED, Evidence.CARRIER)
    assert office.reasons(place)[Reason.UNREACHABLE] == 1
    with house.superuser.read() as conn:
        owned = text("SELECT count(*) FROM pg_class c WHERE pg_get_userbyid(relowner) = :role")
        assert conn.scalar(owned, {"role": house.names["application"]}) == 0
    assert verify(house.application, public_key=KEY.public, origin=KEY.origin).verified


def test_what_every_process_does_when_it_starts_needs_no_owner(house: House) -> None:
    assert house.migrate("application").exit_code == 0


def test_the_auditor_verifies_the_log_without_any_secret(
    house: House, sent: tuple[Office, Place]
) -> None:
    report = verify(house.auditor, public_key=KEY.public, origin=KEY.origin)
    assert report.verified
    assert report.entries > 10


def test_a_large_dispatch_gets_leaves_of_its_own_that_the_engine_can_use(
    house: House, sent: tuple[Office, Place]
) -> None:
    _, place = sent
    part = leaves.part_for(place.dispatch, leaves.OWN_LEAF, world.NOW)
    with house.application.begin() as conn:
        leaves.ensure(conn, part)
        leaves.ensure(conn, part)
    for leaf in (f"delivery_{part}", f"attempt_{part}"):
        for form in ("SELECT * FROM {}", "INSERT INTO {0} SELECT * FROM {0}"):
            assert _state(house.application, form.format(leaf)) == ""
        assert _state(house.auditor, f"TABLE {leaf}") == ""
    lock = f"LOCK TABLE delivery_{part} IN EXCLUSIVE MODE"
    assert _state(house.application, lock) == ""


_PARTITIONS = (
    "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' "
    "AND relnamespace = 'public'::regnamespace"
)


def test_no_partition_is_a_way_around_its_parent(house: House, sent: tuple[Office, Place]) -> None:
    with house.owner.read() as conn:
        tables = conn.scalars(text(_PARTITIONS)).all()
    assert f"delivery_{sent[1].part}" in tables
    for table in tables:
        for form in ("DELETE FROM {}", "TRUNCATE {}", "ALTER TABLE {} DISABLE TRIGGER ALL"):
            assert _state(house.application, form.format(table)) == FORBIDDEN, table


@pytest.mark.parametrize("part", ["-1", "NULL", "1999999"])
def test_the_function_makes_no_leaf_that_nobody_needs(
    house: House, sent: tuple[Office, Place], part: str
) -> None:
    assert _state(house.application, f"SELECT make_leaves({part})") == NO_SUCH_LEAF


def _state(ledger: Ledger, statement: str) -> str:
    """The SQLSTATE with which a statement is refused, empty if it is not. Nothing is kept."""
    with ledger.engine.connect() as conn:
        try:
            conn.execute(text(statement))
        except DBAPIError as error:
            return str(getattr(error.orig, "sqlstate", error))
        finally:
            conn.rollback()
    return ""


def _first(table: str) -> tuple[str, str]:
    """A table and a column of it."""
    return table, f'"{next(iter(metadata.tables[table].columns)).name}"'


_PROVING = [table.name for table in APPEND_ONLY]

#: Records that change, but do not go.
_LASTING = [
    "account",
    "address",
    "agency",
    "approval",
    "attempt",
    "bulletin",
    "contact",
    "delivery",
    "device_event",
    "dispatch",
    "key_ring",
    "role_grant",
    "suppression",
]

_REFUSED = [
    *map("DELETE FROM {}".format, (*_PROVING, *_LASTING)),
    *map("TRUNCATE {} CASCADE".format, metadata.tables),
    *(f"UPDATE {name} SET {column} = NULL" for name, column in map(_first, _PROVING)),  # noqa: S608
    *map("ALTER TABLE {} DISABLE TRIGGER ALL".format, _PROVING),
    *map("DROP TRIGGER {0}_no_change ON {0}".format, _PROVING),
    "UPDATE approval SET terms = ''",
    "UPDATE approval SET digest = ''",
    "UPDATE approval SET submitted_by = 1",
    "UPDATE role_grant SET role = 'administrator'",
    "UPDATE role_grant SET account_id = 1",
    "UPDATE role_grant SET until_at = NULL",
    "UPDATE dispatch SET approval_id = 1",
    "UPDATE dispatch SET plan = '{}'",
    "UPDATE bulletin SET kind = 'evacuation'",
    "UPDATE attempt SET status = 1",
    "UPDATE device_event SET line = ''",
    "UPDATE manifest SET body = ''",
    "UPDATE api_key SET account_id = 1",
    "UPDATE account SET agency_id = 1",
    "UPDATE account SET closed_at = NULL, name = 'Ai đó'",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE mine (id int)",
    "CREATE TRIGGER mine BEFORE INSERT ON page FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON DELETE TO page DO INSTEAD NOTHING",
    "ALTER TABLE delivery DETACH PARTITION delivery_default",
    "ALTER TABLE page RENAME TO page_before",
    "DROP TABLE page CASCADE",
    "DROP SCHEMA public CASCADE",
    "SET session_replication_role = replica",
    "SELECT setval('page_id_seq', 1)",
    "ALTER SEQUENCE page_id_seq RESTART",
    "COPY page FROM PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
]


@pytest.mark.parametrize("statement", _REFUSED)
def test_what_would_rewrite_the_past_is_refused_to_the_engine(
    house: House, sent: tuple[Office, Place], statement: str
) -> None:
    refused = _state(house.application, statement)
    assert refused == FORBIDDEN, statement


def test_the_engine_cannot_become_another_role(house: House) -> None:
    for role in ("owner", "auditor"):
        assert _state(house.application, f"SET ROLE {house.names[role]}") == FORBIDDEN
        assert _state(house.auditor, f"SET ROLE {house.names[role]}") == (
            "" if role == "auditor" else FORBIDDEN
        )


_SEALED = sorted(
    {(kind.table.name, kind.column.name) for kind in resealing.KINDS.values()}
    | {("key_ring", "wrapped"), ("api_key", "digest")}
    | {(table, column.name) for table in ("credential", "session", "idempotency")
       for column in metadata.tables[table].columns}
)  # fmt: skip


@pytest.mark.parametrize(("table", "column"), _SEALED)
def test_the_auditor_reads_nothing_that_is_sealed(house: House, table: str, column: str) -> None:
    assert _state(house.auditor, f'SELECT "{column}" FROM {table}') == FORBIDDEN  # noqa: S608


@pytest.mark.parametrize("table", metadata.tables)
def test_the_auditor_writes_nothing(house: House, table: str) -> None:
    for form in (
        "INSERT INTO {0} DEFAULT VALUES",
        "UPDATE {0} SET {1} = NULL",
        "DELETE FROM {0}",
        "TRUNCATE {0} CASCADE",
        "LOCK TABLE {0} IN EXCLUSIVE MODE",
    ):
        assert _state(house.auditor, form.format(*_first(table))) == FORBIDDEN


def test_the_auditor_makes_no_leaves(house: House) -> None:
    assert _state(house.auditor, "SELECT make_leaves(1)") == FORBIDDEN


def test_migrating_again_takes_back_what_is_too_much(house: House) -> None:
    app = house.names["application"]
    _each(
        house.owner, [f"GRANT ALL ON delivery TO {app}", f"GRANT CREATE ON SCHEMA public TO {app}"]
    )
    assert _state(house.application, "DELETE FROM delivery") == ""
    assert house.assign().exit_code == 0
    assert _state(house.application, "DELETE FROM delivery") == FORBIDDEN
    assert _state(house.application, "CREATE TABLE mine (id int)") == FORBIDDEN


def _why(ledger: Ledger, role: str) -> str:
    with pytest.raises(Misconfigured) as refused:
        database_roles.assign(ledger, application=role, auditor="")
    assert refused.value.field == "LOA_APP_ROLE"
    return str(refused.value.code)


def test_a_role_that_is_missing_or_too_mighty_is_refused(house: House) -> None:
    app, mighty = house.names["application"], house.superuser.engine.url.username or ""
    assert _why(house.owner, "nobody_has_made_it") == "no_such_role"
    assert _why(house.owner, house.names["owner"]) == "role_owns"
    assert _why(house.owner, mighty) == "role_owns"
    _each(house.superuser, ["GRANT CREATE ON SCHEMA public TO PUBLIC"])
    assert _why(house.owner, app) == "role_creates"
    _each(house.superuser, ["REVOKE CREATE ON SCHEMA public FROM PUBLIC"])


def test_sqlite_has_no_roles_and_needs_none(sqlite_ledger: Ledger) -> None:
    assert _why(sqlite_ledger, "loa_app") == "no_roles"
    database_roles.assign(sqlite_ledger, application="", auditor="")
