"""``loa audit export``: everything an outsider needs to check some dispatches, in one folder."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.evidence import report
from dispatcher.evidence.counts import Counts
from dispatcher.evidence.events import described
from dispatcher.evidence.folder import Folder
from dispatcher.evidence.tables import cells, tables
from dispatcher.ledger import exhibits, generations, sealer
from dispatcher.ledger.exhibits import Scope
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.proofs import Log, Paths
from dispatcher.ledger.sealer import LogKey
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Place
from dispatcher.ledger.verifying import decoding

#: Why evidence has to wait a moment.
NOT_SEALED = "not_sealed"

#: The auditor's program: it goes along in every bundle, byte for byte.
VERIFIER = Path(__file__).with_name("verify.py")


@dataclass(frozen=True, slots=True)
class Maker:
    """What evidence is made from. ``templates``: the folder of reports."""

    ledger: Ledger
    key: LogKey
    templates: Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dispatches, when it is made (epoch ms), and sizes of checkpoints that others hold."""

    scope: Scope
    now: int
    held: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in a bundle. ``size``: pages of the log at its checkpoint."""

    size: int
    pages: int
    entries: int
    deliveries: int
    dispatches: int


def export(maker: Maker, wanted: Wanted, path: Path) -> Exported:
    """Write a bundle into a new folder, from one moment of the database.

    Raises Conflict when pages of these dispatches still wait for the sealer, NotFound when there
    is no such dispatch.
    """
    folder = Folder(path)
    with maker.ledger.read() as conn:
        exhibits.freeze(conn)
        rows = exhibits.dispatches(conn, wanted.scope)
        if not rows:
            raise NotFound("no_dispatch", "Không có đợt phát nào.", "There is no such dispatch.")
        log, note = present(conn, wanted.scope)
        key = replace(maker.key, origin=generations.origin(conn, maker.key.origin))
        _write_head(folder, key, note)
        folder.write_json("consistency.json", consistency(conn, log, wanted.held))
        pages, entries = _write_pages(conn, folder, log, wanted.scope)
        _write_versions(conn, folder, rows)
        counts = _write_deliveries(conn, folder, rows)
    total = sum(line.count for each in counts.values() for line in each.lines())
    made = Exported(log.size, pages, entries, total, len(rows))
    facts = report.Facts(rows, counts, made.size, made.entries, wanted.now, key)
    for name, text in report.texts(maker.templates, facts).items():
        folder.write(name, text.encode())
    folder.write("verify.py", VERIFIER.read_bytes())
    _sign(folder, key)
    return made


def present(conn: Connection, scope: Scope) -> tuple[Log, str]:
    """The log as its newest checkpoint has it, and that checkpoint.

    Raises Conflict when pages of the scope came after it.
    """
    head = sealer.latest(conn)
    open_pages = exhibits.waiting(conn, scope)
    if head is None or open_pages:
        raise Conflict(
            NOT_SEALED,
            f"Còn {open_pages} trang sổ chưa niêm phong. Thử lại sau vài giây.",
            f"{open_pages} pages wait for the sealer. Try again in some seconds.",
        )
    return Log(conn, head.size), head.note


def consistency(conn: Connection, log: Log, held: Sequence[int]) -> list[dict[str, Any]]:
    """Proofs that older logs are the beginning of this one, by ascending size.

    ``held``: sizes of checkpoints that are not ours to show, because an auditor brings them.
    """
    notes = {each.size: (each.source, each.note) for each in exhibits.older(conn, log.size)}
    proofs = []
    for size in sorted(set(notes) | {each for each in held if 0 < each < log.size}):
        source, note = notes.get(size, ("held", ""))
        path = [b64encode(each).decode() for each in log.consistency(size)]
        proofs.append({"source": source, "size": size, "note": note, "path": path})
    return proofs


def _write_head(folder: Folder, key: LogKey, note: str) -> None:
    fingerprint = hashlib.sha256(key.public).hexdigest()
    folder.write("checkpoint", note.encode())
    folder.write("key", f"{key.vkey()}\nSHA-256 {fingerprint}\n".encode())


def _write_pages(conn: Connection, folder: Folder, log: Log, scope: Scope) -> tuple[int, int]:
    """``pages.jsonl`` for programs and ``events.jsonl`` for people; how many pages and entries."""
    paths, pages, entries = Paths(log), 0, 0
    with folder.open("pages.jsonl") as bodies, folder.open("events.jsonl") as events:
        for position, row in exhibits.pages(conn, scope, log.size):
            bodies.write(_line(_page(position, row, paths.to(position))))
            listed = decoding.split(bytes(row.body))
            for index, entry in enumerate(listed):
                events.write(_line(described(row.id, index, entry)))
            pages, entries = pages + 1, entries + len(listed)
    return pages, entries


def _page(position: int, row: Row[Any], path: Sequence[bytes]) -> dict[str, Any]:
    return {
        "page": row.id,
        "dispatch": row.dispatch_id or 0,
        "at": row.created_at,
        "position": position,
        "body": b64encode(bytes(row.body)).decode(),
        "path": [b64encode(each).decode() for each in path],
    }


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _write_versions(conn: Connection, folder: Folder, rows: Sequence[Row[Any]]) -> None:
    """Each version's content and renditions as approved, and the sounds they name."""
    for version, content in {row.version_id: row.content for row in rows}.items():
        folder.write(f"versions/{version}/content.json", bytes(content))
        for each in exhibits.renditions(conn, version):
            name = f"versions/{version}/{each.channel}.{each.lang}.json"
            folder.write(name, bytes(each.body))
            media = json.loads(bytes(each.body))["sample"].get("media")
            sound = exhibits.sound(conn, media["sha256"]) if media else None
            if media and sound is not None:
                folder.write(f"media/{media['sha256']}", sound)


def _write_deliveries(
    conn: Connection, folder: Folder, rows: Sequence[Row[Any]]
) -> dict[int, Counts]:
    """Both tables; what each dispatch counts to."""
    counts = {row.id: Counts() for row in rows}
    with tables(folder) as table:
        for row in rows:
            for each, target in exhibits.deliveries(conn, Place(row.id, row.part)):
                table.add(cells(each, target))
                counts[row.id].add(each)
    return counts


def _sign(folder: Folder, key: LogKey) -> None:
    """The manifest lists every file but itself and the note that the log's key signs over it."""
    manifest = folder.manifest()
    signed = f"{key.origin} manifest\n{hashlib.sha256(manifest).hexdigest()}\n"
    (folder.path / "manifest.json").write_bytes(manifest)
    (folder.path / "manifest.note").write_text(key.note(signed), encoding="utf-8")
