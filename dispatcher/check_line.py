"""The verb that answers a printed or scanned checkpoint: does the log contain it?"""

from enum import StrEnum

from dispatcher.ledger import generations, refusals, sealer
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.kept import number_of
from dispatcher.ledger.store import Ledger


class Answer(StrEnum):
    """What a log says to a checkpoint of a size and root."""

    CONTAINED = "contained"
    LOST = "lost"
    BEYOND = "beyond"
    DIFFERS = "differs"
    OTHER_LOG = "other_log"


def check_line(ledger: Ledger, first: str, *, origin: str, size: int, root: bytes) -> Answer:
    """Compare a checkpoint with the log as it is. ``first``: the name of the first generation.

    One that the log contradicts leaves an event, because it may have been forged.
    """
    with ledger.read() as conn:
        answer = _answer(conn, first, origin, size, root)
    if answer in (Answer.BEYOND, Answer.DIFFERS):
        refusals.note(ledger, "checkpoint", f"checkpoint:{size}", answer.value)
    return answer


def _answer(conn: Connection, first: str, origin: str, size: int, root: bytes) -> Answer:
    number = number_of(origin, first)
    if number is None:
        return Answer.OTHER_LOG
    after = generations.after(conn, number)
    if after is not None and size > after.size:
        lost = size <= generations.lost_size(after)
        return Answer.LOST if lost else Answer.BEYOND
    if size > sealer.size(conn):
        return Answer.BEYOND
    same = sealer.tree_at(conn, size).root() == root
    return Answer.CONTAINED if same else Answer.DIFFERS
