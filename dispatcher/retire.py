"""The verb that lets go of old pages and deliveries, once a bundle outside holds them.

The tree stands on their leaf hashes, so every checkpoint ever handed out still verifies.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.evidence.bundled_pages import BundledPages
from dispatcher.ledger import desk, restored, retirements
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.retirements import Going, Span
from dispatcher.ledger.store import Ledger

#: Slashes in the path of an agency with nobody above it: ``/1/``.
_TOP = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pages written before a moment (epoch ms), what holds them outside, and why they go."""

    before: int
    bundle: BundledPages
    why: str


@dataclass(frozen=True, slots=True)
class Retired:
    """What went: from the first to the last page, without the acts among them."""

    first_page: int
    last_page: int
    pages: int
    entries: int
    dispatches: int


def retire(ledger: Ledger, channels: Collection[str], actor: Actor, wanted: Wanted) -> Retired:
    """Let the longest span of old pages go that nothing holds, and all deliveries in it.

    ``channels``: those that bring receipts. For an administrator of the agency at the top. Raises
    Forbidden; BadInput without a reason or with a moment to come; Conflict when nothing can go,
    when the bundle lacks a page of it, or while everything is held after a restore.
    """
    _may(actor, wanted.why)
    with ledger.begin() as conn:
        now = desk.now(conn)
        _now(conn, wanted.before, now)
        span = retirements.ready(conn, wanted.before, channels)
        _held_outside(conn, span, wanted.bundle.digests)
        going = retirements.going(conn, span)
        if not going.pages:
            raise _nothing()
        retirements.enter(
            conn,
            span,
            going,
            bundle=wanted.bundle.bundle,
            why=wanted.why.strip(),
            actor=actor.account,
            at=now,
        )
        retirements.let_go(conn, span, going)
    return _retired(span, going)


def _may(actor: Actor, why: str) -> None:
    authority.require("configure", actor.roles)
    if actor.path.count("/") != _TOP:
        raise Forbidden(
            "not_the_top",
            "Việc cho trang sổ rời hệ thống thuộc quản trị viên của cơ quan cao nhất.",
            "Retiring pages of the log is for an administrator of the agency at the top.",
        )
    if not why.strip():
        raise BadInput(
            "no_reason",
            "Ghi lý do bằng --why: theo quy định nào, gói bằng chứng để ở đâu.",
            "Say why with --why: by which rule, and where the bundle is kept.",
            field="--why",
        )


def _now(conn: Connection, before: int, now: int) -> None:
    if before > now:
        raise BadInput(
            "not_past",
            "Ngày ở --before phải đã qua.",
            "The day of --before must be past.",
            field="--before",
        )
    if restored.held(conn):
        raise Conflict(
            "log_went_back",
            "Sổ nhật ký đã lùi lại: đối chiếu bằng loa audit reconcile trước.",
            "The log went back in time: reconcile it with 'loa audit reconcile' first.",
        )


def _held_outside(conn: Connection, span: Span, digests: Mapping[int, bytes]) -> None:
    leaving = retirements.leaving(conn, span)
    lacking = [row.id for row in leaving if digests.get(row.id) != bytes(row.digest)]
    if lacking:
        raise Conflict(
            "bundle_lacks_page",
            f"Gói bằng chứng thiếu trang {lacking[0]} hoặc có nội dung khác. Không có gì bị xóa.",
            f"The bundle lacks page {lacking[0]}, or has another content of it. Nothing went.",
            field="--bundle",
        )


def _nothing() -> Conflict:
    return Conflict(
        "nothing_to_retire",
        "Không có trang sổ nào trước ngày này có thể rời hệ thống.",
        "No page from before this day can be retired.",
    )


def _retired(span: Span, going: Going) -> Retired:
    return Retired(span.first, span.last, going.pages, going.entries, len(going.dispatches))
