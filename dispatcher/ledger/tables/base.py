"""What all tables share: how constraints are called, the types of ids and of times."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, TextClause, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite gives row ids only to a column typed exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
Time = BigInteger


def row_id() -> Column[int]:
    """The key of a table that numbers its own rows."""
    return Column("id", Id, primary_key=True)


def ref(
    name: str, target: str, *, nullable: bool = False, primary_key: bool = False
) -> Column[int]:
    """A column that names a row of another table."""
    key = ForeignKey(f"{target}.id")
    return Column(name, Id, key, nullable=nullable, primary_key=primary_key)


def empty() -> TextClause:
    """No words, as a column's default."""
    return text("''")
