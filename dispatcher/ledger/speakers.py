"""Speakers: what each is told to play, and what it says it played.

``Stations`` is what the loudspeaker channel publishes to and what the device gateway asks.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.device import Device, DeviceState, LogLine, SignedManifest
from dispatcher.domain.model import Level, Media
from dispatcher.domain.playlist import (
    QUIET,
    Cancel,
    DayPart,
    Late,
    Manifest,
    OnPreempt,
    Play,
    PlayItem,
    build,
)
from dispatcher.ledger import device_log, refusals, sealed
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import manifest, media, play_item, speaker, station

#: A manifest is good for this long: a stolen snapshot dies, an island without network goes on.
_GOOD_FOR_MS = 7 * 86_400_000
#: A cancelled item is named in manifests for this long, then forgotten.
_REMEMBER_MS = 2 * 86_400_000


class Stations:
    """The loudspeakers of an installation. ``now``: epoch ms.

    ``sign``: (manifest, its bytes) → ``Loa-Signature``, by the key that such a manifest needs.

    ``arrived`` is told of play-log lines: (device, raw lines).
    """

    def __init__(
        self,
        ledger: Ledger,
        sign: Callable[[Manifest, bytes], str],
        now: Callable[[], int],
        arrived: Callable[[str, Sequence[bytes]], None],
    ) -> None:
        self._ledger, self._sign, self._now, self._arrived = ledger, sign, now, arrived
        # Speaker → (boot, number) up to which its log is known to be whole. Lines are never
        # taken away, so what was whole once is whole for ever; forgetting it costs one reading.
        self._whole: dict[int, tuple[str, int]] = {}

    def publish(self, items: Sequence[tuple[str, PlayItem]]) -> Sequence[str | None]:
        """Lay items ready; for each None, or why the speaker cannot have it."""
        with self._ledger.begin() as conn:
            known = _by_device(conn, [device for device, _ in items])
            wanted = [(known[device], item) for device, item in items if device in known]
            _store_items(conn, wanted)
            self._issue(conn, [row for row, _ in wanted])
        return [None if device in known else "not enrolled" for device, _ in items]

    def withdraw(self, items: Sequence[tuple[str, str]]) -> Sequence[bool]:
        """Silence items; for each whether it was still to be played."""
        now = self._now()
        with self._ledger.begin() as conn:
            known = _by_device(conn, [device for device, _ in items])
            done = [
                device in known and _cancel(conn, known[device].id, ref, now)
                for device, ref in items
            ]
            changed = {device for (device, _), was in zip(items, done, strict=True) if was}
            self._issue(conn, [known[device] for device in sorted(changed)])
        return done

    def _issue(self, conn: Connection, speakers: Sequence[Row[Any]]) -> None:
        """Build, sign and store a new manifest for each speaker.

        One issue at a time on PostgreSQL, so that serial numbers are committed in order and
        ``changed_since`` misses none.
        """
        if not speakers:
            return
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(7210419)"))
        now = self._now()
        items = _items(conn, [row.id for row in speakers], now)
        rows = []
        for row in {each.id: each for each in speakers}.values():
            told = _manifest(row, row.seq + 1, items.get(row.id, []), now)
            body = build(told)
            rows.append(
                {
                    "speaker_id": row.id,
                    "seq": row.seq + 1,
                    "body": body,
                    "signature": self._sign(told, body),
                    "created_at": now,
                }
            )
        conn.execute(insert(manifest), rows)
        conn.execute(
            update(speaker)
            .where(speaker.c.id.in_([row["speaker_id"] for row in rows]))
            .values(seq=speaker.c.seq + 1)
        )

    def device(self, device: str) -> Device | None:
        with self._ledger.read() as conn:
            row = conn.execute(select(speaker).where(speaker.c.device == device)).one_or_none()
        if row is None:
            return None
        key = self._ledger.vault.open(sealed.speaker_key(row.device), row.key)
        return Device(key=key, active=row.removed_at is None, seq=row.seq)

    def manifests(self, devices: Sequence[str]) -> Mapping[str, SignedManifest]:
        query = (
            select(speaker.c.device, manifest.c.seq, manifest.c.body, manifest.c.signature)
            .join(manifest, manifest.c.speaker_id == speaker.c.id)
            .where(speaker.c.device.in_(devices), manifest.c.seq == speaker.c.seq)
        )
        with self._ledger.read() as conn:
            rows = conn.execute(query).all()
        return {row.device: SignedManifest(row.seq, row.body, row.signature) for row in rows}

    def changed_since(self, cursor: int | None) -> tuple[int, Sequence[str]]:
        with self._ledger.read() as conn:
            if cursor is None:
                return conn.scalar(select(func.max(manifest.c.id))) or 0, []
            rows = conn.execute(
                select(manifest.c.id, speaker.c.device)
                .join(speaker, speaker.c.id == manifest.c.speaker_id)
                .where(manifest.c.id > cursor)
                .order_by(manifest.c.id)
            ).all()
        last = rows[-1].id if rows else cursor
        return last, sorted({row.device for row in rows})

    def media(self, sha256: str) -> bytes | None:
        with self._ledger.read() as conn:
            return conn.scalar(select(media.c.data).where(media.c.sha256 == sha256))

    def record_states(self, states: Sequence[DeviceState]) -> None:
        known = {each.device: each for each in states}
        with self._ledger.begin() as conn:
            rows = [
                {"own_id": row.id, "seen_at": said.at, "state": _json(said.body)}
                for row in conn.execute(_locked(known))
                if (said := known[row.device])
            ]
            if rows:
                conn.execute(update(speaker).where(speaker.c.id == bindparam("own_id")), rows)

    def turned_away(self, device: str, why: str) -> None:
        refusals.note(self._ledger, "device", f"speaker:{device}", why)

    def append_events(self, device: str, lines: Sequence[LogLine]) -> Mapping[str, int]:
        """Keep lines; a repeat is nothing. Returns, per boot, up to which number none is missing.

        Repeats are passed on, too: a process that died between keeping and passing on has not
        acknowledged, so the device hands in again, and whoever is told knows what it has heard.
        """
        if not lines:
            return {}
        now = self._now()
        with self._ledger.begin() as conn:
            speaker_id = conn.scalars(select(speaker.c.id).where(speaker.c.device == device)).one()
            standing = device_log.keep(conn, speaker_id, lines, now)
            known = self._whole.get(speaker_id, ("", 0))
            acked = {
                boot: device_log.acked(conn, speaker_id, boot, known[1] if boot == known[0] else 0)
                for boot in sorted({line.boot for line in lines})
            }
        self._whole[speaker_id] = (lines[-1].boot, acked[lines[-1].boot])
        self._arrived(device, [line.raw for line in standing])
        return acked


def _locked(devices: Collection[str]) -> Select[*tuple[Any, ...]]:
    """Rows of speakers, locked by id: everybody who locks several does it in this order.

    Not against key checks (FOR NO KEY UPDATE): a device's log refers to its speaker all the time.
    """
    return (
        select(speaker)
        .where(speaker.c.device.in_(devices))
        .order_by(speaker.c.id)
        .with_for_update(key_share=True, of=speaker)
    )


def _by_device(conn: Connection, devices: Sequence[str]) -> dict[str, Row[Any]]:
    query = (
        _locked(set(devices))
        .add_columns(station.c.hours)
        .join(station, station.c.id == speaker.c.station_id)
        .where(speaker.c.removed_at.is_(None))
    )
    return {row.device: row for row in conn.execute(query)}


def _store_items(conn: Connection, wanted: Sequence[tuple[Row[Any], PlayItem]]) -> None:
    if not wanted:
        return
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = dialect(play_item)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["speaker_id", "ref"],
            set_={"body": statement.excluded.body, "until": statement.excluded.until},
        ),
        [
            {
                "speaker_id": row.id,
                "ref": item.id,
                "dispatch_id": int(item.id.partition(".")[0]),
                "body": _item_json(item),
                "until": item.valid_until or max(play.until for play in item.plays),
            }
            for row, item in wanted
        ],
    )


def _cancel(conn: Connection, speaker_id: int, ref: str, now: int) -> bool:
    result = conn.execute(
        update(play_item)
        .where(play_item.c.speaker_id == speaker_id, play_item.c.ref == ref)
        .where(play_item.c.cancelled_at.is_(None), play_item.c.until > now)
        .values(cancelled_at=now)
    )
    return result.rowcount == 1


def _items(conn: Connection, ids: Sequence[int], now: int) -> dict[int, list[Row[Any]]]:
    query = (
        select(play_item)
        .where(play_item.c.speaker_id.in_(ids))
        .where((play_item.c.until > now) | (play_item.c.cancelled_at > now - _REMEMBER_MS))
        .order_by(play_item.c.id)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in conn.execute(query):
        found.setdefault(row.speaker_id, []).append(row)
    return found


def _manifest(row: Row[Any], seq: int, items: Sequence[Row[Any]], now: int) -> Manifest:
    hours = row.hours
    return Manifest(
        device=row.device,
        seq=seq,
        issued=now,
        not_after=now + _GOOD_FOR_MS,
        items=[_item(each.body) for each in items if each.cancelled_at is None],
        cancels=[
            Cancel(each.ref, drill=each.body["drill"])
            for each in items
            if each.cancelled_at is not None
        ],
        quiet=DayPart.parse(*hours["quiet"]) if hours.get("quiet") else QUIET,
        sessions=[DayPart.parse(*session) for session in hours.get("sessions", [])],
    )


def _item_json(item: PlayItem) -> dict[str, Any]:
    return asdict(item)


def _item(body: Mapping[str, Any]) -> PlayItem:
    return PlayItem(
        **{
            **body,
            "level": Level(body["level"]),
            "media": Media(**body["media"]),
            "plays": tuple(Play(**play) for play in body["plays"]),
            "on_preempt": OnPreempt(body["on_preempt"]),
            "late": Late(body["late"]),
        }
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {"unreadable": body[:200].decode("latin-1")}


def own_items(conn: Connection, device: str, refs: Collection[str]) -> set[str]:
    """Those of ``refs`` that were ever put into this device's manifests: it speaks of no others."""
    query = (
        select(play_item.c.ref)
        .join(speaker, speaker.c.id == play_item.c.speaker_id)
        .where(speaker.c.device == device, play_item.c.ref.in_(refs))
    )
    return set(conn.scalars(query))
