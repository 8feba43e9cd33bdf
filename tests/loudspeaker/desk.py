"""A desk and publisher in memory: what the ledger does for speakers, for tests of both its ends."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from channels.loudspeaker.signing import Signer
from dispatcher.domain.device import GENESIS, Device, DeviceState, LogLine, SignedManifest
from dispatcher.domain.playlist import Cancel, Manifest, PlayItem, build

DAY_MS = 24 * 3600 * 1000


class MemoryDesk:
    """Keeps devices, manifests, sounds and logs; checks the chain of every log it takes."""

    def __init__(self, signer: Signer) -> None:
        self._lock = threading.Lock()
        self._signer = signer
        self._keys: dict[str, bytes] = {}
        self._drafts: dict[str, Manifest] = {}
        self._signed: dict[str, SignedManifest] = {}
        self._changes: list[str] = []
        self.sounds: dict[str, bytes] = {}
        self.states: list[DeviceState] = []
        self.logs: dict[str, dict[tuple[str, int], LogLine]] = {}
        self.broken_chains: list[LogLine] = []
        self.threads: set[str] = set()
        self._last: dict[str, str] = {}
        self.refused: list[tuple[str, str]] = []

    def turned_away(self, device: str, why: str) -> None:
        self.refused.append((device, why))

    def enrol(self, draft: Manifest, key: bytes) -> None:
        """Know a device whose manifests will have the terms of ``draft``."""
        with self._lock:
            self._keys[draft.device] = key
            self._drafts[draft.device] = draft
            self.logs[draft.device] = {}
            self._last[draft.device] = GENESIS

    def publish(self, items: Sequence[tuple[str, PlayItem]]) -> Sequence[str | None]:
        return [self._lay(device, item) for device, item in items]

    def withdraw(self, items: Sequence[tuple[str, str]]) -> Sequence[bool]:
        return [self._take_out(device, item) for device, item in items]

    def serve(self, device: str, manifest: SignedManifest) -> None:
        """Put any bytes in place of the device's manifest."""
        with self._lock:
            self._signed[device] = manifest
            self._changes.append(device)

    def signed(self, device: str) -> SignedManifest:
        with self._lock:
            return self._signed[device]

    def words(self, device: str) -> bytes:
        """The device's log as a callback's body."""
        with self._lock:
            return b"\n".join(line.raw for line in self.logs[device].values())

    def device(self, device: str) -> Device | None:
        self.threads.add(threading.current_thread().name)
        with self._lock:
            signed = self._signed.get(device)
            key = self._keys.get(device)
            return None if key is None else Device(key, True, signed.seq if signed else 0)

    def manifests(self, devices: Sequence[str]) -> Mapping[str, SignedManifest]:
        with self._lock:
            return {each: self._signed[each] for each in devices if each in self._signed}

    def changed_since(self, cursor: int | None) -> tuple[int, Sequence[str]]:
        with self._lock:
            end = len(self._changes)
            return end, self._changes[end if cursor is None else cursor :]

    def media(self, sha256: str) -> bytes | None:
        return self.sounds.get(sha256)

    def record_states(self, states: Sequence[DeviceState]) -> None:
        self.states.extend(states)

    def append_events(self, device: str, lines: Sequence[LogLine]) -> Mapping[str, int]:
        with self._lock:
            for line in lines:
                if (line.boot, line.n) not in self.logs[device]:
                    self._append(device, line)
            return {line.boot: line.n for line in lines}

    def _append(self, device: str, line: LogLine) -> None:
        if not line.follows(self._last[device]):
            self.broken_chains.append(line)
        self._last[device] = line.digest
        self.logs[device][line.boot, line.n] = line

    def _lay(self, device: str, item: PlayItem) -> str | None:
        with self._lock:
            if device not in self._keys:
                return "no such speaker"
            draft = self._drafts[device]
            kept = [each for each in draft.items if each.id != item.id]
            self._sign(replace(draft, items=[*kept, item]))
        return None

    def _take_out(self, device: str, item: str) -> bool:
        with self._lock:
            draft = self._drafts[device]
            kept = [each for each in draft.items if each.id != item]
            if len(kept) == len(draft.items):
                return False
            self._sign(replace(draft, items=kept, cancels=[*draft.cancels, Cancel(item)]))
        return True

    def _sign(self, draft: Manifest) -> None:
        draft = replace(draft, seq=draft.seq + 1)
        body = build(draft)
        self._drafts[draft.device] = draft
        self._signed[draft.device] = SignedManifest(draft.seq, body, self._signer.header(body))
        self._changes.append(draft.device)
