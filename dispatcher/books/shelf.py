"""The books that can be read from the ledger, by name."""

from collections.abc import Mapping

from dispatcher.books import bulletins, deliveries, exceptions, plays
from dispatcher.books.book import Shelved
from dispatcher.domain.errors import NotFound

SHELF: Mapping[str, Shelved] = {
    each.SHELVED.book.name: each.SHELVED for each in (bulletins, deliveries, plays, exceptions)
}


def take(name: str) -> Shelved:
    """A book by its name. Raises NotFound naming those there are."""
    if name not in SHELF:
        raise NotFound(
            "no_book",
            f"Không có sổ '{name}'. Các sổ: {', '.join(SHELF)}.",
            f"There is no book '{name}'. The books: {', '.join(SHELF)}.",
        )
    return SHELF[name]
