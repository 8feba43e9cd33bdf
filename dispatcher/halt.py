"""The verb of last resort: stop a dispatch, a route, an agency, or everything. And lift it."""

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Conflict, NotFound
from dispatcher.ledger import desk, dispatches, pages, registry, restored, routes
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def halt(ledger: Ledger, actor: Actor, scope: str, why: str) -> None:
    """Stop ``all``, ``agency:N``, ``route:N`` or ``dispatch:N``: sending ends within one window.

    Needs nothing but the database. ``all`` belongs to the agency at the top of the tree.
    """
    authority.require("pause", actor.roles)
    with ledger.begin() as conn:
        _check(conn, ledger, actor, scope)
        now = desk.now(conn)
        desk.set_stop(conn, scope, why, actor.account, now)
        pages.record(conn, "set_stop", scope, actor=actor.account, at=now, facts={"why": why})


def lift(ledger: Ledger, actor: Actor, scope: str) -> bool:
    """Take a stop back; False if there was none. Raises Conflict for the stop after a restore."""
    authority.require("pause", actor.roles)
    with ledger.begin() as conn:
        _check(conn, ledger, actor, scope)
        if scope == "all" and restored.held(conn):
            raise Conflict(
                "held_after_restore",
                "Sổ nhật ký đã lùi lại sau khôi phục. Lệnh dừng này chỉ được bỏ bằng: "
                "loa audit reconcile --why '…'",
                "The log went back in time with a restore. Only this takes the stop back: "
                "loa audit reconcile --why '…'",
                field="scope",
            )
        lifted = desk.lift_stop(conn, scope)
        if lifted:
            now = desk.now(conn)
            pages.record(conn, "lift_stop", scope, actor=actor.account, at=now, facts={})
    return lifted


def _check(conn: Connection, ledger: Ledger, actor: Actor, scope: str) -> None:
    kind, _, number = scope.partition(":")
    if scope != "all" and not (kind in _OWNERS and number.isdecimal()):
        raise BadInput(
            "bad_scope",
            "Phạm vi dừng phải là all, agency:SỐ, route:SỐ hoặc dispatch:SỐ.",
            "A stop is for all, agency:N, route:N or dispatch:N.",
            field="scope",
        )
    path = "/" if scope == "all" else _OWNERS[kind](conn, ledger, int(number))
    top = "/" if actor.path.count("/") == _TOP else actor.path
    if path is None or not authority.below(top, path):
        raise NotFound("no_scope", f"Không có {scope}.", f"There is no {scope}.")


#: Slashes in the path of an agency with nobody above it: ``/1/``.
_TOP = 2


def _agency(conn: Connection, _ledger: Ledger, number: int) -> str | None:
    row = registry.load_agency(conn, number)
    return row.path if row else None


def _route(conn: Connection, ledger: Ledger, number: int) -> str | None:
    found = routes.load(conn, ledger.vault, number)
    return _agency(conn, ledger, found.agency) if found else None


def _dispatch(conn: Connection, _ledger: Ledger, number: int) -> str | None:
    row = dispatches.load(conn, number)
    return row.path if row else None


_OWNERS = {"agency": _agency, "route": _route, "dispatch": _dispatch}
