"""The verb that records what a platform or a carrier has said, and frees or holds the channel."""

from dispatcher.domain import authority
from dispatcher.domain.errors import NotFound
from dispatcher.domain.model import LANES
from dispatcher.domain.ports import Queue
from dispatcher.ledger import desk, outside, pages
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def answer_outside(
    ledger: Ledger, queue: Queue, actor: Actor, number: int, *, granted: bool, word: str = ""
) -> None:
    """``granted`` frees the channel at once; otherwise it stays held, with their ``word``.

    What was granted can be taken back: then the channel is held again within one window.
    """
    authority.require("start", actor.roles)
    with ledger.begin() as conn:
        row = outside.load(conn, number)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_outside", "Không có yêu cầu này.", "There is no such request.")
        state, now = outside.GRANTED if granted else outside.REFUSED, desk.now(conn)
        outside.answer(conn, number, state, word, actor.account, now)
        pages.record(
            conn,
            "answer_outside",
            f"outside:{number}",
            actor=actor.account,
            at=now,
            facts={"version": row.version_id, "channel": row.channel, "state": state, "word": word},
        )
    for lane in range(len(LANES)):
        queue.ring("deliver", lane)
