"""What an installation signs with: made when first asked for, because its keys are in the database.

All of it comes from the base key, so that neither a new data key nor a new root key changes whom
devices, auditors and sessions believe.
"""

from collections.abc import Callable
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.loudspeaker.signing import Signer, Signers
from dispatcher.domain.playlist import Manifest
from dispatcher.ledger.sealer import LogKey


class Identity:
    """``secret``: purpose → its 32 bytes; ``origin`` names the log."""

    def __init__(self, secret: Callable[[str], bytes], origin: str) -> None:
        self._secret, self._origin = secret, origin

    @cached_property
    def log_key(self) -> LogKey:
        return LogKey(self._origin, self._key("log"))

    @cached_property
    def device_signers(self) -> Signers:
        return Signers(
            Signer("loa-1", self._key("devices")),
            Signer("loa-1-drill", self._key("devices/drill")),
        )

    @cached_property
    def gateway_secret(self) -> bytes:
        return self._secret("gateway")

    def sign(self, manifest: Manifest, body: bytes) -> str:
        """The ``Loa-Signature`` of a manifest's exact bytes."""
        return self.device_signers.header(manifest, body)

    def _key(self, purpose: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._secret(purpose))
