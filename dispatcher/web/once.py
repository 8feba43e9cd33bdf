"""Idempotency-Key: the same request made twice has one effect and one answer."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header

from dispatcher.domain.errors import BadInput, Conflict
from dispatcher.ledger import desk, idempotency
from dispatcher.ledger.idempotency import Request, Seen
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the caller, new for each act, the same for each repeat of it.",
    ),
]


def once(
    ledger: Ledger, actor: Actor, key: str, body: bytes, act: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Act unless the account did so under this key; (answer, whether it is a repeated one).

    Raises Conflict while the first request is still at work, BadInput when the key was used for
    another one. A request that fails leaves its key free.
    """
    asked = Request(actor.account, key, hashlib.sha256(body).digest())
    with ledger.begin() as conn:
        seen, known = idempotency.open_request(conn, asked, desk.now(conn))
    _refuse(seen)
    if seen is Seen.ANSWERED:
        return known, True
    try:
        answer = act()
    except BaseException:
        with ledger.begin() as conn:
            idempotency.drop(conn, asked)
        raise
    with ledger.begin() as conn:
        idempotency.answer(conn, asked, answer)
    return answer, False


def _refuse(seen: Seen) -> None:
    if seen is Seen.IN_PROGRESS:
        raise Conflict(
            "in_progress",
            "Yêu cầu trước với khóa này đang được xử lý. Hãy thử lại sau vài giây.",
            "The first request with this key is still at work. Try again in a few seconds.",
            field="Idempotency-Key",
        )
    if seen is Seen.OTHER:
        raise BadInput(
            "key_reused",
            "Khóa này đã dùng cho một yêu cầu khác. Dùng khóa mới.",
            "This key was used for another request. Use a new one.",
            field="Idempotency-Key",
        )
