"""What is special about Zalo template messages."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from pydantic import SecretStr

from channels.base import BadSignature, Malformed
from channels.zalo import codes
from channels.zalo.tokens import NoTokenError, RotatingTokens, TokenPair, TokenStore
from channels.zalo.zbs import Zbs, ZbsSettings
from dispatcher.domain.model import Accepted, Refused
from dispatcher.domain.status import Evidence, Fault, Reason, Status
from tests.channels.servers import Answer, always, http_server, response
from tests.channels.subjects import (
    ACCESS_TOKEN,
    APP_ID,
    NOW,
    OA_ID,
    OA_SECRET,
    ZBS,
    HeldTokens,
    a_door,
    reference,
    template,
    zalo_callback,
    zalo_event,
    zbs,
)
from tests.contract import outcomes


def _refused(code: int, now: float = NOW) -> Refused:
    body = json.dumps({"error": code, "message": "tới 84912345678"}).encode()
    with http_server(always(response(200, body))) as url, zbs(url, now=now) as channel:
        (outcome,) = outcomes(channel, [template(1)])
    assert isinstance(outcome, Refused)
    return outcome


def test_the_request_names_template_parameters_and_our_reference() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(response(200, ZBS.success))

    with http_server(answer) as url, zbs(url) as channel:
        assert outcomes(channel, [template(5)]) == [Accepted("a1b2")]
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /message/template HTTP/1.1")
    assert f"access_token: {ACCESS_TOKEN}".encode() in head
    assert json.loads(body) == {
        "phone": "84912345678",
        "template_id": "300001",
        "template_data": {"dia_ban": "xã Minh Châu", "thoi_gian": "18:00"},
        "tracking_id": "71.5.1",
    }


def test_the_newer_spelling_of_names_is_a_setting() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(response(200, ZBS.success))

    with http_server(answer) as url, a_door() as door:
        settings = ZbsSettings(
            app_id=APP_ID,
            oa_id=OA_ID,
            oa_secret=SecretStr(OA_SECRET),
            base_url=url,
            key_style="camel",
            development=True,
        )
        outcomes(Zbs(settings, door, HeldTokens([ACCESS_TOKEN])), [template(5)])
    body = json.loads(seen[0].partition(b"\r\n\r\n")[2])
    assert set(body) == {"phone", "templateId", "templateData", "tracking_id", "mode"}


@pytest.mark.parametrize(
    ("code", "reason", "again"),
    [
        (-108, Reason.BAD_ADDRESS, False),
        (-115, Reason.NO_BALANCE, True),
        (-118, Reason.NO_ACCOUNT, False),
        (-1121, Reason.TOO_LONG, False),
        (-131, Reason.TEMPLATE_NOT_APPROVED, False),
        (-141, Reason.BLOCKED_BY_RECIPIENT, False),
        (-144, Reason.QUOTA_USED, True),
        (-32, Reason.RATE_LIMITED, True),
        (-201, Reason.BAD_PARAMETER, False),
        (-9876, Reason.PROVIDER_ERROR, True),
    ],
)
def test_a_code_says_why_nothing_was_sent(code: int, reason: Reason, *, again: bool) -> None:
    failure = _refused(code).failure
    assert (failure.reason, failure.again) == (reason, again)
    assert (failure.code, failure.words) == (str(code), "tới •••678")


@pytest.mark.parametrize("table", [codes.TEMPLATE, codes.OFFICIAL_ACCOUNT])
def test_what_waits_for_a_person_is_never_the_recipients_fault(
    table: dict[int, codes.Code],
) -> None:
    for code, meaning in table.items():
        assert meaning.reason.fault is not Fault.NOBODY, code
        if meaning.stops_route:
            assert meaning.reason.fault is Fault.ROUTE, code


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        ("2026-11-23T22:00:00+07:00", 8 * 3600),
        ("2026-11-24T05:59:59+07:00", 1),
        ("2026-11-23T16:30:00+00:00", 6.5 * 3600),
    ],
)
def test_a_night_refusal_waits_for_six_in_the_morning(at: str, seconds: float) -> None:
    failure = _refused(-133, now=datetime.fromisoformat(at).timestamp()).failure
    assert (failure.reason, failure.again) == (Reason.NIGHT_WINDOW, True)
    assert failure.after == seconds


def _only(token: str) -> Answer:
    """Zalo as it answers when one token is good."""

    def answer(connection: socket.socket, request: bytes) -> None:
        good = f"access_token: {token}\r\n".encode() in request
        refusal = b'{"error": -124, "message": "Access token invalid"}'
        connection.sendall(response(200, ZBS.success if good else refusal))

    return answer


def test_a_refused_token_is_renewed_and_nobody_notices() -> None:
    with http_server(_only("new")) as url, zbs(url, "old", "new") as channel:
        told = outcomes(channel, [template(number) for number in range(1, 6)])
    assert told == [Accepted("a1b2")] * 5


def test_a_token_that_cannot_be_renewed_refuses_for_the_routes_sake() -> None:
    with http_server(_only("new")) as url, zbs(url, "old") as channel:
        (outcome,) = outcomes(channel, [template(1)])
    assert isinstance(outcome, Refused)
    assert (outcome.failure.reason, outcome.failure.again) == (Reason.BAD_CREDENTIALS, True)


def test_a_renewed_token_that_is_refused_too_is_not_renewed_again() -> None:
    with http_server(_only("third")) as url, zbs(url, "first", "second", "third") as channel:
        (outcome,) = outcomes(channel, [template(1)])
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize(
    ("name", "status", "at"),
    [
        ("user_received_message", Status.DELIVERED, 1_795_402_801_000),
        ("user_seen_message", Status.SEEN, 1_795_402_805_000),
    ],
)
def test_an_event_is_translated(name: str, status: Status, at: int) -> None:
    message = {"msg_id": "a1b2", "tracking_id": "71.200.1"}
    if status is Status.DELIVERED:
        message["delivery_time"] = "1795402801000"
    with zbs("http://127.0.0.1:1") as channel:
        (event,) = channel.receipts(zalo_callback(zalo_event(name, **message)))
    assert (event.ref, event.provider_ref) == (reference(200), "a1b2")
    assert (event.status, event.evidence, event.at) == (status, Evidence.PROVIDER, at)


@pytest.mark.parametrize("name", ["follow", "user_send_text", "change_oa_daily_quota"])
def test_events_that_are_not_about_our_message_change_nothing(name: str) -> None:
    with zbs("http://127.0.0.1:1") as channel:
        assert not channel.receipts(zalo_callback(zalo_event(name)))


def test_an_event_of_another_sender_of_the_account_keeps_its_own_name() -> None:
    body = zalo_event("user_received_message", msg_id="z9", tracking_id="invoice-7")
    with zbs("http://127.0.0.1:1") as channel:
        (event,) = channel.receipts(zalo_callback(body))
    assert (event.ref, event.provider_ref) == (None, "z9")


def test_a_time_that_is_none_is_malformed() -> None:
    body = zalo_event("user_received_message", delivery_time="yesterday")
    with zbs("http://127.0.0.1:1") as channel, pytest.raises(Malformed):
        channel.receipts(zalo_callback(body))


def test_an_account_that_signs_with_its_own_name_is_a_setting() -> None:
    settings = ZbsSettings(
        app_id=OA_ID, oa_id=APP_ID, oa_secret=SecretStr(OA_SECRET), signed_with="oa_id"
    )
    with a_door() as door:
        channel = Zbs(settings, door, HeldTokens([ACCESS_TOKEN]))
        assert channel.receipts(zalo_callback(ZBS.genuine))
        other = Zbs(settings.model_copy(update={"signed_with": "app_id"}), door, HeldTokens([""]))
        with pytest.raises(BadSignature):
            other.receipts(zalo_callback(ZBS.genuine))


class _Account:
    """Zalo's token endpoint and our store: refresh tokens work once."""

    def __init__(self) -> None:
        self.pairs = [TokenPair("access-0", "refresh-0", NOW + 100)]
        self.asked = 0
        self._lock = threading.Lock()

    def store(self) -> TokenStore:
        return TokenStore(lambda: self.pairs[-1], self.pairs.append, lambda: self._lock)

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        self.asked += 1
        assert b"secret_key: app-secret\r\n" in request
        if f"refresh_token=refresh-{self.asked - 1}&".encode() not in request:
            connection.sendall(response(200, b'{"error": -14014, "error_name": "used"}'))
            return
        pair = {"access_token": f"access-{self.asked}", "refresh_token": f"refresh-{self.asked}"}
        body = json.dumps(pair | {"expires_in": "90000"}).encode()
        connection.sendall(response(200, body))


def test_a_new_pair_is_saved_before_its_token_is_used() -> None:
    account = _Account()
    with http_server(account) as url, a_door() as door:
        tokens = _tokens(account.store(), door, url)
        assert tokens.refresh("access-0") == "access-1"
    assert account.pairs[-1] == TokenPair("access-1", "refresh-1", NOW + 72_000)


def _tokens(store: TokenStore, door: object, url: str, now: float = NOW) -> RotatingTokens:
    secret = SecretStr("app-secret")
    return RotatingTokens(APP_ID, secret, store, door, oauth_url=url, clock=lambda: now)  # type: ignore[arg-type]


def test_many_who_find_the_token_refused_renew_it_once() -> None:
    account = _Account()
    with http_server(account) as url, a_door() as door, ThreadPoolExecutor(8) as threads:
        tokens = _tokens(account.store(), door, url)
        told = list(threads.map(tokens.refresh, ["access-0"] * 8))
    assert told == ["access-1"] * 8
    assert account.asked == 1


def test_a_token_is_renewed_before_it_expires() -> None:
    account = _Account()
    with http_server(account) as url, a_door() as door:
        assert _tokens(account.store(), door, url).get() == "access-0"
        assert _tokens(account.store(), door, url, now=NOW + 101).get() == "access-1"


def test_an_early_renewal_that_fails_leaves_the_token_in_use() -> None:
    account = _Account()
    with http_server(always(response(503))) as url, a_door() as door:
        tokens = _tokens(account.store(), door, url, now=NOW + 101)
        assert tokens.get() == "access-0"
        with pytest.raises(NoTokenError) as refusal:
            tokens.refresh("access-0")
    assert refusal.value.failure.reason is Reason.PROVIDER_ERROR
    assert "refresh-0" not in f"{refusal.value!r}{account.pairs!r}"


def test_a_refresh_token_that_was_used_needs_a_person() -> None:
    account = _Account()
    account.pairs = [TokenPair("access-9", "refresh-9", NOW + 100)]
    with http_server(account) as url, a_door() as door, pytest.raises(NoTokenError) as refusal:
        _tokens(account.store(), door, url).refresh("access-9")
    assert refusal.value.failure.reason is Reason.BAD_CREDENTIALS
    assert len(account.pairs) == 1
