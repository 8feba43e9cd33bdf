"""The verb that looks back: is this log still the one whose checkpoint is kept outside?

A restored backup or a promoted replica would send again what it has forgotten having sent. Before
anything is sent, and at every beat, the log is compared with the newest checkpoint in
``LOA_CHECKPOINT_DIR``; if it does not contain it, everything is held until somebody reconciles.
"""

import math
import time
from collections.abc import Callable

from dispatcher.domain.alarms import Alarm
from dispatcher.ledger import desk, generations, restored, sealer
from dispatcher.ledger.kept import Kept, Point
from dispatcher.ledger.store import Ledger

#: An alarm about the installation itself is about no dispatch.
INSTALLATION = 0

#: How long a comparison holds for what is sent: ``deliver`` itself works ten times as long at a
#: time. Comparing takes 1 to 2 ms, a batch of a commune's 100 messages some 40.
GOOD_FOR_S = 1.0


def compare_outside(ledger: Ledger, kept: Kept) -> bool:
    """Whether the log contains what is kept outside; if not, everything is held from now on.

    Raises OSError when the folder cannot be read, and Misconfigured when it is another log's:
    then nobody knows, and nothing may be sent.
    """
    point = kept.newest()
    with ledger.read() as conn:
        if generations.contains(conn, kept.origin, point):
            return True
        told = restored.held(conn)
    if point and not told:
        _hold(ledger, point)
    return False


class Comparison:
    """What ``compare`` said last, for the threads of one process. Only agreement is remembered:
    what does not agree, or cannot be asked, is asked again before anything is sent.
    """

    def __init__(
        self, compare: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._compare, self._clock = compare, clock
        self._good_until = -math.inf

    def now(self) -> bool:
        """Compare. Raises what ``compare`` raises."""
        asked, self._good_until = self._clock(), -math.inf
        agrees = self._compare()
        if agrees:
            self._good_until = asked + GOOD_FOR_S
        return agrees

    def lately(self) -> bool:
        """Whether the log agreed within the last second; compare if nobody has asked since."""
        return self._clock() < self._good_until or self.now()


def _hold(ledger: Ledger, point: Point) -> None:
    with ledger.begin() as conn:
        now, size = desk.now(conn), sealer.size(conn)
        words = (
            f"Sổ nhật ký có {size} trang; điểm kiểm giữ bên ngoài có {point.size} trang và không "
            "nằm trong sổ này. Mọi việc phát tin bị giữ lại, chờ đối chiếu: loa audit reconcile"
        )
        restored.hold(conn, now)
        desk.raise_alarm(conn, INSTALLATION, Alarm.LOG_WENT_BACK, "log", words, now)


def keep_outside(ledger: Ledger, kept: Kept) -> None:
    """Keep the newest checkpoint of a log that agrees with what is kept. Raises OSError."""
    with ledger.read() as conn:
        newest, now = sealer.latest(conn), desk.now(conn)
        agrees = generations.contains(conn, kept.origin, kept.newest())
    if newest and agrees:
        kept.keep(newest.note, now)
