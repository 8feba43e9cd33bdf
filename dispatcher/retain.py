"""The verb that lets go: once a day, a little at a beat, of everything that is kept long enough."""

from collections import Counter

from dispatcher.domain.retention import DAY_MS, Periods
from dispatcher.ledger import desk, pages, retention
from dispatcher.ledger.store import Ledger

#: Batches of one beat: sending waits for none of them longer than a transaction lasts.
_BATCHES = 10

_LEASE_MS = 60_000
_MARK = "retained_at"


def retain(ledger: Ledger, periods: Periods, holder: str) -> dict[str, int]:
    """Take a few batches if the day's work is not done; return rows by class.

    Any number may run; a lease keeps them apart. What a beat did is one act with its counts.
    """
    with ledger.begin() as conn:
        now = desk.now(conn)
        done_at = int(desk.get_mark(conn, _MARK) or 0)
        if now - done_at < DAY_MS or not desk.lease(conn, "retain", holder, _LEASE_MS):
            return {}
    counts = _work(ledger, periods, now)
    with ledger.begin() as conn:
        if counts.total():
            facts = {"rows": dict(counts)}
            pages.record(conn, "retain", "all", actor=0, at=now, facts=facts)
        else:
            desk.set_mark(conn, _MARK, str(now))
    return dict(counts)


def _work(ledger: Ledger, periods: Periods, now: int) -> Counter[str]:
    """Class by class, up to so many batches; the next beat goes on where there is still work."""
    counts: Counter[str] = Counter()
    left = _BATCHES
    for name, let_go in retention.CLASSES.items():
        cut = periods.cut(name, now)
        while cut and left:
            with ledger.begin() as conn:
                count = let_go(conn, ledger.vault, cut)
            if not count:
                break
            counts[name] += count
            left -= 1
    return counts
