"""``loa password`` and ``loa unlock``: signing in, for whoever works at the server itself."""

import sys
from typing import Any

import click

from dispatcher.bootstrap import Runtime
from dispatcher.commands.session import acting, agency_option, runtime
from dispatcher.domain.errors import NotFound
from dispatcher.domain.logins import check_login
from dispatcher.ledger import credentials, desk, pages
from dispatcher.ledger.handles import Connection, Row
from dispatcher.signin import changing, recovery
from dispatcher.signin.gate import Gate, gate


@click.command()
@click.argument("login")
@click.option("--account", help="Whose login it becomes: the account's name. For a new login only.")
@click.option("--link", is_flag=True, help="Print a link, good once, instead of setting it here.")
@agency_option
def password(login: str, *, account: str | None, link: bool) -> None:
    """Set the password that opens the console for LOGIN.

    Asks twice on a terminal, otherwise reads one line. --link lets the person choose it; it also
    makes them enrol their second factor anew, for when a telephone is lost.
    """
    with runtime() as rt:
        keeper = gate(rt.ledger, lambda: rt.gateway_secret)
        row = _credential(rt, check_login(login), account)
        if link:
            click.echo(_link(rt, keeper, row))
            return
        changing.store(keeper, row.account_id, _read_password(), by=0)
        click.echo(f"{row.name}: đã đặt mật khẩu cho '{row.login}'. Password set.")


@click.command()
@click.argument("login")
def unlock(login: str) -> None:
    """End the wait after wrong passwords and codes for LOGIN."""
    with runtime() as rt:
        name = check_login(login)
        with rt.ledger.begin() as conn:
            row = _known(conn, name)
            recovery.unlock(gate(rt.ledger, lambda: rt.gateway_secret), conn, row)
            subject = f"account:{row.account_id}"
            pages.record(conn, "unlock_account", subject, actor=0, at=desk.now(conn), facts={})
        click.echo(f"{row.name}: có thể đăng nhập ngay. May sign in at once.")


def _credential(rt: Runtime, login: str, account: str | None) -> Row[Any]:
    """The login's credential; made for the account that is named, if one is."""
    if account is None:
        with rt.ledger.read() as conn:
            return _known(conn, login)
    owner = acting(rt, account)
    with rt.ledger.begin() as conn:
        found = credentials.by_login(conn, login)
        if found is None or found.account_id != owner.account:
            credentials.add(conn, owner.account, login, desk.now(conn))
        return _known(conn, login)


def _known(conn: Connection, login: str) -> Row[Any]:
    found = credentials.by_login(conn, login)
    if found is None:
        raise NotFound(
            "no_login",
            f"Không có tên đăng nhập '{login}'. Tạo bằng: loa password {login} --account 'HỌ TÊN'",
            f"There is no login '{login}'. Make it with: loa password {login} --account 'NAME'",
            field="LOGIN",
        )
    return found


def _link(rt: Runtime, keeper: Gate, row: Row[Any]) -> str:
    with rt.ledger.begin() as conn:
        ticket = recovery.issue(keeper, conn, row, by=0)
    return recovery.link(rt.settings.public_url, ticket)


def _read_password() -> str:
    """Twice from a terminal without showing it; one line from anything else."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(
        "Mật khẩu mới (new password)", hide_input=True, confirmation_prompt=True
    )
    return asked
