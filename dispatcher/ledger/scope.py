"""The one path rule in SQL: an agency has itself and what is below it (``authority.below``).

Every query on somebody's behalf joins ``agency`` and asks here. Prefixes are compared by
``substr``, because LIKE would read ``_`` and ``%`` and SQLite's ignores case.
"""

from sqlalchemy import ColumnElement, FromClause, func

from dispatcher.ledger.tables import agency


def below(path: str, of: FromClause = agency) -> ColumnElement[bool]:
    """Rows of the agency at ``path`` and of those below it."""
    return func.substr(of.c.path, 1, len(path)) == path


def above(path: str | ColumnElement[str], of: FromClause = agency) -> ColumnElement[bool]:
    """Rows of the agency at ``path`` and of those above it."""
    return func.substr(path, 1, func.length(of.c.path)) == of.c.path
