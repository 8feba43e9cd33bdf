"""The real servers behind the other tests do real work, and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

import dramatiq
import psycopg
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker
from playwright.sync_api import Browser

from tests.servers.postgres import PostgresServer, database_of
from tests.servers.smtp import SmtpServer

ROOT = Path(__file__).parents[1]
STORM = "Bão số 5 đổ bộ: đề nghị bà con vùng trũng sơ tán trước 17 giờ."


# --- PostgreSQL


def test_two_workers_claim_different_rows_in_postgresql(postgres_url: str) -> None:
    claim = "SELECT id FROM batch ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    with psycopg.connect(postgres_url) as one, psycopg.connect(postgres_url) as other:
        one.execute("CREATE TABLE batch (id int PRIMARY KEY)")
        one.execute("INSERT INTO batch VALUES (1), (2)")
        one.commit()
        assert one.execute(claim).fetchone() == (1,)
        assert other.execute(claim).fetchone() == (2,)


def test_postgresql_keeps_vietnamese_text_letter_by_letter(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT %s::text, length(%s)", (STORM, STORM)).fetchone()
    assert row == (STORM, len(STORM))


def test_a_migrated_database_can_be_the_template_of_others(postgres_server: PostgresServer) -> None:
    template = postgres_server.create()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE marker (word text)")
    copy = postgres_server.create(database_of(template))
    try:
        with psycopg.connect(copy) as connection:
            assert connection.execute("SELECT count(*) FROM marker").fetchone() == (0,)
    finally:
        postgres_server.drop(copy)
        postgres_server.drop(template)


ORPHANS = """
import os, signal
from tests.servers import postgres, valkey
with postgres.serve() as server, valkey.serve(0) as doorbell:
    print(server.url, doorbell, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_servers_end_with_the_tests_even_when_those_are_killed() -> None:
    ours = {name: value for name, value in os.environ.items() if "LOA_TEST" not in name}
    with tempfile.TemporaryDirectory() as scratch:  # what the killed process cannot tidy up
        Path(scratch).chmod(0o711)  # PostgreSQL's unprivileged user must get through
        killed = subprocess.run(
            [sys.executable, "-c", ORPHANS],
            cwd=ROOT,
            env=ours | {"TMPDIR": scratch},
            capture_output=True,
            text=True,
            check=False,
        )
        wait_until_closed(killed)


def wait_until_closed(killed: subprocess.CompletedProcess[str]) -> None:
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", killed.stdout)]
    assert len(ports) == 2
    deadline = time.monotonic() + 10
    while any(is_open(port) for port in ports):
        assert time.monotonic() < deadline, "a server outlived the tests"
        time.sleep(0.05)


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


# --- Valkey


def test_a_dramatiq_message_goes_through_valkey_to_a_worker(redis_url: str) -> None:
    broker = RedisBroker(url=redis_url, middleware=[])
    heard: list[str] = []

    @dramatiq.actor(broker=broker, queue_name="emergency")
    def hear(text: str) -> None:
        heard.append(text)

    hear.send(STORM)
    worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=50)
    worker.start()
    try:
        broker.join("emergency", timeout=10_000)
        worker.join()
    finally:
        worker.stop()
        broker.close()
    assert heard == [STORM]


def test_valkey_wants_its_password(redis_url: str) -> None:
    with (
        redis.Redis.from_url(re.sub(r":[^:@/]+@", "", redis_url)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


# --- mail


def letter(*recipients: str) -> EmailMessage:
    message = EmailMessage(policy=SMTPUTF8)
    message["From"], message["To"] = "ubnd@xa.example", ", ".join(recipients)
    message["Subject"] = "Thông báo khẩn"
    message.set_content(STORM)
    return message


def test_the_mail_server_keeps_what_it_is_sent(smtp_server: SmtpServer) -> None:
    with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
        client.send_message(letter("an@dan.example"))
    (envelope,) = smtp_server.messages
    assert envelope.rcpt_tos == ["an@dan.example"]
    assert isinstance(envelope.content, bytes)
    received = message_from_bytes(envelope.content, policy=SMTPUTF8)
    assert received["Subject"] == "Thông báo khẩn"
    assert received.get_content().strip() == STORM


def test_the_mail_server_refuses_whom_it_is_told_to(smtp_server: SmtpServer) -> None:
    replies = {"xa@dan.example": "550 5.1.1 No such mailbox"}
    smtp_server.reply_to = lambda recipient: replies.get(recipient, "250 OK")
    with smtplib.SMTP(smtp_server.host, smtp_server.port) as client:
        refused = client.send_message(letter("an@dan.example", "xa@dan.example"))
    assert refused == {"xa@dan.example": (550, b"5.1.1 No such mailbox")}
    assert [envelope.rcpt_tos for envelope in smtp_server.messages] == [["an@dan.example"]]


# --- Chromium

# A letter without a glyph is drawn like U+0378, which Unicode assigns to nothing.
DRAW = """letters => letters.map(letter => {
    const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
    pen.font = '60px sans-serif'
    pen.fillText(letter, 20, 90)
    return pen.getImageData(0, 0, 120, 120).data.join()
})"""
VIETNAMESE = [*"ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵĐƯƠ₫"]


@pytest.mark.browser
def test_chromium_has_a_glyph_for_every_vietnamese_letter(browser: Browser) -> None:
    with browser.new_context(locale="vi-VN") as context:
        drawn = context.new_page().evaluate(DRAW, ["\u0378", " ", *VIETNAMESE])
    assert len(set(drawn)) == len(VIETNAMESE) + 2


@pytest.mark.browser
def test_chromium_runs_a_page_and_its_script(browser: Browser) -> None:
    with browser.new_context(locale="vi-VN") as context:
        page = context.new_page()
        page.set_content(f"<button onclick='this.ariaPressed = true'>{STORM}</button>")
        page.get_by_role("button", name=STORM).click()
        assert page.get_by_role("button", pressed=True).inner_text() == STORM
