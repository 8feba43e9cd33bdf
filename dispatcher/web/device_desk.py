"""What the device gateway asks of the ledger."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dispatcher.domain.device import Device, DeviceState, LogLine, SignedManifest


class DeviceDesk(Protocol):
    """What the gateway asks of the ledger. Every method is called from a thread, never the loop."""

    def device(self, device: str) -> Device | None:
        """The device, or None if none is enrolled under this id."""

    def manifests(self, devices: Sequence[str]) -> Mapping[str, SignedManifest]:
        """The present manifests of those that have one."""

    def changed_since(self, cursor: int | None) -> tuple[int, Sequence[str]]:
        """(next cursor, devices whose manifest was published after ``cursor``).

        None: the present cursor and no devices. Asked four times a second by each process; a
        transaction that commits late must not slip under the cursor.
        """

    def media(self, sha256: str) -> bytes | None:
        """A sound by its content."""

    def record_states(self, states: Sequence[DeviceState]) -> None:
        """What devices said of themselves; at most one a device, the newest."""

    def append_events(self, device: str, lines: Sequence[LogLine]) -> Mapping[str, int]:
        """Keep lines of a play log; the first line of a (boot, n) stands, a repeat is nothing.

        Per boot id in ``lines`` the highest n up to which the device may forget.
        """

    def turned_away(self, device: str, why: str) -> None:
        """A request in the name of an enrolled device was refused: wrong key, or withdrawn."""
