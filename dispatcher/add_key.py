"""The verb that lets a program in: an API key of an account, shown once."""

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Conflict, NotFound
from dispatcher.domain.model import Mode
from dispatcher.ledger import accounts, desk, grants, keys, registry
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.keys import NewKey
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def add_key(ledger: Ledger, actor: Actor, new: NewKey) -> tuple[int, str]:
    """Make a key for an account of the administrator's agency or below it; (id, the key).

    It never opens more than its account may at that moment. Raises NotFound for an account or an
    agency outside the actor's part of the tree, Forbidden without the role, BadInput for roles that
    the account lacks there or an end that is past, Conflict for a live key where nothing live may
    leave.
    """
    with ledger.begin() as conn:
        holder = accounts.load_open(conn, new.account)
        if holder is None or not authority.below(actor.path, holder.path):
            raise NotFound("no_account", "Không có tài khoản này.", "There is no such account.")
        place = registry.load_agency(conn, new.agency or holder.agency_id)
        if place is None or not authority.below(actor.path, place.path):
            raise NotFound("no_agency", "Không có cơ quan này.", "There is no such agency.")
        authority.require("grant", actor.roles)
        now = desk.now(conn)
        _check_mode(conn, new.mode)
        _check_roles(conn, new, place.path)
        _check_end(new, now)
        made = keys.make(new.mode)
        return keys.add(conn, made, new, by=actor.account, now=now), made


def _check_mode(conn: Connection, mode: str) -> None:
    """A live key opens nothing on a database that nothing live may leave."""
    mark = desk.get_mark(conn, "kind")
    if mode == Mode.LIVE.value and mark != "production":
        raise Conflict(
            "demo_database",
            f"Cơ sở dữ liệu này được đánh dấu '{mark}', chỉ cấp khóa --mode test.",
            f"This database is marked '{mark}': it gives out keys of --mode test only.",
            field="mode",
        )


def _check_roles(conn: Connection, new: NewKey, path: str) -> None:
    if new.roles is None:
        return
    authority.check_roles(new.roles)
    lacking = sorted(set(new.roles) - grants.roles(conn, new.account, path))
    if lacking or not new.roles:
        raise BadInput(
            "role_not_held",
            f"Tài khoản không có vai trò: {', '.join(lacking) or 'nào'}. Khóa không được có quyền "
            "hơn tài khoản.",
            f"The account lacks: {', '.join(lacking) or 'a role'}. A key has no more than its "
            "account.",
            field="roles",
        )


def _check_end(new: NewKey, now: int) -> None:
    if new.until is not None and new.until <= now:
        raise BadInput(
            "bad_term",
            "Ngày hết hạn của khóa đã qua.",
            "The key's end lies in the past.",
            field="until",
        )
