"""Partitions of ``page``: how a table becomes one, and how a role that owns nothing gets the next.

The parent's row trigger is cloned to a partition, but not that it fires ALWAYS, and TRUNCATE's is
not cloned at all. On SECURITY DEFINER see ``leaf_functions``.
"""

import sqlalchemy as sa
from alembic import op

#: 100,000 pages each, as in ``ledger.page_leaves`` of this revision.
_ATTACH = """
CREATE FUNCTION attach_page_leaf(leaf text, wanted bigint) RETURNS void
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE page ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        leaf, wanted * 100000, (wanted + 1) * 100000);
    PERFORM guard_page_leaf(leaf);
END $$
"""

_GUARD = """
CREATE FUNCTION guard_page_leaf(leaf text) RETURNS void
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER page_no_truncate BEFORE TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', leaf);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER page_no_truncate', leaf);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER page_no_change', leaf);
END $$
"""

#: Whoever may call it can make no more than the engine needs: the two above the one in use. Pages
#: that went to the default already stay there.
_MAKE = """
CREATE FUNCTION make_page_leaf(wanted bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    leaf text := 'page_' || wanted;
BEGIN
    IF wanted < 0 OR wanted > (SELECT last_value FROM page_id_seq) / 100000 + 2 THEN
        RAISE EXCEPTION 'no page is near to partition %', wanted
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    LOCK TABLE page_default IN ACCESS EXCLUSIVE MODE NOWAIT;
    IF is_leaf('page', leaf) OR EXISTS (SELECT FROM page_default
            WHERE id >= wanted * 100000 AND id < (wanted + 1) * 100000) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE page INCLUDING ALL)', leaf);
    PERFORM attach_page_leaf(leaf, wanted);
END $$
"""


def partition() -> None:
    """Make ``page`` a partitioned table with all that is in it; PostgreSQL only.

    Its triggers are taken along by whoever guards it next.
    """
    op.execute("ALTER TABLE page RENAME TO page_whole")
    op.execute("ALTER TABLE page_whole RENAME CONSTRAINT pk_page TO pk_page_whole")
    op.execute("ALTER INDEX ix_page_dispatch RENAME TO ix_page_whole")
    op.execute("CREATE TABLE page (LIKE page_whole INCLUDING DEFAULTS) PARTITION BY RANGE (id)")
    op.execute("ALTER TABLE page ADD CONSTRAINT pk_page PRIMARY KEY (id)")
    op.create_index("ix_page_dispatch", "page", ["dispatch_id", "id"], unique=False)


def fill() -> None:
    """Make the partitions, and move the pages of the whole table there."""
    bind = op.get_bind()
    schema = bind.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    for function in (_GUARD, _ATTACH, _MAKE):
        op.execute(function.format(schema=schema))
    op.execute("REVOKE ALL ON FUNCTION make_page_leaf(bigint) FROM PUBLIC")
    op.execute("CREATE TABLE page_default PARTITION OF page DEFAULT")
    op.execute("SELECT guard_page_leaf('page_default')")
    last = bind.execute(sa.text("SELECT last_value FROM page_id_seq")).scalar_one() // 100_000
    for number in range(last + 3):
        bind.execute(sa.text("SELECT make_page_leaf(:number)"), {"number": number})
    op.execute("INSERT INTO page SELECT * FROM page_whole")
    op.execute("ALTER SEQUENCE page_id_seq OWNED BY page.id")
    op.execute("DROP TABLE page_whole")
