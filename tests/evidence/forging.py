"""What somebody does who holds the bundle, the database and the signing key, and wants to lie."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from dispatcher.domain.canonical import canonical
from dispatcher.evidence.folder import Folder
from dispatcher.evidence.tables import HEADINGS, tables
from dispatcher.evidence.verify import Files, csv_rows, plain
from dispatcher.ledger import entries, sealer
from dispatcher.ledger.proofs import Log, Paths
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger, open_ledger
from dispatcher.ledger.tables import checkpoint, leaf, page, page_open, tile
from tests.ledger.chronicle import KEY
from tests.ledger.databases import ROOTS
from tests.ledger.guards import drop_guards

Row = list[str]


def resign(bundle: Path) -> None:
    """A manifest of what is there now, signed with the real key."""
    unsigned = {"manifest.json", "manifest.note"}
    paths = [each for each in bundle.rglob("*") if each.is_file() and each.name not in unsigned]
    digests = {
        each.relative_to(bundle).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in paths
    }
    manifest = canonical({"format": "loa-bundle/1", "files": digests})
    (bundle / "manifest.json").write_bytes(manifest)
    digest = hashlib.sha256(manifest).hexdigest()
    note = KEY.note(f"{KEY.origin} manifest\n{digest}\n")
    (bundle / "manifest.note").write_text(note, encoding="utf-8")


def lines(bundle: Path, name: str, change: Callable[[list[Any]], list[Any]]) -> None:
    """Rewrite a file of JSON lines."""
    told = [json.loads(line) for line in (bundle / name).read_bytes().splitlines()]
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in change(told))
    (bundle / name).write_text(text, encoding="utf-8")


def find_paths(bundle: Path) -> None:
    """Paths that fit the pages that are left, from the log beside the bundle they came from."""
    ledger = open_ledger(f"sqlite:///{bundle.parent / 'original.db'}", ROOTS)
    size = int((bundle / "checkpoint").read_text(encoding="utf-8").split("\n")[1])

    def change(values: list[Any]) -> list[Any]:
        with ledger.read() as conn:
            paths = Paths(Log(conn, size))
            return [
                {**each, "path": [b64encode(h).decode() for h in paths.to(each["position"])]}
                for each in values
            ]

    lines(bundle, "pages.jsonl", change)
    ledger.close()


def rows(bundle: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Rewrite both tables alike."""
    told = [[plain(cell) for cell in row] for row in csv_rows(Files(bundle), "deliveries.csv")]
    assert tuple(told[0]) == HEADINGS
    with tables(Folder(bundle)) as table:
        for row in change(told[1:]):
            table.add(row)


def rewrite(ledger: Ledger, page_id: int, change: Callable[[bytes], bytes]) -> None:
    """Change the entries of a page and sign a log in which it always was so."""
    with ledger.begin() as conn:
        drop_guards(conn)
        body = conn.execute(select(page.c.body).where(page.c.id == page_id)).scalar_one()
        changed = entries.pack([change(each) for each in entries.unpack(bytes(body))])
        conn.execute(update(page).where(page.c.id == page_id).values(body=changed))
    seal_anew(ledger)


def seal_anew(ledger: Ledger) -> None:
    """Forget tree and checkpoints, and let the engine seal the pages as they are now."""
    with ledger.begin() as conn:
        drop_guards(conn)
        for each in (leaf, tile, checkpoint, page_open):
            conn.execute(delete(each))
        for row in conn.execute(select(page)).all():
            conn.execute(update(page).where(page.c.id == row.id).values(digest=_digest(row)))
            conn.execute(insert(page_open).values(page_id=row.id))
    while Sealer(ledger, KEY, "a").seal():
        pass


def _digest(row: Any) -> bytes:
    """The page's leaf hash; the old one if its body is no longer one."""
    try:
        listed = list(entries.unpack(bytes(row.body)))
        return entries.page_digest(row.id, row.dispatch_id or 0, row.created_at, listed)
    except ValueError:
        return bytes(row.digest)


def newest(conn: Connection) -> str:
    head = sealer.latest(conn)
    assert head is not None
    return str(head.note)
