"""What PostgreSQL lets its roles do here, whatever the program that signs in as one of them asks.

Triggers refuse to change what explains the past, but whoever owns a table can take its triggers
away. So the owner only migrates and retires; the engine works as the *application*, which owns
nothing, and an *auditor* reads everything that is not sealed. What is not granted here is refused.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Table, text

from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import (
    account,
    address,
    agency,
    alarm,
    api_key,
    approval,
    attempt,
    batch,
    contact,
    credential,
    daily_count,
    data_request,
    delivery,
    dispatch,
    duty_shift,
    expansion,
    idempotency,
    key_ring,
    kind,
    lease,
    manifest,
    media,
    meta,
    metadata,
    opt_out,
    outside_approval,
    page_open,
    play_item,
    preapproved,
    receipt,
    role_grant,
    route,
    route_health,
    route_token,
    session,
    speaker,
    stop,
    tally,
    tally_delta,
    throttle,
)

#: Rows that are work and no record: any column may change. Deliveries, which the log explains, are
#: among them because sealing locks their leaf, for which PostgreSQL wants UPDATE on the whole table
#: (LOCK, "Notes").
_WORK = (
    batch,
    credential,
    delivery,
    expansion,
    idempotency,
    lease,
    meta,
    route_health,
    session,
    stop,
    tally,
    tally_delta,
    throttle,
)

#: Of all other rows, the columns that the engine changes. Who wrote, submitted or was granted what
#: is not among them. SELECT … FOR UPDATE needs one column that may change.
_CHANGING: Mapping[Table, tuple[str, ...]] = {
    account: ("closed_at",),
    address: ("digest", "sealed", "masked", "erased_at"),
    agency: ("path",),
    alarm: ("words", "raised_at", "cleared_at"),
    api_key: ("revoked_at",),
    approval: (
        "state",
        "decided_by",
        "decided_at",
        "note",
        "way",
        "edited_from",
        "shift_id",
        "preapproved_id",
        "verbal_order",
        "signatory",
        "confirm_by",
        "confirmed_by",
        "confirmed_at",
        "escalated_at",
        "symbol",
        "symbol_by",
        "symbol_at",
    ),
    contact: tuple(each.name for each in contact.columns if each.name not in ("id", "agency_id")),
    daily_count: ("count",),
    data_request: ("state", "decided_by", "decided_at", "used_at"),
    dispatch: ("part", "state", "state_why", "finished_at"),
    duty_shift: ("cancelled_by", "cancelled_at"),
    key_ring: ("wrapped", "root", "retired_at"),
    kind: ("name", "rules"),
    outside_approval: ("state", "word", "answered_by", "answered_at"),
    play_item: ("body", "until", "cancelled_at"),
    preapproved: ("state", "decided_by", "decided_at"),
    receipt: ("state", "sealed"),
    role_grant: ("revoked_at", "revoked_by"),
    route: ("settings", "price", "stopped_at", "stopped_why"),
    route_token: ("sealed",),
    speaker: ("key", "seq", "state", "seen_at", "removed_at"),
}

#: Rows that go when they have served: queues, locks, counted tries, and what retention ends.
_PASSING = (
    daily_count,
    idempotency,
    lease,
    manifest,
    media,
    opt_out,
    page_open,
    session,
    stop,
    tally_delta,
    throttle,
)

#: What an auditor does not read, since it is sealed, a secret or the hash of one. None: the whole
#: table. Answers kept for repeated requests may contain a new API key.
_UNREAD: Mapping[Table, tuple[str, ...] | None] = {
    address: ("sealed",),
    api_key: ("digest",),
    contact: ("name",),
    credential: None,
    idempotency: None,
    key_ring: ("wrapped",),
    receipt: ("sealed",),
    route: ("settings",),
    route_token: ("sealed",),
    session: None,
    speaker: ("key",),
    throttle: None,
}

#: Leaves that the engine names itself; those of ``page`` are reached through the parent.
_LEAVES = text(
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:parent AS regclass)"
)

_SCHEMA = text("SELECT quote_ident(current_schema())")

#: Functions that do as the owner what the engine may not do itself: make partitions.
_LENT = text(
    "SELECT oid::regprocedure::text FROM pg_proc "
    "WHERE prosecdef AND pronamespace = CAST(current_schema() AS regnamespace)"
)


def assign(ledger: Ledger, *, application: str, auditor: str) -> None:
    """Give two roles that exist exactly what they need; an empty name: no such role here.

    Call as the owner after each migration; safe to repeat. Raises Misconfigured when a role does
    not exist or could do more than it is granted, and leaves that role as it was.
    """
    for setting, role, grant in (
        ("LOA_APP_ROLE", application, _let_work),
        ("LOA_AUDITOR_ROLE", auditor, _let_read),
    ):
        if role:
            _assign(ledger, setting, role, grant)


def _assign(
    ledger: Ledger, setting: str, role: str, grant: Callable[[Connection, str], None]
) -> None:
    if ledger.dialect != "postgresql":
        raise _refused("no_roles", setting, "SQLite không có vai trò.", "SQLite has no roles.")
    with ledger.begin() as conn:
        # The lock of make_leaves(): no leaf comes to be while grants change.
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(7210417)")
        _check(conn, setting, role)
        name = conn.dialect.identifier_preparer.quote(role)
        _take_all(conn, name)
        conn.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {name}")
        grant(conn, name)
        _check_schema(conn, setting, role)


def _check(conn: Connection, setting: str, role: str) -> None:
    known = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if conn.execute(known, {"role": role}).first() is None:
        raise _refused(
            "no_such_role",
            setting,
            f"PostgreSQL không có vai trò '{role}'. Tạo trước bằng CREATE ROLE.",
            f"PostgreSQL has no role '{role}'. Make it first with CREATE ROLE.",
        )
    mighty = text("SELECT pg_has_role(:role, current_user, 'MEMBER')")
    if conn.scalar(mighty, {"role": role}):
        raise _refused(
            "role_owns",
            setting,
            f"Vai trò '{role}' là chủ sở hữu, thuộc chủ sở hữu hoặc là superuser: không hạn chế "
            "được. Dùng một vai trò khác.",
            f"The role '{role}' is the owner, a member of it or a superuser, and cannot be "
            "restricted. Use another one.",
        )


def _check_schema(conn: Connection, setting: str, role: str) -> None:
    """A function or table of its own in the schema could take the place of a real one."""
    creates = text("SELECT has_schema_privilege(:role, current_schema(), 'CREATE')")
    if conn.scalar(creates, {"role": role}):
        raise _refused(
            "role_creates",
            setting,
            f"Vai trò '{role}' tạo được đối tượng trong schema. Chủ của schema chạy: "
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"The role '{role}' can create things in the schema. Its owner runs: "
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        )


def _refused(code: str, setting: str, vi: str, en: str) -> Misconfigured:
    return Misconfigured(code, f"{setting}: {vi}", f"{setting}: {en}", field=setting)


def _take_all(conn: Connection, role: str) -> None:
    """What an earlier version granted and this one does not is taken back."""
    schema = conn.scalar(_SCHEMA)
    for what in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        conn.exec_driver_sql(f"REVOKE ALL ON ALL {what} IN SCHEMA {schema} FROM {role}")
    conn.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM {role}")
    conn.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {role}")


def _let_work(conn: Connection, role: str) -> None:
    for table in metadata.sorted_tables:
        _grant(conn, "SELECT, INSERT", table, role)
        if table in _CHANGING:
            _grant(conn, f"UPDATE ({', '.join(map(_quoted, _CHANGING[table]))})", table, role)
    for table in _WORK:
        _grant(conn, "UPDATE", table, role)
    for table in _PASSING:
        _grant(conn, "DELETE", table, role)
    schema = conn.scalar(_SCHEMA)
    conn.exec_driver_sql(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
    for function in conn.scalars(_LENT):
        conn.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


def _let_read(conn: Connection, role: str) -> None:
    for table in metadata.sorted_tables:
        hidden = _UNREAD.get(table, ())
        if hidden is None:
            continue
        shown = [_quoted(each.name) for each in table.columns if each.name not in hidden]
        _grant(conn, f"SELECT ({', '.join(shown)})" if hidden else "SELECT", table, role)


def _grant(conn: Connection, what: str, table: Table, role: str) -> None:
    """On a table, and on those of its leaves that are named in statements."""
    leaves = conn.scalars(_LEAVES, {"parent": table.name}) if table in (delivery, attempt) else ()
    for name in (_quoted(table.name), *leaves):
        conn.exec_driver_sql(f"GRANT {what} ON {name} TO {role}")


def _quoted(name: str) -> str:
    return f'"{name}"'
