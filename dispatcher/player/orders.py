"""The manifest that is in force: believed once, kept on the disk, believed anew at each start."""

import hashlib
from dataclasses import dataclass

from dispatcher.player.clock import Clock
from dispatcher.player.config import Config
from dispatcher.player.journal import Journal
from dispatcher.player.manifest import Manifest, Rejected, verify
from dispatcher.player.store import Store


@dataclass(frozen=True, slots=True)
class Order:
    """``received``: monotonic seconds, None if it came before this start."""

    manifest: Manifest
    received: float | None


class Orders:
    """Decides which manifest is obeyed. Read from any thread, replaced whole."""

    def __init__(self, config: Config, store: Store, clock: Clock, journal: Journal) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._journal = journal
        self._refused: set[tuple[str, str]] = set()
        self.current: Order | None = None

    @property
    def seq(self) -> int:
        """Of the manifest in force; 0 for none."""
        return self.current.manifest.seq if self.current else 0

    def recall(self) -> None:
        """Take up the manifest kept on the disk, whose signature must still be good."""
        body, header = self._store.fact("manifest"), self._store.fact("signature")
        if body is None or header is None:
            return
        try:
            self.current = Order(self._verified(body, header.decode()), None)
        except Rejected as rejected:
            self._refuse(rejected, body)

    def consider(self, body: bytes, header: str) -> bool:
        """Obey a manifest from the network, or say why not and go on with the last good one."""
        try:
            manifest = self._verified(body, header)
            self._check_fresh(manifest)
            self._check_spared(manifest)
        except Rejected as rejected:
            self._refuse(rejected, body)
            return False
        self._store.remember(
            {"manifest": body, "signature": header.encode(), "seq": str(manifest.seq).encode()}
        )
        self.current = Order(manifest, self._clock.monotonic())
        self._journal.say("applied", seq=manifest.seq)
        for item in manifest.unreadable:
            self._journal.say("rejected", item=item, reason="unreadable", left=0)
        return True

    def _verified(self, body: bytes, header: str) -> Manifest:
        return verify(body, header, self._config.trust, self._config.device)

    def _check_fresh(self, manifest: Manifest) -> None:
        highest = int(self._store.fact("seq") or 0)
        # The same again is welcome when what was kept on the disk is no longer believed.
        if manifest.seq < highest or (manifest.seq == highest and self.current is not None):
            raise Rejected("replayed", str(manifest.seq))
        if self._clock.synchronised and manifest.not_after <= self._clock.now():
            raise Rejected("too_old", str(manifest.not_after))

    def _check_spared(self, manifest: Manifest) -> None:
        """A manifest is all there is to do: one for drills would silence what is real."""
        held = self.current.manifest.items if self.current else ()
        now = self._clock.now()
        if manifest.by_drill_key and any(
            not item.drill and play.until > now for item in held for play in item.plays
        ):
            raise Rejected("drill_key", "real items are still to be played")

    def _refuse(self, rejected: Rejected, body: bytes) -> None:
        """Log it once: a server that repeats it must not fill the log."""
        digest = hashlib.sha256(body).hexdigest()
        if (rejected.reason, digest) not in self._refused:
            self._refused.add((rejected.reason, digest))
            self._journal.say("rejected", reason=rejected.reason, sha=digest)
