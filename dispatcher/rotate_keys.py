"""The verb that exchanges keys while the engine works: the data key, or the root key around all."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dispatcher.domain import authority
from dispatcher.domain.errors import Forbidden
from dispatcher.ledger import desk, keyring, pages, resealing
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.vault import REFRESH_S

#: By then every process seals with the new key, and what it began with the old one is committed.
SETTLE_S = 2 * REFRESH_S

#: Passes over all sealed rows. The second meets what was locked in the first; more means that
#: somebody still seals with an old key.
_PASSES = 10


@dataclass(frozen=True, slots=True)
class Rotation:
    """``key``: the new data key's number; ``sealed``: values sealed again, by kind."""

    key: int
    sealed: Mapping[str, int]
    retired: tuple[int, ...]


def rotate_keys(
    ledger: Ledger,
    actor: Actor,
    *,
    settle_s: float = SETTLE_S,
    wait: Callable[[float], None] = time.sleep,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Rotation:
    """Seal everything under a new data key and destroy the older ones.

    Interrupted, it is simply begun again. The older keys stay while one value needs them, and the
    result then names none as retired. Raises Forbidden for who is not an administrator at the top.
    """
    _at_the_top(actor)
    with ledger.begin() as conn:
        now = desk.now(conn)
        number = keyring.add(conn, ledger.roots, now)
        facts = {"step": "begin"}
        pages.record(
            conn, "rotate_key", f"key:data-{number}", actor=actor.account, at=now, facts=facts
        )
    ledger.vault.reload()
    wait(settle_s)
    done = _reseal(ledger, progress)
    return Rotation(number, done, _retire(ledger, actor, number, done))


def rotate_root(ledger: Ledger, actor: Actor) -> int:
    """Wrap all keys with the present root key; return how many were wrapped by the former.

    From then on the former root key opens nothing. Raises as ``rotate_keys``, and Misconfigured
    when neither root key is the one in use.
    """
    _at_the_top(actor)
    with ledger.begin() as conn:
        wrapped = keyring.rewrap(conn, ledger.roots)
        now = desk.now(conn)
        facts = {"wrapped": wrapped}
        pages.record(conn, "rotate_key", "key:root", actor=actor.account, at=now, facts=facts)
    return wrapped


def _reseal(ledger: Ledger, progress: Callable[[int], None]) -> dict[str, int]:
    done: Counter[str] = Counter()
    for _ in range(_PASSES):
        for name, kind in resealing.KINDS.items():
            after: int | None = -1
            while after is not None:
                with ledger.begin() as conn:
                    count, after = resealing.batch(conn, ledger.vault, kind, after)
                done[name] += count
                progress(done.total())
        with ledger.read() as conn:
            if not resealing.remaining(conn, ledger.vault):
                break
    return dict(+done)


def _retire(ledger: Ledger, actor: Actor, number: int, done: Mapping[str, int]) -> tuple[int, ...]:
    with ledger.begin() as conn:
        if resealing.remaining(conn, ledger.vault):
            return ()
        now = desk.now(conn)
        gone = tuple(keyring.retire(conn, number, now))
        facts = {"step": "end", "sealed": dict(done), "retired": list(gone)}
        pages.record(
            conn, "rotate_key", f"key:data-{number}", actor=actor.account, at=now, facts=facts
        )
    ledger.vault.reload()
    return gone


def _at_the_top(actor: Actor) -> None:
    """Keys are the whole installation's: they belong to the agency with nobody above it."""
    authority.require("configure", actor.roles)
    if actor.path.count("/") > 2:
        raise Forbidden(
            "not_at_the_top",
            "Chỉ quản trị viên của cơ quan cao nhất được đổi khóa của cả hệ thống.",
            "Only an administrator of the topmost agency exchanges the installation's keys.",
        )
