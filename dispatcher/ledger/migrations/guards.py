"""Triggers by which the database itself refuses to change what explains the past."""

from collections.abc import Collection, Mapping

from alembic import op


def refuse_change(tables: Mapping[str, tuple[str, ...]], *, repeated: Collection[str] = ()) -> None:
    """Guard tables, given with their keys, against UPDATE, DELETE, TRUNCATE and REPLACE.

    Of ``repeated`` tables a row that comes again is passed over; elsewhere it is an error.
    """
    if op.get_bind().dialect.name == "postgresql":
        for table in tables:
            _on_postgresql(table)
        return
    for table, key in tables.items():
        refusal = "IGNORE" if table in repeated else f"ABORT, '{table} is append-only'"
        _on_sqlite(table, key, refusal)


def _on_sqlite(table: str, key: tuple[str, ...], refusal: str) -> None:
    """REPLACE passes by the triggers of UPDATE and DELETE: it is met before the INSERT."""
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE({refusal}); END"
    )


def _on_postgresql(table: str) -> None:
    """ALWAYS: a session that plays the replica is refused as well."""
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for name, when in (("change", "UPDATE OR DELETE"), ("truncate", "TRUNCATE")):
        each = "STATEMENT" if name == "truncate" else "ROW"
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {when} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_{name}")
