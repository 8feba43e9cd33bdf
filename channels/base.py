"""The contract of a channel, and what its providers share. Read this first.

A provider is one file with one class. It is given its route's settings and the door to the
network (``channels.door``), keeps no state that matters, and never sees the database.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from dispatcher.domain.model import (
    Callback,
    InboundMessage,
    Outcome,
    Parcel,
    Reference,
    StatusEvent,
    Traits,
)


class Channel(Protocol):
    """One provider account on one channel."""

    @property
    def traits(self) -> Traits:
        """What the engine may know."""

    def check(self, address: str) -> str:
        """The canonical form of an address. Raises BadAddress, in words."""

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """Hand parcels over; yield (index, outcome) for each, once, as it becomes known.

        Never raises for a parcel's sake; honours ``not_before``; ends within the timeout of its
        settings, which is shorter than a lease.
        """

    def receipts(self, callback: Callback) -> Sequence[StatusEvent]:
        """Verify and translate a callback. Raises BadSignature or Malformed."""


@runtime_checkable
class Askable(Protocol):
    """A provider that can be asked what became of a reference."""

    def ask(self, refs: Sequence[Reference]) -> Iterator[StatusEvent]:
        """Words about those references that the provider knows; silence about the others."""


@runtime_checkable
class Cancellable(Protocol):
    """A provider that can be told to forget what it has not sent yet."""

    def cancel(self, provider_refs: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Pairs (provider_ref, whether it was stopped in time)."""


@runtime_checkable
class Inbound(Protocol):
    """A provider that passes on what people reply."""

    @property
    def thanks(self) -> tuple[str, bytes]:
        """Content type and body of the answer by which the provider knows it was taken."""

    def inbound(self, callback: Callback) -> Sequence[InboundMessage]:
        """Verify and read people's messages. Raises BadSignature or Malformed."""


class BadSignature(Exception):
    """A callback that its provider did not sign. Answer 401, count it, store nothing."""


class Malformed(Exception):
    """A signed callback that cannot be read. It is kept for a person and answered politely."""
