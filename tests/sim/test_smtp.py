"""The simulated mail server, spoken to by the standard library's client and by hand."""

from __future__ import annotations

import email
import smtplib
import socket
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from dispatcher.sim.launch import Started
from tests.sim.asking import get, post
from tests.sim.conftest import Start

FATES = ["^absent=550", "^full=552", "^grey=grey"]


def client(started: Started) -> smtplib.SMTP:
    where = urlsplit(started.url)
    assert where.hostname
    return smtplib.SMTP(where.hostname, where.port or 0, timeout=5)


def letter(text: str = "Lịch cắt điện ngày 25/11/2026") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "xa@vi-du.vn", "ba.con@vi-du.vn"
    message["Subject"] = "Thông báo"
    message.set_content(text)
    return message


def set_manners(started: Started, **manners: object) -> None:
    answer = post(f"{started.control}/_sim/manners", json={"afresh": True} | manners)
    assert answer.status_code == 200


def taken(started: Started, to: str) -> list[str]:
    found = get(f"{started.control}/_sim/messages", params={"to": to}).json()
    return [message["text"] for message in found]


@pytest.fixture(scope="module")
def mail(simulator: Start) -> Started:
    return simulator("smtp", seed=7, fate=FATES)


@pytest.fixture(autouse=True)
def good_manners(mail: Started) -> None:
    set_manners(mail)


def test_the_extensions_are_announced(mail: Started) -> None:
    with client(mail) as smtp:
        smtp.ehlo()
        offered = {name for name in ("pipelining", "8bitmime", "smtputf8") if smtp.has_extn(name)}
        assert offered == {"pipelining", "8bitmime", "smtputf8"}
        assert not smtp.has_extn("auth")


def test_a_message_is_kept_with_its_text(mail: Started) -> None:
    with client(mail) as smtp:
        smtp.send_message(letter(), "xa@vi-du.vn", ["ba.con@vi-du.vn"])
    assert "Subject:" in taken(mail, "ba.con@vi-du.vn")[0]


def test_recipients_get_replies_of_their_own(mail: Started) -> None:
    everybody = ["con@vi-du.vn", "absent@vi-du.vn", "full@vi-du.vn"]
    with client(mail) as smtp:
        refused = smtp.send_message(letter(), "xa@vi-du.vn", everybody)
    assert {to: code for to, (code, _) in refused.items()} == {
        "absent@vi-du.vn": 550,
        "full@vi-du.vn": 552,
    }
    assert refused["absent@vi-du.vn"][1].startswith(b"5.1.1 ")


def test_a_greylisted_recipient_is_taken_the_second_time(mail: Started) -> None:
    with client(mail) as smtp:
        smtp.ehlo()
        for expected in (451, 250):
            smtp.mail("xa@vi-du.vn")
            assert smtp.rcpt("grey@vi-du.vn")[0] == expected
            smtp.rset()


def test_an_address_in_vietnamese_letters_is_taken(mail: Started) -> None:
    with client(mail) as smtp:
        smtp.ehlo()
        smtp.sendmail("xa@vi-du.vn", ["hồng@vi-du.vn"], b"Subject: a\r\n\r\nb", ["SMTPUTF8"])
    assert taken(mail, "hồng@vi-du.vn")


def test_pipelined_commands_are_answered_in_order(mail: Started) -> None:
    where = urlsplit(mail.url)
    batch = (
        b"EHLO loa\r\nMAIL FROM:<xa@vi-du.vn>\r\nRCPT TO:<absent@vi-du.vn>\r\n"
        b"RCPT TO:<p1@vi-du.vn>\r\nDATA\r\n"
    )
    codes: list[bytes] = []
    address = (where.hostname, where.port)
    with socket.create_connection(address, timeout=5) as wire, wire.makefile("rb") as lines:
        lines.readline()
        wire.sendall(batch)
        while codes[-1:] != [b"354"]:
            line = lines.readline()
            codes += [line[:3]] if line[3:4] == b" " else []
        wire.sendall(b"Subject: a\r\n\r\nb\r\n.\r\nQUIT\r\n")
        codes += [lines.readline()[:3], lines.readline()[:3]]
    assert codes == [b"250", b"250", b"550", b"250", b"354", b"250", b"221"]


@pytest.mark.parametrize(
    ("manners", "code"),
    [({"error": 1}, 451), ({"too_many": 1}, 450), ({"outages": [[0, 60]]}, 421)],
)
def test_a_message_can_be_put_off(mail: Started, manners: dict[str, object], code: int) -> None:
    set_manners(mail, **manners)
    with pytest.raises(smtplib.SMTPDataError) as caught, client(mail) as smtp:
        smtp.send_message(letter(), "xa@vi-du.vn", ["sau@vi-du.vn"])
    assert caught.value.smtp_code == code
    assert taken(mail, "sau@vi-du.vn") == []


@pytest.mark.parametrize(
    ("manners", "to", "arrived"),
    [({"cut_before": 1}, "giua@vi-du.vn", 0), ({"cut_after": 1}, "cuoi@vi-du.vn", 1)],
)
def test_a_connection_cut_in_data_or_after_it(
    mail: Started, manners: dict[str, object], to: str, arrived: int
) -> None:
    set_manners(mail, **manners)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)), client(mail) as smtp:
        smtp.send_message(letter("x\n" * 1000), "xa@vi-du.vn", [to])
    assert len(taken(mail, to)) == arrived


def test_a_garbled_last_word_is_no_reply_code(mail: Started) -> None:
    set_manners(mail, malformed=1)
    with pytest.raises(smtplib.SMTPException), client(mail) as smtp:
        smtp.send_message(letter(), "xa@vi-du.vn", ["roi@vi-du.vn"])


def test_auth_is_demanded_where_a_user_is_configured(simulator: Start) -> None:
    guarded = simulator("smtp", user="xa", password="mat-khau")
    with client(guarded) as smtp:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            smtp.send_message(letter(), "xa@vi-du.vn", ["a@vi-du.vn"])
        assert refused.value.smtp_code == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("xa", "sai")
        smtp.login("xa", "mat-khau")
        smtp.send_message(letter(), "xa@vi-du.vn", ["a@vi-du.vn"])


def test_a_bounce_comes_back_as_a_delivery_status_notification(
    mail: Started, simulator: Start
) -> None:
    home = urlsplit(mail.url)
    far = simulator(
        "smtp",
        fate=["^gone=bounce"],
        bounce_to=f"{home.hostname}:{home.port}",
        manners={"receipt_delay": [0.01, 0.01]},
    )
    with client(far) as smtp:
        smtp.send_message(letter(), "bounce+d1.1@vi-du.vn", ["gone@vi-du.vn"])
    deadline = 200
    while not (found := taken(mail, "bounce+d1.1@vi-du.vn")):
        deadline -= 1
        assert deadline, "no bounce"
    notice = email.message_from_string(found[0])
    assert notice.get_content_type() == "multipart/report"
    assert notice.get_param("report-type") == "delivery-status"
    human, status, original = notice.get_payload()
    assert [part.get_content_type() for part in (human, status, original)] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    per_recipient = status.get_payload()[1]
    assert per_recipient["Action"] == "failed"
    assert per_recipient["Status"] == "5.1.1"
    assert per_recipient["Final-Recipient"] == "rfc822; gone@vi-du.vn"
    assert "Subject:" in original.get_payload()
