"""The verb that seals, and the one that watches that it happens in time.

Auditors are promised that a page is covered by a signed checkpoint within the maximum merge delay
(RFC 9162 §3.3 calls it so), ``LOA_MERGE_DELAY_S``. Sealing has a thread of its own in each worker,
because a beat can take longer than that; the beat in turn tells when sealing does not happen.
"""

from dispatcher.compare_outside import INSTALLATION, keep_outside
from dispatcher.domain.alarms import Alarm
from dispatcher.ledger import desk, sealer
from dispatcher.ledger.kept import Kept
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger

_LOG = "log"


def seal(ledger: Ledger, log: Sealer, kept: Kept) -> None:
    """Seal all that is committed, then keep the checkpoint outside. Raises OSError."""
    while log.seal() == sealer.AT_ONCE:
        pass
    keep_outside(ledger, kept)


def watch_merge_delay(ledger: Ledger, promise_s: float) -> None:
    """Raise an alarm, once, while a page waits for longer than promised; clear it when none does.

    Looking takes no writer's turn.
    """
    with ledger.read() as conn:
        age = sealer.oldest_age_s(conn)
        told = (INSTALLATION, _LOG) in desk.standing(conn, Alarm.MERGE_DELAY)
    late = age > promise_s
    if late == told:
        return
    words = f"Trang sổ cũ nhất chờ niêm phong đã {age:.0f} giây; cam kết là {promise_s:g} giây."
    with ledger.begin() as conn:
        now = desk.now(conn)
        if late:
            desk.raise_alarm(conn, INSTALLATION, Alarm.MERGE_DELAY, _LOG, words, now)
        else:
            desk.clear_alarm(conn, INSTALLATION, Alarm.MERGE_DELAY, _LOG, now)
