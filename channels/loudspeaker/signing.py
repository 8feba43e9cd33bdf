"""The signature that lets a speaker believe a manifest, whoever carried it."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatcher.domain.playlist import Manifest


class Signer:
    """Signs manifests with one Ed25519 key, known to devices as ``kid``."""

    def __init__(self, kid: str, key: Ed25519PrivateKey) -> None:
        self._kid = kid
        self._key = key

    def header(self, body: bytes) -> str:
        """The ``Loa-Signature`` of the exact bytes ``body``."""
        signature = base64.b64encode(self._key.sign(body)).decode()
        return f"ed25519;kid={self._kid};sig={signature}"

    def trust(self) -> str:
        """The public half as a device is told it: ``kid=base64``."""
        public = self._key.public_key().public_bytes_raw()
        return f"{self._kid}={base64.b64encode(public).decode()}"


@dataclass(frozen=True, slots=True)
class Signers:
    """Drills have a key of their own: whoever has it cannot make a real alarm sound."""

    real: Signer
    drill: Signer

    def header(self, manifest: Manifest, body: bytes) -> str:
        """The ``Loa-Signature`` of a manifest's exact bytes."""
        signer = self.drill if manifest.drill else self.real
        return signer.header(body)

    def trust(self) -> tuple[str, str]:
        """What a device is told to trust: one key for everything, one for drills only."""
        return self.real.trust(), f"drill:{self.drill.trust()}"
