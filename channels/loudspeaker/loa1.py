"""Commune loudspeakers over LOA/1 (docs/loa-1.md): laid ready here, fetched by the device.

Nothing is sent from here: a publisher puts the items into the speakers' signed manifests, and the
word comes back in each device's own play log.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from channels.base import Malformed
from channels.loudspeaker.terms import Terms, read
from channels.loudspeaker.words import translate
from dispatcher.domain.errors import BadAddress, BadInput, Failure
from dispatcher.domain.model import (
    Callback,
    Handed,
    Outcome,
    Parcel,
    Refused,
    Shape,
    StatusEvent,
    TargetKind,
    Traits,
    Unit,
)
from dispatcher.domain.playlist import PlayItem, plan
from dispatcher.domain.status import Reason

#: In a callback to this channel: the device whose key authenticated the lines of the body.
DEVICE_HEADER = "loa-device-id"

#: The sound formats that every LOA/1 device can decode.
_MIMES = frozenset({"audio/mpeg", "audio/wav"})

_DEVICE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{1,38})[A-Z0-9]")


class Publisher(Protocol):
    """Puts items into the manifests of speakers, and takes them out."""

    def publish(self, items: Sequence[tuple[str, PlayItem]]) -> Sequence[str | None]:
        """Lay (device, item) pairs ready; an item of the same id is replaced.

        For each pair None, or why the speaker cannot have it.
        """

    def withdraw(self, items: Sequence[tuple[str, str]]) -> Sequence[bool]:
        """Cancel (device, item id) pairs; for each whether it was in that device's manifest."""


class Loa1:
    """The loudspeakers of one installation. ``now`` tells epoch ms, ``wait_until`` sleeps until a
    moment of the monotonic clock (a rate slot)."""

    traits = Traits(
        channel="loudspeaker",
        unit=Unit.CLUSTER,
        target=TargetKind.SPEAKER,
        address=None,
        shape=Shape.AUDIO,
        receipts=True,
        idempotent=True,
        public=True,
        window=250,
        country="VN",
    )

    def __init__(
        self,
        publisher: Publisher,
        now: Callable[[], int],
        wait_until: Callable[[float], None],
    ) -> None:
        self._publisher = publisher
        self._now = now
        self._wait_until = wait_until

    def check(self, address: str) -> str:
        """A device id: 3 to 40 of A-Z, 0-9 and inner hyphens. Raises BadAddress."""
        device = address.strip().upper()
        if not _DEVICE.fullmatch(device):
            vi = f"Mã cụm loa không hợp lệ: “{address}”."
            raise BadAddress("bad_device_id", vi, f"not a device id: {address!r}")
        return device

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """Lay the parcels ready in their speakers' manifests."""
        ready: list[tuple[int, Parcel, PlayItem]] = []
        for index, parcel in enumerate(parcels):
            item = self._item(parcel)
            if isinstance(item, Failure):
                yield index, Refused(item)
            else:
                ready.append((index, parcel, item))
        yield from self._publish(ready)

    def receipts(self, callback: Callback) -> Sequence[StatusEvent]:
        """What the lines of one device's play log say about deliveries to it."""
        return read_lines(callback)

    def cancel(self, provider_refs: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Silence items by their ``device/reference``; the device stops within two seconds."""
        pairs = [
            (device, item) for device, _, item in (ref.partition("/") for ref in provider_refs)
        ]
        yield from zip(provider_refs, self._publisher.withdraw(pairs), strict=True)

    def _publish(
        self, ready: Sequence[tuple[int, Parcel, PlayItem]]
    ) -> Iterator[tuple[int, Outcome]]:
        if not ready:
            return
        self._wait_until(max(parcel.not_before for _, parcel, _ in ready))
        errors = self._publisher.publish([(parcel.address, item) for _, parcel, item in ready])
        for (index, parcel, item), error in zip(ready, errors, strict=True):
            yield index, _outcome(parcel, item, error)

    def _item(self, parcel: Parcel) -> PlayItem | Failure:
        now = self._now()
        if parcel.valid_until and parcel.valid_until <= now:
            return Failure(Reason.DEADLINE)
        try:
            terms = read(parcel.payload.extra)
        except BadInput as error:
            return Failure(Reason.BAD_PARAMETER, words=str(error))
        return _planned(parcel, terms, max(now, terms.at))


def read_lines(callback: Callback) -> Sequence[StatusEvent]:
    """The events in lines that the gateway has authenticated. Raises Malformed without a device."""
    headers = {name.lower(): value for name, value in callback.headers.items()}
    device = headers.get(DEVICE_HEADER)
    if not device:
        raise Malformed(f"no {DEVICE_HEADER} header")
    lines = _lines(callback.body)
    return [event for line in lines if (event := translate(device, line)) is not None]


def _planned(parcel: Parcel, terms: Terms, since: int) -> PlayItem | Failure:
    media = parcel.payload.media
    if media is None or media.duration_ms <= 0:
        return Failure(Reason.RENDER_ERROR, words="no sound")
    if media.mime not in _MIMES:
        return Failure(Reason.BAD_PARAMETER, words=f"no device plays {media.mime}")
    item = PlayItem(
        id=str(parcel.ref),
        message=terms.message,
        rev=terms.rev,
        level=parcel.level,
        media=media,
        plays=(),
        repeat=terms.repeat,
        gap_s=terms.gap_s,
        volume=terms.volume,
        on_preempt=terms.on_preempt,
        late=terms.late,
        ttl_s=terms.ttl_s,
        valid_until=parcel.valid_until,
        drill=terms.drill,
    )
    return _with_plays(item, terms, since)


def _with_plays(item: PlayItem, terms: Terms, since: int) -> PlayItem | Failure:
    plays = plan(
        item.id,
        item.level,
        since,
        item.valid_until,
        quiet=terms.quiet,
        sessions=terms.sessions,
        length_ms=item.length_ms,
    )
    if not plays:
        return Failure(Reason.QUIET_HOURS, words="no session has room before the deadline")
    return replace(item, plays=plays)


def _outcome(parcel: Parcel, item: PlayItem, error: str | None) -> Outcome:
    if error is None:
        return Handed(f"{parcel.address}/{item.id}")
    return Refused(Failure(Reason.CANNOT_RECEIVE, words=error))


def _lines(body: bytes) -> Iterator[dict[str, Any]]:
    for raw in body.splitlines():
        try:
            line = json.loads(raw)
        except ValueError as error:
            raise Malformed(f"not a line of JSON: {raw[:80]!r}") from error
        if not isinstance(line, dict):
            raise Malformed(f"not an object: {raw[:80]!r}")
        yield line
