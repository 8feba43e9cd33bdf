"""A login and a password: who is it? What is wrong with them, nobody is told."""

from dataclasses import dataclass

from dispatcher.domain.errors import TooMany, Unauthorised
from dispatcher.domain.lockout import OF_CLIENT, OF_LOGIN
from dispatcher.ledger import credentials, desk, pages, refusals, throttles
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.throttles import Try
from dispatcher.signin import devices
from dispatcher.signin.gate import Client, Gate

#: Longer than any login: what strangers send is not carried about.
_LOGIN_READ = 64


@dataclass(frozen=True, slots=True)
class _Knock:
    """One try: the rows that count it, and whether the login's (or device's) lets it through."""

    login: str
    of_login: bytes
    of_client: bytes | None
    taken: Try


def sign_in(gate: Gate, login: str, password: str, client: Client) -> int:
    """The account whose password this is.

    Raises Unauthorised, in the same words and after the same work for an unknown login, a wrong
    password and a login that is waiting; TooMany for an address with too many failures.
    """
    knock = _knock(gate, login.strip().lower()[:_LOGIN_READ], client)
    with gate.ledger.read() as conn:
        row = credentials.by_login(conn, knock.login)
    try:
        right = gate.passwords.matches(row.password if row else "", password)
    except TooMany:
        _not_judged(gate, knock)
        raise
    if row is None or not right or not knock.taken.allowed:
        _failed(gate, knock, row.account_id if row else 0)
        raise _wrong()
    if gate.passwords.outdated(row.password):
        _rehash(gate, row.account_id, row.password, password)
    _succeeded(gate, knock)
    return int(row.account_id)


def _knock(gate: Gate, login: str, client: Client) -> _Knock:
    """Count the try before it is judged. Who is known is not counted with the address."""
    vault = gate.ledger.vault
    device = devices.number(gate.secret, login, client.known)
    kind, subject = ("device", device) if device else ("login", login)
    of_login = throttles.key(vault, kind, subject)
    of_client = None if device else throttles.key(vault, "client", client.network)
    with gate.ledger.begin() as conn:
        now = desk.now(conn)
        allowed = of_client is None or throttles.take(conn, of_client, OF_CLIENT, now).allowed
        taken = throttles.take(conn, of_login, OF_LOGIN, now) if allowed else None
    if taken is None:
        refusals.note(gate.ledger, "sign_in", "client", "too_many")
        raise _too_many()
    return _Knock(login, of_login, of_client, taken)


def _failed(gate: Gate, knock: _Knock, account: int) -> None:
    """Enter that a login waits. An unknown one leaves the same work to do."""
    subject = f"account:{account}"
    if not knock.taken.allowed or not account:
        refusals.note(gate.ledger, "sign_in", subject, "locked" if account else "unknown")
        return
    with gate.ledger.begin() as conn:
        now = desk.now(conn)
        if knock.taken.next_at > now:
            seconds = round((knock.taken.next_at - now) / 1000)
            facts = {"tries": knock.taken.count, "seconds": seconds}
            pages.record(conn, "lock_account", subject, actor=0, at=now, facts=facts)


def _succeeded(gate: Gate, knock: _Knock) -> None:
    with gate.ledger.begin() as conn:
        throttles.forget(conn, knock.of_login)
        _give_back(conn, knock.of_client)


def _not_judged(gate: Gate, knock: _Knock) -> None:
    with gate.ledger.begin() as conn:
        _give_back(conn, knock.of_login if knock.taken.allowed else None)
        _give_back(conn, knock.of_client)


def _give_back(conn: Connection, row: bytes | None) -> None:
    if row is not None:
        throttles.give_back(conn, row)


def _rehash(gate: Gate, account: int, old: str, password: str) -> None:
    encoded = gate.passwords.encode(password)
    with gate.ledger.begin() as conn:
        credentials.rehash(conn, account, encoded, old)


def _wrong() -> Unauthorised:
    return Unauthorised(
        "wrong_login",
        "Tên đăng nhập hoặc mật khẩu không đúng, hoặc đã nhập sai nhiều lần. Sau 5 lần sai phải "
        "chờ từ 30 giây đến 15 phút.",
        "The login or the password is wrong, or was wrong too often. After five wrong tries there "
        "is a wait of 30 seconds to 15 minutes.",
    )


def _too_many() -> TooMany:
    return TooMany(
        "too_many_tries",
        "Có quá nhiều lần đăng nhập sai từ địa chỉ mạng này. Hãy chờ 15 phút rồi thử lại.",
        "Too many wrong tries came from this network address. Wait a quarter of an hour.",
    )
