"""Mail is handed over under TLS, to a server that proves its name."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dispatcher.domain.model import Accepted, Refused
from dispatcher.domain.status import Reason
from tests.channels.servers import closed_port
from tests.channels.subjects import email, smtp
from tests.contract import outcomes


class Inbox(Message):
    """Keeps the messages it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[object] = []

    def handle_message(self, message: object) -> None:
        self.messages.append(message)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mx.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(pem)
    )
    return path


@contextmanager
def secure_server(certificate: Path) -> Iterator[tuple[int, Inbox]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    inbox = Inbox()
    controller = Controller(
        inbox, hostname="127.0.0.1", port=closed_port(), tls_context=context, require_starttls=True
    )
    controller.start()
    try:
        yield controller.port, inbox
    finally:
        controller.stop()


def test_a_message_travels_under_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        secure_server(certificate) as (port, inbox),
        smtp(f"smtp://127.0.0.1:{port}", starttls=True, timeout_s=5) as channel,
    ):
        told = outcomes(channel, [email(number) for number in range(100, 110)])
    assert all(isinstance(outcome, Accepted) for outcome in told)
    assert len(inbox.messages) == 10


def test_a_server_that_cannot_prove_its_name_gets_nothing(certificate: Path) -> None:
    with (
        secure_server(certificate) as (port, inbox),
        smtp(f"smtp://127.0.0.1:{port}", starttls=True, timeout_s=5) as channel,
    ):
        (outcome,) = outcomes(channel, [email(100)])
    assert isinstance(outcome, Refused)
    assert outcome.failure.reason.fault is Reason.NO_CONNECTION.fault
    assert not inbox.messages
