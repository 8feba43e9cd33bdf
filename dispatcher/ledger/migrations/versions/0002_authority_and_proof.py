"""Authority and proof: dated grants, sign-in, ways of approval, acts that can be searched.

Roles of an account become grants without an end; acts already in the log get their rows.
"""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from dispatcher.ledger.migrations import entering, guards, leaf_functions, page_functions
from dispatcher.ledger.store import NOW

revision = "0002"
down_revision = "0001"

APPEND_ONLY = {
    "act": ("page_id",),
    "anchor": ("id",),
    "generation": ("number",),
    "retirement": ("id",),
    "route_price": ("route_id", "since"),
}

#: An act's page: one entry behind two bytes of length, its first byte the form 3.
_ACT = b"\x03"


def upgrade() -> None:
    op.create_table(
        "act",
        sa.Column(
            "page_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("actor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "dispatch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_act")),
    )
    op.create_index("ix_act_actor", "act", ["actor", "at"], unique=False)
    op.create_index("ix_act_name", "act", ["name", "at"], unique=False)
    op.create_index("ix_act_subject", "act", ["subject"], unique=False)
    op.create_table(
        "anchor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor")),
    )
    op.create_table(
        "generation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("began_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_generation")),
    )
    op.create_table(
        "retirement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_page", sa.BigInteger(), nullable=False),
        sa.Column("last_page", sa.BigInteger(), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retirement")),
    )
    op.create_table(
        "daily_count",
        sa.Column(
            "address_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "address_id", "channel", "kind", "day", name=op.f("pk_daily_count")
        ),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "credential",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credential_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credential")),
        sa.UniqueConstraint("login", name=op.f("uq_credential_login")),
    )
    op.create_table(
        "data_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_data_request_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["account.id"], name=op.f("fk_data_request_asked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_table(
        "duty_shift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column(
            "created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "cancelled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_duty_shift_account_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_duty_shift_agency_id")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_duty_shift_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shift")),
    )
    op.create_index("ix_duty_shift_account", "duty_shift", ["account_id", "until_at"], unique=False)
    op.create_table(
        "key_ring",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_key_ring")),
    )
    op.create_table(
        "outside_approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_outside_approval_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["account.id"], name=op.f("fk_outside_approval_asked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_approval")),
    )
    op.create_index("ix_outside_approval_version", "outside_approval", ["version_id"], unique=False)
    op.create_table(
        "preapproved",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("blanks", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("longest_ms", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "proposed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_preapproved_agency_id")
        ),
        sa.ForeignKeyConstraint(["kind"], ["kind.code"], name=op.f("fk_preapproved_kind")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_preapproved_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preapproved")),
        sa.UniqueConstraint("agency_id", "name", name=op.f("uq_preapproved_agency_id_name")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column(
            "delegated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "granted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "revoked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_role_grant_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_account", "role_grant", ["account_id"], unique=False)
    op.create_table(
        "route_price",
        sa.Column("route_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Float(), nullable=False),
        sa.Column(
            "recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_route_price_route_id")),
        sa.PrimaryKeyConstraint("route_id", "since", name=op.f("pk_route_price")),
    )
    op.create_table(
        "suppression",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "channel", name=op.f("pk_suppression")),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_session_agency_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_index("ix_session_account", "session", ["account_id"], unique=False)
    _roles_become_grants()
    op.drop_column("account", "roles")
    op.add_column(
        "api_key",
        sa.Column("agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.add_column("api_key", sa.Column("roles", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("api_key", sa.Column("until_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "approval", sa.Column("way", sa.Text(), server_default="two_people", nullable=False)
    )
    op.add_column(
        "approval",
        sa.Column(
            "edited_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
    )
    op.add_column(
        "approval",
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.add_column(
        "approval",
        sa.Column(
            "preapproved_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
    )
    op.add_column("approval", sa.Column("verbal_order", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("approval", sa.Column("signatory", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("approval", sa.Column("confirm_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "approval",
        sa.Column(
            "confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
    )
    op.add_column("approval", sa.Column("confirmed_at", sa.BigInteger(), nullable=True))
    op.add_column("approval", sa.Column("escalated_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "approval", sa.Column("symbol", sa.Text(), server_default=sa.text("('')"), nullable=False)
    )
    op.add_column(
        "approval",
        sa.Column("symbol_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.add_column("approval", sa.Column("symbol_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_approval_unconfirmed",
        "approval",
        ["confirm_by"],
        unique=False,
        postgresql_where=sa.text("confirm_by IS NOT NULL AND confirmed_at IS NULL"),
        sqlite_where=sa.text("confirm_by IS NOT NULL AND confirmed_at IS NULL"),
    )
    _prices_begin()
    _acts_get_rows()
    _rights_are_entered()
    _what_auditors_look_for()
    guards.refuse_change(APPEND_ONLY)
    leaf_functions.create()
    _pages_can_be_retired()


def _pages_can_be_retired() -> None:
    """Pages go by partition on PostgreSQL; on SQLite a row that is no act, of a retired range."""
    if op.get_bind().dialect.name == "postgresql":
        page_functions.partition()
        guards.refuse_change({"page": ("id",)})
        page_functions.fill()
        return
    op.execute("DROP TRIGGER page_no_delete")
    op.execute(
        "CREATE TRIGGER page_no_delete BEFORE DELETE ON page "
        "WHEN NOT EXISTS (SELECT 1 FROM retirement r "
        "WHERE OLD.id BETWEEN r.first_page AND r.last_page) "
        "OR EXISTS (SELECT 1 FROM act a WHERE a.page_id = OLD.id) "
        "BEGIN SELECT RAISE(ABORT, 'page is append-only'); END"
    )


def _roles_become_grants() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT id, agency_id, roles, created_at FROM account")).all()
    grants = [
        {"account": row.id, "agency": row.agency_id, "role": role, "at": row.created_at}
        for row in rows
        for role in (json.loads(row.roles) if isinstance(row.roles, str) else row.roles)
    ]
    if grants:
        bind.execute(
            sa.text(
                "INSERT INTO role_grant (account_id, agency_id, role, from_at, granted_at) "
                "VALUES (:account, :agency, :role, :at, :at)"
            ),
            grants,
        )


def _prices_begin() -> None:
    """The price a route has now is the only one known: it holds for all its past."""
    op.execute("INSERT INTO route_price (route_id, since, price) SELECT id, 0, price FROM route")


def _acts_get_rows() -> None:
    bind = op.get_bind()
    pages = bind.execute(sa.text("SELECT id, dispatch_id, body FROM page WHERE count = 1")).all()
    for page in pages:
        entry = bytes(page.body)[2:]
        if not entry.startswith(_ACT):
            continue
        said = json.loads(entry[1:])
        bind.execute(
            sa.text(
                "INSERT INTO act (page_id, name, subject, actor, at, agency_id, dispatch_id) "
                "VALUES (:page, :act, :subject, :actor, :at, coalesce("
                "(SELECT agency_id FROM dispatch WHERE id = :dispatch), "
                "(SELECT agency_id FROM account WHERE id = :actor)), :dispatch)"
            ),
            {"page": page.id, "dispatch": page.dispatch_id, **said},
        )


def _rights_are_entered() -> None:
    """Who may do what was in no log: from here on it is, also what there was before."""
    bind = op.get_bind()
    now = bind.execute(sa.text(f"SELECT {NOW[bind.dialect.name]}")).scalar_one()
    bind.execute(sa.text("UPDATE role_grant SET granted_at = :now"), {"now": now})
    for name, kind, query, facts in _RIGHTS:
        for row in bind.execute(sa.text(query)).mappings().all():
            entering.enter(name, f"{kind}:{row['name']}", now, facts(row))


def _grant_facts(row: Any) -> dict[str, object]:
    no_basis = hashlib.sha256(b"").hexdigest()
    no_end = {"until": 0, "basis": no_basis, "delegated_by": 0}
    return {**{key: row[key] for key in ("account", "agency", "role", "from")}, **no_end}


def _key_facts(row: Any) -> dict[str, object]:
    scope = {"agency": 0, "roles": None, "until": 0}
    return {
        **{key: row[key] for key in ("account", "mode")},
        **scope,
        "digest": bytes(row["hash"]).hex(),
    }


#: Act, subject, rows, facts of a row.
_RIGHTS = (
    (
        "add_agency",
        "agency",
        "SELECT id AS name, path, name AS called, area_code FROM agency ORDER BY id",
        lambda row: {"path": row["path"], "name": row["called"], "area": row["area_code"]},
    ),
    (
        "open_account",
        "account",
        "SELECT id AS name, agency_id FROM account ORDER BY id",
        lambda row: {"agency": row["agency_id"]},
    ),
    (
        "grant",
        "grant",
        (
            "SELECT id AS name, account_id AS account, agency_id AS agency, role, "
            'from_at AS "from" FROM role_grant ORDER BY id'
        ),
        _grant_facts,
    ),
    (
        "add_key",
        "key",
        (
            "SELECT prefix AS name, account_id AS account, mode, digest AS hash "
            "FROM api_key ORDER BY id"
        ),
        _key_facts,
    ),
)


def _what_auditors_look_for() -> None:
    """Tables and indexes for books and searches, filled with what is there already."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "document_symbol",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bulletin_id", number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_document_symbol_bulletin_id")
        ),
        sa.PrimaryKeyConstraint("key", "bulletin_id", name=op.f("pk_document_symbol")),
    )
    op.create_table(
        "dispatch_area",
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("dispatch_id", number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatch.id"], name=op.f("fk_dispatch_area_dispatch_id")
        ),
        sa.PrimaryKeyConstraint("area_code", "dispatch_id", name=op.f("pk_dispatch_area")),
    )
    op.create_index("ix_dispatch_area_dispatch", "dispatch_area", ["dispatch_id"])
    op.create_index("ix_bulletin_relates_to", "bulletin", ["relates_to"])
    op.create_index("ix_approval_decided_by", "approval", ["decided_by", "decided_at"])
    op.create_index("ix_approval_decided_at", "approval", ["decided_at"])
    op.create_index("ix_dispatch_start", "dispatch", ["start_at", "id"])
    op.create_index("ix_dispatch_agency", "dispatch", ["agency_id", "start_at", "id"])
    op.create_index("ix_dispatch_version", "dispatch", ["version_id"])
    op.create_index("ix_device_event_received", "device_event", ["speaker_id", "received_at"])
    op.create_index(
        "ix_delivery_address",
        "delivery",
        ["target_id"],
        postgresql_where=sa.text("target_kind = 1"),
        sqlite_where=sa.text("target_kind = 1"),
    )
    _symbols_of_versions()
    _areas_of_dispatches()


def _symbols_of_versions() -> None:
    bind = op.get_bind()
    found = bind.execute(sa.text("SELECT bulletin_id, content FROM version")).all()
    symbols = {
        ("".join(symbol.split()).casefold(), row.bulletin_id)
        for row in found
        if (symbol := json.loads(bytes(row.content)).get("symbol", ""))
    }
    for key, bulletin in symbols:
        bind.execute(
            sa.text("INSERT INTO document_symbol (key, bulletin_id) VALUES (:key, :bulletin)"),
            {"key": key, "bulletin": bulletin},
        )


def _areas_of_dispatches() -> None:
    bind = op.get_bind()
    places = {
        row.id: row.area_code for row in bind.execute(sa.text("SELECT id, area_code FROM locality"))
    }
    for row in bind.execute(sa.text("SELECT id, plan FROM dispatch")).all():
        plan = json.loads(row.plan) if isinstance(row.plan, str) else row.plan
        audience = plan.get("audience", {})
        codes = {*audience.get("areas", ())}
        codes |= {places[each] for each in audience.get("localities", ()) if each in places}
        for code in sorted(codes):
            bind.execute(
                sa.text(
                    "INSERT INTO dispatch_area (area_code, dispatch_id) VALUES (:code, :dispatch)"
                ),
                {"code": code, "dispatch": row.id},
            )
