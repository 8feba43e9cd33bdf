"""A claimed batch, by whom it is held, and the route chosen for it."""

from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.ledger.batches import Claim
from dispatcher.ledger.routes import Route
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Holding:
    """What a worker has in its hands. ``jitter`` draws from [0, 1)."""

    ledger: Ledger
    claimed: Claim
    route: Route
    holder: str
    jitter: Callable[[], float]
    lease_ms: int
