"""A real gateway on loopback and real player processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.loudspeaker.signing import Signer
from dispatcher.web.devices import create_gateway
from tests.loudspeaker.desk import MemoryDesk
from tests.loudspeaker.playing import Players
from tests.loudspeaker.serving import Server
from tests.loudspeaker.station import now_ms, tone


@pytest.fixture
def signer() -> Signer:
    return Signer("2026a", Ed25519PrivateKey.generate())


@pytest.fixture
def desk(signer: Signer) -> MemoryDesk:
    return MemoryDesk(signer)


@pytest.fixture
def server(desk: MemoryDesk) -> Iterator[Server]:
    with Server(create_gateway(desk, lambda: b"one secret", now_ms, watch_s=0.1)) as serving:
        yield serving


@pytest.fixture
def players(tmp_path: Path, desk: MemoryDesk, signer: Signer) -> Iterator[Players]:
    started = Players(tmp_path, desk, signer.trust())
    yield started
    started.end()


@pytest.fixture(scope="session")
def bulletin() -> bytes:
    """Six seconds of a bulletin."""
    return tone(6, 440)


@pytest.fixture(scope="session")
def alarm() -> bytes:
    """One second of an emergency."""
    return tone(1, 880)
