"""The verb that looks back: is this log still the one whose checkpoint is kept outside?

A restored backup or a promoted replica would send again what it has forgotten having sent. Before
anything is sent, and at every beat, the log is compared with the newest checkpoint in
``LOA_CHECKPOINT_DIR``; if it does not contain it, everything is held until somebody reconciles.
"""

from dispatcher.domain.alarms import Alarm
from dispatcher.ledger import desk, generations, restored, sealer
from dispatcher.ledger.kept import Kept, Point
from dispatcher.ledger.store import Ledger

#: An alarm about the installation itself is about no dispatch.
INSTALLATION = 0


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
