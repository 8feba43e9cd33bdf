"""The one way in which a role that owns nothing gets new partitions: a function of the owner's.

It makes what its argument names and nothing else, and lets the roles that may use the parent use
the new leaf in the same ways. SECURITY DEFINER functions need a fixed search_path with pg_temp
last: else a caller's temporary table takes a real one's place (PostgreSQL, CREATE FUNCTION,
"Writing SECURITY DEFINER Functions Safely").
"""

import sqlalchemy as sa
from alembic import op

#: Numbers as in ``ledger.leaves`` of this revision: from a million on a leaf belongs to the
#: dispatch of that number. The lock makes the first dispatches of a month take turns. Room on each
#: heap page is for the two or three updates of a row's life (measured: a fillfactor of 45 gives
#: 83 % HOT updates, 70 gives 39 %).
_MAKE_LEAVES = """
CREATE FUNCTION make_leaves(wanted integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    parent text;
    leaf text;
    given record;
BEGIN
    IF wanted IS NULL OR wanted < 0 OR (wanted >= 1000000
            AND NOT EXISTS (SELECT FROM dispatch WHERE id = wanted - 1000000)) THEN
        RAISE EXCEPTION 'no dispatch has leaves numbered %', wanted
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOREACH parent IN ARRAY ARRAY['delivery', 'attempt'] LOOP
        leaf := parent || '_' || wanted;
        CONTINUE WHEN is_leaf(parent, leaf);
        PERFORM pg_advisory_xact_lock(7210417);
        CONTINUE WHEN is_leaf(parent, leaf);
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL, CONSTRAINT %I CHECK (part = %s)) '
            'WITH (fillfactor = 45)', leaf, parent, leaf || '_part', wanted);
        FOR given IN
            SELECT privilege_type AS privilege, grantee::regrole AS role
            FROM pg_class, aclexplode(relacl)
            WHERE oid = parent::regclass AND grantee NOT IN (0, relowner)
        LOOP
            EXECUTE format('GRANT %s ON %I TO %s', given.privilege, leaf, given.role);
        END LOOP;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)',
            parent, leaf, wanted);
    END LOOP;
END $$
"""

#: Asked of the catalogue itself: ``to_regclass`` may answer from a cache that is too old.
_IS_LEAF = """
CREATE FUNCTION is_leaf(parent text, leaf text) RETURNS boolean
LANGUAGE sql SET search_path = {schema}, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = parent::regclass AND c.relname = leaf)
$$
"""


def create() -> None:
    """Make the functions on PostgreSQL, in the schema of the tables; others have no partitions."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    schema = bind.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    op.execute(_IS_LEAF.format(schema=schema))
    op.execute(_MAKE_LEAVES.format(schema=schema))
    op.execute("REVOKE ALL ON FUNCTION make_leaves(integer) FROM PUBLIC")
