"""What is special about e-mail."""

import socket
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest

from channels.base import BadSignature, Malformed
from dispatcher.domain.email import canonical_email
from dispatcher.domain.errors import BadAddress
from dispatcher.domain.model import Accepted, Callback, Outcome, Refused, Unclear
from dispatcher.domain.status import Evidence, Reason, Status
from tests.channels.servers import MailScript, listening
from tests.channels.subjects import (
    MAIL_DOMAIN,
    RETURN_PATH,
    bounce,
    email,
    reference,
    smtp,
)
from tests.contract import outcomes


def _told(script: MailScript, address: str = "dan@xa.example", **changes: object) -> Outcome:
    with listening(script) as port, smtp(f"smtp://127.0.0.1:{port}", **changes) as channel:
        (outcome,) = outcomes(channel, [email(100, address)])
    return outcome


def _parsed(message: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(message)


def test_a_message_arrives_as_it_was_approved() -> None:
    script = MailScript()
    outcome = _told(script)
    assert outcome == Accepted("2.0.0 queued as 4F2A")
    message = _parsed(script.taken[0])
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert html
    assert plain.get_content().splitlines() == ["Kính gửi bà con.", "", ".Nước đang lên nhanh."]
    assert html.get_content().strip() == "<p>Nước đang lên nhanh.</p>"
    assert message["subject"].startswith("Cảnh báo lũ trên sông Đáy, đề nghị")
    assert message["from"] == "UBND xã Minh Châu <thongbao@minhchau.example>"
    assert message["to"] == "dan@xa.example"
    assert message["date"] == "Mon, 23 Nov 2026 10:00:00 +0700"
    assert message["auto-submitted"] == "auto-generated"
    assert not message.defects


def test_every_header_that_names_the_delivery_can_be_verified() -> None:
    script = MailScript()
    _told(script)
    message = _parsed(script.taken[0])
    sender = next(line for line in script.commands if line.startswith("MAIL"))
    assert list(RETURN_PATH.references(sender)) == [reference(100)]
    assert list(RETURN_PATH.references(message["message-id"])) == [reference(100)]
    token = RETURN_PATH.token(reference(100))
    assert message["list-unsubscribe"] == f"<https://loa.example/u/{token}>"
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("stage", "reply", "reason", "again"),
    [
        ("greeting", "554 5.7.1 no service for you", Reason.FILTERED, True),
        ("greeting", "421 4.3.2 busy", Reason.PROVIDER_ERROR, True),
        ("ehlo", "550 go away", Reason.SENDER_NOT_REGISTERED, True),
        ("mail", "550 5.1.8 bad sender", Reason.SENDER_NOT_REGISTERED, True),
        ("mail", "550 5.1.1 who are you", Reason.SENDER_NOT_REGISTERED, True),
        ("rcpt", "550 5.1.1 no such user", Reason.UNKNOWN_MAILBOX, False),
        ("rcpt", "550 no such user", Reason.UNKNOWN_MAILBOX, False),
        ("rcpt", "552 5.2.2 over quota", Reason.MAILBOX_FULL, False),
        ("rcpt", "452 4.2.2 over quota", Reason.MAILBOX_FULL, True),
        ("rcpt", "554 5.7.1 refused", Reason.FILTERED, False),
        ("rcpt", "450 4.2.1 receiving too quickly", Reason.RATE_LIMITED, True),
        ("rcpt", "451 4.7.1 greylisted", Reason.GREYLISTED, True),
        ("rcpt", "450 try later", Reason.GREYLISTED, True),
        ("rcpt", "599 5.9.9 novel", Reason.PROVIDER_ERROR, False),
        ("data", "451 4.3.0 local error", Reason.PROVIDER_ERROR, True),
        ("dot", "554 5.7.1 looks like spam", Reason.FILTERED, False),
        ("dot", "552 5.3.4 too big", Reason.TOO_LONG, False),
        ("dot", "450 4.7.1 slow down", Reason.RATE_LIMITED, True),
    ],
)
def test_a_reply_says_why_nothing_was_sent(
    stage: str, reply: str, reason: Reason, *, again: bool
) -> None:
    outcome = _told(MailScript(**{stage: reply}))
    assert isinstance(outcome, Refused)
    assert (outcome.failure.reason, outcome.failure.again) == (reason, again)
    assert outcome.failure.code == reply[:3]


def test_a_greylisted_message_waits_five_minutes() -> None:
    outcome = _told(MailScript(rcpt="451 4.7.1 come back later"))
    assert isinstance(outcome, Refused)
    assert outcome.failure.after == 300


@pytest.mark.parametrize("code", range(200, 600, 7))
@pytest.mark.parametrize("stage", ["greeting", "mail", "rcpt", "data", "dot"])
def test_every_code_at_every_stage_gives_one_outcome(stage: str, code: int) -> None:
    outcome = _told(MailScript(**{stage: f"{code} word"}))
    passes = code == 354 if stage == "data" else code // 100 == 2
    unclear = stage == "dot" and code < 400
    expected = Accepted if passes else Unclear if unclear else Refused
    assert isinstance(outcome, expected)


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data"])
def test_a_connection_cut_before_the_final_dot_sent_nothing(stage: str) -> None:
    outcome = _told(MailScript(**{stage: None}))
    assert isinstance(outcome, Refused)
    assert outcome.failure.again
    assert outcome.failure.reason is Reason.NO_CONNECTION


def test_a_connection_cut_after_the_final_dot_is_unclear() -> None:
    script = MailScript(dot=None)
    assert isinstance(_told(script), Unclear)
    assert len(script.taken) == 1


@pytest.mark.parametrize("garbage", ["25\udcff?", "hello", "2x0 ok", "250_ok", "x" * 5000])
def test_what_is_not_smtp_is_unclear_only_after_the_final_dot(garbage: str) -> None:
    before, after = _told(MailScript(mail=garbage)), _told(MailScript(dot=garbage))
    assert isinstance(before, Refused)
    assert isinstance(after, Unclear)
    assert before.failure.reason is after.failure.reason is Reason.UNREADABLE_REPLY


def test_silence_before_the_final_dot_sent_nothing() -> None:
    outcome = _told(MailScript(greeting="220-never the last line"))
    assert isinstance(outcome, Refused)
    assert outcome.failure.reason is Reason.TIMEOUT


def test_data_accepted_without_a_recipient_is_ended_empty() -> None:
    script = MailScript(rcpt="550 5.1.1 no such user", dot="554 5.5.1 no valid recipients")
    outcome = _told(script)
    assert isinstance(outcome, Refused)
    assert outcome.failure.reason is Reason.UNKNOWN_MAILBOX
    assert not script.taken


def test_a_server_without_pipelining_is_spoken_to_in_turn() -> None:
    script = MailScript(ehlo="250 mx.example")
    assert isinstance(_told(script), Accepted)


def test_sessions_are_kept_and_a_refusal_does_not_spoil_the_next_message() -> None:
    script = MailScript(dot="554 5.7.1 spam")
    with (
        listening(script) as port,
        smtp(f"smtp://127.0.0.1:{port}", connections=1) as channel,
    ):
        outcomes(channel, [email(number) for number in (100, 101)])
        outcomes(channel, [email(102)])
    assert script.connections == 1
    assert script.commands.count("RSET") == 2


def test_an_idle_session_that_the_server_closed_is_replaced_silently() -> None:
    class HangsUpAfterOne(MailScript):
        def _say(self, connection: socket.socket, stage: str) -> bool:
            return super()._say(connection, stage) and stage != "dot"

    script = HangsUpAfterOne()
    with (
        listening(script) as port,
        smtp(f"smtp://127.0.0.1:{port}", connections=1) as channel,
    ):
        told = outcomes(channel, [email(100), email(101)])
    assert all(isinstance(outcome, Accepted) for outcome in told)
    assert script.connections == 2


def test_a_server_that_does_not_offer_tls_is_not_sent_to() -> None:
    script = MailScript(starttls="454 4.7.0 TLS not available")
    assert isinstance(_told(script, starttls=True), Refused)
    assert not any(line.startswith("MAIL") for line in script.commands)


def test_a_log_in_that_fails_is_the_routes_fault() -> None:
    outcome = _told(MailScript(auth="535 5.7.8 wrong"), username="loa", password="mail-secret")
    assert isinstance(outcome, Refused)
    assert outcome.failure.reason is Reason.BAD_CREDENTIALS


def test_letters_that_the_server_cannot_take_are_not_sent() -> None:
    refused = _told(MailScript(), "đức@xa.example")
    assert isinstance(refused, Refused)
    assert refused.failure.reason is Reason.CANNOT_RECEIVE
    script = MailScript(ehlo="250-mx.example\r\n250-PIPELINING\r\n250 SMTPUTF8")
    assert isinstance(_told(script, "đức@xa.example"), Accepted)
    assert any(line.endswith("SMTPUTF8") for line in script.commands)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (" Le.Thi+loa@Xa.Example ", "Le.Thi+loa@xa.example"),
        ("đức@xa.example", "đức@xa.example"),
        ("dan@tỉnh.vn", "dan@xn--tnh-dlz.vn"),
        ("dan@TỈNH.VN", "dan@xn--tnh-dlz.vn"),
    ],
)
def test_an_address_has_one_form(text: str, canonical: str) -> None:
    assert canonical_email(text) == canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "email_unreadable"),
        ("dan", "email_unreadable"),
        ("@xa.example", "email_unreadable"),
        ("le thi@xa.example", "email_unreadable"),
        ("dan\r\nRCPT TO:<x>@xa.example", "email_unreadable"),
        (".dan@xa.example", "email_unreadable"),
        ("dan@", "email_bad_domain"),
        ("dan@localhost", "email_bad_domain"),
        ("dan@xa..example", "email_bad_domain"),
        ("dan@-xa.example", "email_bad_domain"),
        ("d" * 65 + "@xa.example", "email_too_long"),
    ],
)
def test_what_is_no_address_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        canonical_email(text)
    assert refusal.value.code == code


def _events(notice: bytes) -> list[tuple[Status, Reason, str]]:
    with smtp("smtp://127.0.0.1:1") as channel:
        events = channel.receipts(Callback("POST", "/", {}, notice))
    assert all(event.ref == reference(200) for event in events)
    assert all("0912345678" not in event.words for event in events)
    return [(event.status, event.reason, event.code) for event in events]


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ("failed", "5.1.1", (Status.FAILED, Reason.UNKNOWN_MAILBOX, "5.1.1")),
        ("failed", "5.2.2", (Status.FAILED, Reason.MAILBOX_FULL, "5.2.2")),
        ("failed", "4.4.7", (Status.FAILED, Reason.UNREACHABLE, "4.4.7")),
        ("failed", "5.9.9", (Status.FAILED, Reason.PROVIDER_ERROR, "5.9.9")),
        ("Delivered", "2.0.0", (Status.DELIVERED, Reason.NONE, "2.0.0")),
        ("delayed", "4.4.1", (Status.ACCEPTED, Reason.NONE, "4.4.1")),
    ],
)
def test_a_bounce_is_translated(action: str, status: str, said: tuple[Status, Reason, str]) -> None:
    assert _events(bounce(200, action=action, status=status)) == [said]


def test_a_bounce_has_the_time_of_its_notice() -> None:
    with smtp("smtp://127.0.0.1:1") as channel:
        (event,) = channel.receipts(Callback("POST", "/", {}, bounce(200)))
    assert event.at == 1_795_402_805_000


def test_a_complaint_means_that_it_arrived_and_must_not_again() -> None:
    notice = f"""\
From: <fbl@mx.example>
To: <abuse@minhchau.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1

--b1
Content-Type: message/rfc822

Message-ID: {RETURN_PATH.message_id(reference(200))}
Subject: x

--b1--
""".replace("\n", "\r\n").encode()
    with smtp("smtp://127.0.0.1:1") as channel:
        (event,) = channel.receipts(Callback("POST", "/", {}, notice))
    assert (event.ref, event.status) == (reference(200), Status.DELIVERED)
    assert (event.reason, event.evidence) == (Reason.OPTED_OUT, Evidence.PERSON)


@pytest.mark.parametrize(
    "to",
    [
        "thongbao@minhchau.example",
        f"b+71.200.1-0123456789abcdef@{MAIL_DOMAIN}",
        f"b+71.200.1@{MAIL_DOMAIN}",
    ],
)
def test_a_bounce_to_an_address_that_we_did_not_make_is_refused(to: str) -> None:
    with pytest.raises(BadSignature):
        _events(bounce(200, to=to))


def test_a_server_that_folds_case_still_names_the_delivery() -> None:
    assert _events(bounce(200, to=RETURN_PATH.address(reference(200)).upper()))


def test_an_action_that_is_not_known_changes_nothing() -> None:
    with pytest.raises(Malformed):
        _events(bounce(200, action="teleported"))
