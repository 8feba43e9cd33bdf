"""What the ledger hands out: nobody else names the library that speaks SQL."""

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

__all__ = ["Connection", "Row", "SQLAlchemyError"]
