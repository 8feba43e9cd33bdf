"""``loa audit prove``: one delivery's entries and the acts behind it, each provable alone."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.errors import NotFound
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.evidence import words
from dispatcher.evidence.bundle import Maker, consistency, present
from dispatcher.evidence.events import described
from dispatcher.ledger import dispatches, exhibits, generations, merkle, reading
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.proofs import Log
from dispatcher.ledger.transition import Place
from dispatcher.ledger.verifying import decoding


@dataclass(frozen=True, slots=True)
class Proof:
    """``document``: what ``verify.py`` checks; ``story``: the same for people, in Vietnamese."""

    document: dict[str, Any]
    story: list[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """One entry where it stands in the log."""

    position: int
    page: Row[Any]
    index: int
    entries: Sequence[bytes]

    @property
    def bytes(self) -> bytes:
        return self.entries[self.index]


def prove(maker: Maker, path: str, name: tuple[int, int], held: Sequence[int] = ()) -> Proof:
    """The proof of one delivery, from one moment of the database.

    ``path``: of the agency that asks; ``name``: dispatch and delivery; ``held``: sizes of
    checkpoints that others hold. Raises NotFound when there is no such delivery, Conflict when
    pages of its dispatch still wait for the sealer.
    """
    dispatch_id, delivery_id = name
    with maker.ledger.read() as conn:
        exhibits.freeze(conn)
        row, target = _delivery(conn, path, dispatch_id, delivery_id)
        scope = exhibits.one(dispatch_id, path)
        log, note = present(conn, scope)
        own = set(_pages_of(conn, delivery_id, row.page_id))
        pages = exhibits.pages_behind(conn, scope, own, log.size)
        found = [each for place in pages for each in _entries(*place, delivery_id)]
        key = replace(maker.key, origin=generations.origin(conn, maker.key.origin))
        document = {
            "format": "loa-proof/1",
            "delivery": f"{dispatch_id}.{delivery_id}",
            "key": key.vkey(),
            "checkpoint": note,
            "consistency": consistency(conn, log, held),
            "entries": [_proved(log, each) for each in found],
        }
    return Proof(document, _story(found, f"{dispatch_id}.{delivery_id}", target))


def _delivery(
    conn: Connection, path: str, dispatch_id: int, delivery_id: int
) -> tuple[Row[Any], str]:
    """The delivery's row and the masked name of its target."""
    owner = dispatches.load(conn, dispatch_id)
    row = None
    if owner is not None and authority.below(path, owner.path):
        row = reading.delivery_row(conn, Place(dispatch_id, owner.part), delivery_id)
    if row is None:
        raise NotFound("no_delivery", "Không có lượt gửi này.", "There is no such delivery.")
    names = reading.target_names(conn, [row])
    return row, names.get((row.target_kind, row.target_id), "")


def _pages_of(conn: Connection, delivery_id: int, last: int) -> Iterator[int]:
    """The pages of a delivery's entries, back from the last one to its birth."""
    page_id: int | None = last
    while page_id is not None:
        yield page_id
        page_id = _page_before(conn, delivery_id, page_id)


def _page_before(conn: Connection, delivery_id: int, page_id: int) -> int | None:
    """The page that the delivery's first entry on this one points back to, if it lies before."""
    row = reading.page_row(conn, page_id)
    for entry in decoding.split(bytes(row.body)) if row else []:
        if entry[0] == decoding.CHANGE and decoding.whose(entry)[1] == delivery_id:
            previous = decoding.change(entry).previous
            return previous if previous < page_id else None
    return None


def _entries(position: int, page: Row[Any], delivery_id: int) -> Iterator[_Found]:
    """Of a page: the delivery's own entries, or the acts."""
    listed = decoding.split(bytes(page.body))
    for index, entry in enumerate(listed):
        if entry[0] == decoding.ACT or decoding.whose(entry)[1] == delivery_id:
            yield _Found(position, page, index, listed)


def _proved(log: Log, found: _Found) -> dict[str, Any]:
    """Entry → page's root → header → log's root."""
    leaves = [merkle.leaf_hash(each) for each in found.entries]
    return {
        "page": found.page.id,
        "dispatch": found.page.dispatch_id or 0,
        "at": found.page.created_at,
        "count": len(leaves),
        "entries_root": b64encode(merkle.root(leaves)).decode(),
        "index": found.index,
        "entry": b64encode(found.bytes).decode(),
        "entry_path": [b64encode(e).decode() for e in merkle.inclusion(leaves, found.index)],
        "position": found.position,
        "path": [b64encode(each).decode() for each in log.inclusion(found.position)],
    }


#: Acts as the story tells them; others are told by their name in the log.
_ACTS = {
    "draft": "soạn bản tin",
    "propose": "trình duyệt",
    "approve": "duyệt",
    "revise": "sửa và duyệt",
    "release": "phát khi trực",
    "confirm": "xác nhận sau khi phát",
    "add_symbol": "bổ sung số văn bản",
    "start": "bắt đầu phát",
    "pause": "tạm dừng",
    "resume": "phát tiếp",
    "cancel": "hủy",
    "end": "kết thúc",
    "seal": "chốt số liệu",
}


def _story(found: Sequence[_Found], name: str, target: str) -> list[str]:
    return [f"Lượt gửi {name} tới {target or 'đích đã xóa'}:", *(_told(each) for each in found)]


def _told(found: _Found) -> str:
    event = described(found.page.id, found.index, found.bytes)
    return f"{event['at']}  {_SENTENCES[event['event']](event)}  [trang {found.page.id}]"


def _act(event: dict[str, Any]) -> str:
    who = f", tài khoản {event['actor']}" if event["actor"] else ""
    return f"{_ACTS.get(event['act'], event['act'])} ({event['subject']}{who})"


def _birth(event: dict[str, Any]) -> str:
    return f"lập lượt gửi qua {words.CHANNELS[event['channel']]}: {_status(event['status'], event)}"


def _change(event: dict[str, Any]) -> str:
    evidence = words.EVIDENCE[Evidence[event["evidence"].upper()]]
    return f"{_status(event['to'], event)}; căn cứ: {evidence}; lần thử {event['attempt']}"


def _status(word: str, event: dict[str, Any]) -> str:
    reason = f" ({Reason(event['reason']).code})" if event["reason"] else ""
    return f"{words.STATUSES[Status[word.upper()]]}{reason}"


_SENTENCES = {"act": _act, "birth": _birth, "change": _change}
