#!/usr/bin/env python3
"""Kiểm tra hồ sơ bằng chứng của Loa. Checks the evidence that Loa hands out.

    python3 -I verify.py HỒ_SƠ [--checkpoint ĐIỂM_KIỂM_CŨ] [--key KHÓA]

HỒ_SƠ is a bundle (a folder or a .zip of `loa audit export`) or a proof (.json of `loa audit
prove`). Needs Python 3.9 and nothing else: no package, no network, no code of the engine.

Whoever made the bundle also made the key in it. So bring something from elsewhere:
``--checkpoint``: a checkpoint you received earlier (a file, or the line of a printout, typed);
``--key``: the log's public key from paper. Without either, the bundle is only shown to agree
with itself, and this program says so.

Exit status: 0 everything agrees and rests on what you brought; 1 something is wrong, and the
first such thing is named; 2 no verdict: nothing was brought, or it cannot be opened.

The order of this file is that of the proof: signature (RFC 8032), signed note (C2SP), tree
(RFC 9162), entries (docs/ledger.md), replay, authority, tables, files.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import lzma
import re
import struct
import sys
import zipfile
import zlib
from collections import Counter
from datetime import datetime, timedelta, timezone
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORDS = {
    "unreadable": ("không đọc được: {why}", "cannot be read: {why}"),
    "missing": ("thiếu trong hồ sơ", "is missing from the bundle"),
    "unlisted": ("không có trong manifest.json", "is not listed in manifest.json"),
    "changed": ("nội dung không khớp manifest.json", "does not fit its digest in manifest.json"),
    "note": ("chữ ký không hợp lệ: {why}", "its signature is not valid: {why}"),
    "key": ("không phải khóa bạn đưa vào", "is not the key you gave"),
    "origin": ("là điểm kiểm của sổ khác: {found}", "is a checkpoint of another log: {found}"),
    "rewritten": (
        "sổ trong hồ sơ không chứa điểm kiểm cỡ {size}: lịch sử đã bị viết lại",
        "the log here does not contain the checkpoint of size {size}: history was rewritten",
    ),
    "lost": (
        "điểm kiểm cỡ {size} của {found} không thuộc phần giữ lại khi khôi phục: hỏi biên bản",
        "the checkpoint {size} of {found} is not in what a restore kept: ask for the act of it",
    ),
    "order": ("trang không theo thứ tự của sổ", "the page is out of the log's order"),
    "page": (
        "trang không thuộc sổ đã ký: bị sửa, chèn, đổi chỗ, hoặc trang trước nó bị bỏ",
        "not in the signed log: changed, slipped in, moved, or one before it left out",
    ),
    "entry": ("mục ghi sai dạng hoặc sai đợt phát", "the entry is malformed or of other dispatch"),
    "event": ("không đúng với mục ghi trong trang sổ", "is not what the page's entry says"),
    "history": (
        "lịch sử đứt đoạn ở {column}: phải là {expected}, mục ghi là {found}",
        "history breaks at {column}: it should be {expected}, the entry says {found}",
    ),
    "counts": (
        "số liệu chốt là {expected}, tính lại được {found}: có mục bị bỏ ra",
        "the seal counts {expected}, the replay {found}: entries were left out",
    ),
    "start": ("không có mục bắt đầu phát trước mục này", "nothing before this entry started it"),
    "approval": ("không có mục duyệt hợp lệ: {why}", "is not validly approved: {why}"),
    "channel": ("kênh {found} không được duyệt", "the channel {found} was not approved"),
    "content": (
        "nội dung hoặc bản theo kênh không khớp mã băm đã duyệt",
        "content or renditions do not fit the digest that was approved",
    ),
    "table": (
        "cột {column}: theo sổ là {expected}, bảng ghi {found}",
        "column {column}: the log says {expected}, the table {found}",
    ),
    "absent": ("lượt gửi không có trong bảng", "the delivery is not in the table"),
}  # fmt: skip


class Wrong(Exception):
    """Something does not agree. ``where``: file and place; ``since``: epoch ms, if known."""

    def __init__(self, code: str, where: str, since: int | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.where, self.since, self.facts = code, where, since, facts

    def told(self) -> str:
        vi, en = (words.format(**self.facts) for words in WORDS[self.code])
        when = f" [{when_of(self.since)}]" if self.since else ""
        return f"SAI: {self.where}{when}: {vi}.\nWRONG: {self.where}{when}: {en}."


class NoVerdict(Exception):
    """Nothing can be said. ``vi``, ``en``: why."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


HANOI = timezone(timedelta(hours=7))


def when_of(at: int) -> str:
    """Epoch milliseconds as RFC 3339 in Hà Nội; nothing for 0."""
    if not at:
        return ""
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=at)
    return moment.astimezone(HANOI).isoformat(timespec="milliseconds")


# --- Ed25519 (RFC 8032 §5.1), verification only

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)

#: A point in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
Point = tuple[int, int, int, int]


def point_add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = point_add(total, point)
        point, scalar = point_add(point, point), scalar >> 1
    return total


def point_read(data: bytes) -> Point | None:
    """A compressed point; None for bytes that are none (§5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def point_bytes(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_read(bytes.fromhex("58" + "66" * 31))


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key signed the message (§5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, scalar = point_read(public), int.from_bytes(signature[32:], "little")
    if key is None or BASE is None or scalar >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    minus_key = (P - key[0], key[1], key[2], P - key[3])
    found = point_add(point_times(scalar, BASE), point_times(challenge, minus_key))
    return point_bytes(found) == signature[:32]


# --- signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)


class Key(NamedTuple):
    """Who signs. ``origin``: the log's name."""

    origin: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.origin.encode() + b"\n\x01" + self.public).digest()[:4]


class Checkpoint(NamedTuple):
    """The log ``origin`` had ``size`` pages and this tree hash."""

    origin: str
    size: int
    root: bytes


def unbase64(text: str) -> bytes:
    """Strictly: what padding would hide is also part of what must not change."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the only spelling of base64")
    return raw


def key_read(vkey: str) -> Key:
    """A C2SP verifier key: ``origin+id+base64(1 ‖ public key)``. Raises ValueError."""
    origin, named, encoded = vkey.strip().split("+", 2)
    raw = unbase64(encoded)
    key = Key(origin, raw[1:])
    if len(raw) != 33 or raw[0] != 1 or key.id.hex() != named:
        raise ValueError("not a verifier key of Ed25519")
    return key


def note_text(note: str, key: Key, where: str) -> list[str]:
    """The lines of a note that the key signed; lines of other signers are passed over."""
    text, found, lines = note.partition("\n\n")
    ours = f"— {key.origin} "
    signatures = [line[len(ours) :] for line in lines.split("\n") if line.startswith(ours)]
    for each in signatures if found and lines.endswith("\n") else []:
        raw = unbase64(each)
        if raw[:4] == key.id:
            if signed(key.public, f"{text}\n".encode(), raw[4:]):
                return text.split("\n")
            raise Wrong("note", where, why="không do khóa này ký / not signed by this key")
    raise Wrong("note", where, why="không có chữ ký của sổ / no signature of this log")


def checkpoint_of(lines: Sequence[str], where: str) -> Checkpoint:
    """A checkpoint from the lines of its note: origin, size, root."""
    if len(lines) < 3 or not lines[1].isdecimal():
        raise Wrong("unreadable", where, why="origin, size, root")
    root = unbase64(lines[2])
    if len(root) != 32:
        raise Wrong("unreadable", where, why="root")
    return Checkpoint(lines[0], int(lines[1]), root)


# --- trees, RFC 9162 §2.1


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree(leaves: Sequence[bytes]) -> bytes:
    """The tree hash over leaf hashes."""
    row = list(leaves)
    while len(row) > 1:
        pairs = [node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = pairs + row[2 * len(pairs) :]
    return row[0] if row else hashlib.sha256(b"").digest()


class Proven:
    """A tree whose root is believed, and the nodes that earlier paths have shown to be its own.

    A path may therefore end at such a node: neighbours need not repeat what they share.
    """

    def __init__(self, size: int, root: bytes) -> None:
        self.size = size
        self._nodes: dict[int, dict[int, bytes]] = {(size - 1).bit_length(): {0: root}}

    def has(self, digest: bytes, index: int, path: Sequence[bytes]) -> bool:
        """Whether the digest is the leaf at ``index`` (inclusion, §2.1.3.2)."""
        if not 0 <= index < self.size:
            return False
        left, level, last = list(reversed(path)), 0, self.size - 1
        fresh: list[tuple[int, dict[int, bytes]]] = []
        while index not in self._nodes.get(level, {}):
            pair = {index: digest}
            if index & 1 or index < last:
                if not left:
                    return False
                other = pair[index ^ 1] = left.pop()
                digest = node(other, digest) if index & 1 else node(digest, other)
            fresh.append((level, pair))
            level, index, last = level + 1, index >> 1, last >> 1
        if left or self._nodes[level][index] != digest:
            return False
        self._nodes.update(fresh)
        return True


def consistent(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> bool:
    """Whether the old tree is the beginning of the new one (§2.1.4.2)."""
    if old.size in (0, new.size):
        return not path and (old.size == 0 or old.root == new.root)
    hashes = [old.root, *path] if old.size & (old.size - 1) == 0 else list(path)
    if old.size > new.size or not hashes:
        return False
    one, two = old.size - 1, new.size - 1
    while one & 1:
        one, two = one >> 1, two >> 1
    was = becomes = hashes[0]
    for each in hashes[1:]:
        if two == 0:
            return False
        if one & 1 or one == two:
            was, becomes = node(each, was), node(each, becomes)
            while one and not one & 1:
                one, two = one >> 1, two >> 1
        else:
            becomes = node(becomes, each)
        one, two = one >> 1, two >> 1
    return two == 0 and (was, becomes) == (old.root, new.root)


# --- pages and entries: docs/ledger.md

BIRTH, CHANGE, ACT = 1, 2, 3
BIRTH_BYTES = struct.Struct(">BQQBBBqQBHQ16s")
CHANGE_BYTES = struct.Struct(">BQQHHBBHBIHIQQQ16s")
HEADER = struct.Struct(">BQQHQ")
CHANNELS = {1: "sms", 2: "email", 3: "zalo", 4: "ringback", 5: "loudspeaker", 6: "webhook"}
TARGETS = {1: "address", 2: "speaker", 3: "order"}
EVIDENCE = ("none", "provider", "carrier", "report", "device", "person")
STATUSES = {
    "pending": "chờ gửi",
    "sending": "đang gửi",
    "accepted": "nhà cung cấp đã nhận",
    "unknown": "chưa rõ kết quả",
    "cancelled": "đã hủy",
    "expired": "quá hạn",
    "failed": "không thành công",
    "delivered": "đã đến",
    "seen": "đã xem / đã xác nhận",
    "suppressed": "không gửi",
}
WORD_OF = list(STATUSES)


class Birth(NamedTuple):
    form: int
    dispatch: int
    delivery: int
    step: int
    channel: int
    target_kind: int
    target_id: int
    contact: int
    status: int
    reason: int
    at: int
    address: bytes


class Change(NamedTuple):
    form: int
    dispatch: int
    delivery: int
    attempt: int
    n: int
    before: int
    after: int
    reason: int
    evidence: int
    route: int
    parts: int
    actor: int
    at: int
    word_at: int
    previous: int
    provider_ref: bytes


class Act(NamedTuple):
    act: str
    subject: str
    actor: int
    at: int
    facts: dict[str, Any]


class Page(NamedTuple):
    """Where an entry stands. ``position``: the page's place among the log's leaves."""

    number: int
    dispatch: int
    at: int
    position: int

    @property
    def where(self) -> str:
        return f"trang/page {self.number}"


def canonical(value: Any) -> bytes:
    """The only spelling of a JSON value in the log."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def split(body: bytes) -> list[bytes]:
    """The entries of a page's body, each behind its length in two bytes."""
    entries, at = [], 0
    while at < len(body):
        start = at + 2
        at = start + int.from_bytes(body[at:start], "big")
        if at > len(body):
            raise ValueError("the body ends inside an entry")
        entries.append(body[start:at])
    return entries


def page_leaf(page: Page, count: int, entries_root: bytes) -> bytes:
    header = HEADER.pack(1, page.number, page.dispatch, count, page.at)
    return leaf(header + entries_root)


def entry_read(entry: bytes) -> Any:
    """A Birth, a Change or an Act. Raises ValueError or struct.error."""
    if entry[0] == BIRTH:
        return Birth._make(BIRTH_BYTES.unpack(entry))
    if entry[0] == CHANGE:
        return Change._make(CHANGE_BYTES.unpack(entry))
    body = json.loads(entry[1:].decode())
    if entry[0] != ACT or canonical(body) != entry[1:]:
        raise ValueError("not the canonical bytes of an act")
    return Act(**body)


def described(page: Page, index: int, entry: Any) -> dict[str, Any]:
    """An entry as ``events.jsonl`` has it for people."""
    place = {"page": page.number, "entry": index, "at": when_of(entry.at)}
    if isinstance(entry, Act):
        return {**entry._asdict(), **place, "event": "act"}
    fields = {**entry._asdict(), **place, "delivery": f"{entry.dispatch}.{entry.delivery}"}
    del fields["form"], fields["dispatch"]
    if isinstance(entry, Birth):
        fields["channel"], fields["status"] = CHANNELS[entry.channel], WORD_OF[entry.status]
        return {**fields, "event": "birth", "address": entry.address.hex()}
    fields["from"], fields["to"] = WORD_OF[fields.pop("before")], WORD_OF[fields.pop("after")]
    fields["evidence"], fields["word_at"] = EVIDENCE[entry.evidence], when_of(entry.word_at)
    return {**fields, "event": "change", "provider_ref": entry.provider_ref.hex()}


# --- replay


class State(NamedTuple):
    """A delivery as its entries so far make it."""

    step: int
    channel: int
    target_kind: int
    status: int
    reason: int
    evidence: int
    attempt: int
    n: int
    parts: int
    route: int
    page: int
    at: int
    word_at: int
    provider_ref: bytes


#: A million deliveries are kept as bytes, which take a third of the room.
STATE = struct.Struct(">BBBBHBHHHIQQQ16s")


class Replay:
    """Follows every delivery through the pages; counts each dispatch for its seals."""

    def __init__(self) -> None:
        self.acts: dict[str, list[Act]] = {}
        self.channels: dict[int, dict[int, str]] = {}
        self.sealed: dict[int, int] = {}
        self._states: dict[tuple[int, int], bytes] = {}
        self._counts: dict[int, Counter[tuple[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._states)

    def take(self, key: tuple[int, int]) -> State | None:
        """The end state of a delivery, which is then forgotten."""
        packed = self._states.pop(key, None)
        return State._make(STATE.unpack(packed)) if packed else None

    def started(self) -> list[int]:
        """The dispatches that the pages tell of."""
        begun = (s for s, acts in self.acts.items() if any(a.act == "start" for a in acts))
        return sorted(int(subject.partition(":")[2]) for subject in begun)

    def left(self) -> Iterator[tuple[int, int]]:
        return iter(sorted(self._states))

    def follow(self, page: Page, index: int, entry: Any) -> None:
        """One more entry, in the order of the log."""
        where = f"{page.where}, mục/entry {index}"
        if isinstance(entry, Act):
            self._act(where, entry)
            return
        if entry.dispatch != page.dispatch:
            raise Wrong("entry", where, page.at)
        where = f"{where}, {entry.dispatch}.{entry.delivery}"
        if isinstance(entry, Birth):
            self._birth(where, page, entry)
        else:
            self._change(where, page, entry)

    def _act(self, where: str, act: Act) -> None:
        self.acts.setdefault(act.subject, []).append(act)
        if act.act == "seal":
            self._seal(where, act)

    def _birth(self, where: str, page: Page, entry: Birth) -> None:
        key = (entry.dispatch, entry.delivery)
        if key in self._states:
            raise Wrong("history", where, entry.at, column="n", expected="change", found="birth")
        self.channels.setdefault(entry.dispatch, {}).setdefault(entry.channel, where)
        if not any(act.act == "start" for act in self.acts.get(f"dispatch:{entry.dispatch}", [])):
            raise Wrong("start", where, entry.at)
        state = State(
            entry.step, entry.channel, entry.target_kind, entry.status, entry.reason, 0, 1, 0, 0,
            0, page.number, entry.at, 0, bytes(16),
        )  # fmt: skip
        self._stand(key, None, state)

    def _change(self, where: str, page: Page, entry: Change) -> None:
        key = (entry.dispatch, entry.delivery)
        packed = self._states.get(key)
        if packed is None:
            raise Wrong("history", where, entry.at, column="n", expected="birth", found=entry.n)
        was = State._make(STATE.unpack(packed))
        attempt = was.attempt + (entry.attempt == was.attempt + 1)
        links = {
            "n": (was.n + 1, entry.n),
            "from": (WORD_OF[was.status], WORD_OF[entry.before]),
            "previous": (was.page, entry.previous),
            "attempt": (attempt, entry.attempt),
        }
        for column, (expected, found) in links.items():
            if expected != found:
                raise Wrong(
                    "history", where, entry.at, column=column, expected=expected, found=found
                )
        names = ("reason", "evidence", "attempt", "n", "parts", "route", "at", "word_at")
        moved = {name: getattr(entry, name) for name in (*names, "provider_ref")}
        self._stand(key, was, was._replace(status=entry.after, page=page.number, **moved))

    def _stand(self, key: tuple[int, int], was: State | None, now: State) -> None:
        self._states[key] = STATE.pack(*now)
        counts = self._counts.setdefault(key[0], Counter())
        if was is not None:
            counts[CHANNELS[was.channel], waiting(WORD_OF[was.status])] -= 1
        counts[CHANNELS[now.channel], waiting(WORD_OF[now.status])] += 1

    def _seal(self, where: str, act: Act) -> None:
        dispatch = int(act.subject.partition(":")[2])
        found = {key: count for key, count in self._counts.get(dispatch, {}).items() if count}
        expected: Counter[tuple[str, str]] = Counter()
        for channel, row in act.facts["counts"].items():
            for word, count in row.items():
                expected[channel, waiting(word)] += count
        claimed = {key: count for key, count in expected.items() if count}
        if claimed != found:
            raise Wrong("counts", where, act.at, expected=shown(claimed), found=shown(found))
        self.sealed[dispatch] = self.sealed.get(dispatch, 0) + 1


def waiting(word: str) -> str:
    """``sending`` is read from a batch's watermark and is no entry: it counts as pending."""
    return "pending" if word == "sending" else word


def shown(counts: dict[tuple[str, str], int]) -> str:
    return ", ".join(f"{a} {b} {n}" for (a, b), n in sorted(counts.items())) or "0"


# --- authority: nothing leaves without an approval of exactly these bytes

#: What an approval binds: facts that are the same when it is asked for and when it is given.
BOUND = ("version", "digest", "plan")


class Approved(NamedTuple):
    """Which version a dispatch was allowed to send, and how that came about."""

    version: int
    digest: str
    way: str


class Authority:
    """Reads the acts behind dispatches. Every method raises Wrong for what may not be."""

    def __init__(self, replay: Replay) -> None:
        self._acts, self._channels = replay.acts, replay.channels

    def approved(self, dispatch: int) -> Approved:
        """The approval behind a dispatch's start."""
        start = self._one(f"dispatch:{dispatch}", "start")
        subject = f"approval:{start.facts['approval']}"
        release = self._one(subject, *WAYS)
        way = f"{release.act} {release.facts['way']}"
        if release.at > start.at:
            raise Wrong("approval", subject, start.at, why="duyệt sau khi phát / approved later")
        if release.facts["digest"] != start.facts["digest"]:
            raise Wrong("approval", subject, start.at, why="nội dung khác / other content")
        if start.facts.get("plan", release.facts["plan"]) != release.facts["plan"]:
            raise Wrong("approval", subject, start.at, why="điều kiện khác / other terms")
        WAYS[release.act](self, subject, release)
        for channel, birth in self._channels.get(dispatch, {}).items():
            if CHANNELS[channel] not in release.facts["plan"]["channels"]:
                raise Wrong("channel", birth, start.at, found=CHANNELS[channel])
        return Approved(release.facts["version"], release.facts["digest"], way)

    def _one(self, subject: str, *names: str) -> Act:
        """The only act of these names about the subject."""
        found = [act for act in self._acts.get(subject, []) if act.act in names]
        if len(found) != 1:
            raise Wrong("approval", subject, why=f"{len(found)} × {', '.join(names)}")
        return found[0]

    def _draft(self, version: int, digest: str) -> Act:
        draft = self._one(f"version:{version}", "draft")
        if draft.facts["digest"] != digest:
            raise Wrong("approval", f"version:{version}", draft.at, why="bản thảo khác / draft")
        return draft

    def _eyes(self, subject: str, who: int, *others: int) -> None:
        """Whoever answers for it neither wrote it nor asked for it."""
        if not who or who in others:
            raise Wrong("approval", subject, why="tự duyệt / approved by its own author")

    def _asked(self, subject: str, release: Act) -> Act:
        """The request, for exactly what was released."""
        asked = self._one(subject, "propose")
        if [asked.facts[name] for name in BOUND] != [release.facts[name] for name in BOUND]:
            raise Wrong("approval", subject, release.at, why="khác bản trình / other than asked")
        return asked

    def approve(self, subject: str, release: Act) -> None:
        """Duyệt: by somebody else."""
        asked = self._asked(subject, release)
        draft = self._draft(release.facts["version"], release.facts["digest"])
        self._eyes(subject, release.actor, asked.actor, draft.actor)

    def revise(self, subject: str, release: Act) -> None:
        """Sửa và duyệt: somebody else's draft and request, under the same terms."""
        asked = self._one(f"approval:{release.facts['supersedes']}", "propose")
        draft = self._draft(release.facts["edited_from"], asked.facts["digest"])
        self._draft(release.facts["version"], release.facts["digest"])
        if asked.facts["plan"] != release.facts["plan"]:
            raise Wrong("approval", subject, release.at, why="điều kiện khác / other terms")
        self._eyes(subject, release.actor, asked.actor, draft.actor)

    def release(self, subject: str, release: Act) -> None:
        """Alone, in one of three ways, each of which names who else answers for it."""
        facts = release.facts
        draft = self._draft(facts["version"], facts["digest"])
        if facts["way"] == "duty":
            self._on_duty(subject, release)
        elif facts["way"] == "verbal":
            asked = self._asked(subject, release)
            self._eyes(subject, facts["order"]["by"], asked.actor, draft.actor, release.actor)
        elif facts["way"] == "on_behalf" and facts["signatory"]:
            self._eyes(subject, release.actor, self._asked(subject, release).actor, draft.actor)
        else:
            raise Wrong("approval", subject, release.at, why=f"release {facts['way']}")

    def _on_duty(self, subject: str, release: Act) -> None:
        """In a shift that somebody else opened, with a text that two others answer for."""
        of_shift, of_text = (f"{name}:{release.facts[name]}" for name in ("shift", "preapproved"))
        shift = self._one(of_shift, "open_shift")
        self._eyes(subject, shift.actor, release.actor)
        hours = shift.facts["from"] <= release.at < shift.facts["until"]
        if shift.facts["account"] != release.actor or not hours:
            raise Wrong("approval", subject, release.at, why="ngoài ca trực / not on duty")
        decided = self._one(of_text, "decide_preapproved")
        proposed = self._one(of_text, "propose_preapproved")
        self._eyes(of_text, decided.actor, proposed.actor)
        expected = {"state": "approved", "digest": proposed.facts["digest"]}
        if decided.facts != expected or decided.at > release.at:
            raise Wrong("approval", of_text, decided.at, why="mẫu chưa duyệt / text not approved")
        for act in (*self._acts[of_shift], *self._acts[of_text]):
            if act.act in ("cancel_shift", "withdraw_preapproved") and act.at <= release.at:
                raise Wrong("approval", act.subject, act.at, why="đã hủy trước đó / ended before")


#: Act that releases → what must be behind it.
WAYS = {"approve": Authority.approve, "revise": Authority.revise, "release": Authority.release}


# --- files


class Files:
    """The bundle: a folder or a zip of the same names."""

    def __init__(self, path: Path) -> None:
        self._folder = path if path.is_dir() else None
        self._zip = None if path.is_dir() else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        if self._folder is not None:
            found = (each for each in self._folder.rglob("*") if each.is_file())
            return sorted(each.relative_to(self._folder).as_posix() for each in found)
        return sorted(self._zip.namelist()) if self._zip else []

    def open(self, name: str) -> BinaryIO:
        try:
            if self._folder is not None:
                return (self._folder / name).open("rb")
            return io.BytesIO() if self._zip is None else self._zip.open(name)  # type: ignore[return-value]
        except (OSError, KeyError):
            raise Wrong("missing", name) from None

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def text(self, name: str) -> str:
        return self.read(name).decode()

    def digest(self, name: str) -> str:
        found = hashlib.sha256()
        with self.open(name) as file:
            while block := file.read(1 << 20):
                found.update(block)
        return found.hexdigest()


def check_names(files: Files) -> dict[str, str]:
    """The digests in the manifest, after looking whether exactly these files are there."""
    listed: dict[str, str] = json.loads(files.read("manifest.json"))["files"]
    present = set(files.names()) - {"manifest.json", "manifest.note"}
    for name in sorted(present ^ set(listed)):
        raise Wrong("unlisted" if name in present else "missing", name)
    return listed


def check_manifest(files: Files, key: Key, listed: dict[str, str]) -> None:
    """Every file is what the manifest says, and the log's key signed the manifest."""
    lines = note_text(files.text("manifest.note"), key, "manifest.note")
    if lines != [f"{key.origin} manifest", files.digest("manifest.json")]:
        raise Wrong("changed", "manifest.json")
    for name, digest in listed.items():
        if files.digest(name) != digest:
            raise Wrong("changed", name)


def json_lines(files: Files, name: str) -> Iterator[tuple[int, Any]]:
    """(line number, value) of each line."""
    with files.open(name) as file:
        for number, line in enumerate(file, 1):
            yield number, json_of(line, f"{name}:{number}")


def json_of(text: bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Wrong("unreadable", where, why=error) from error


def check_pages(files: Files, log: Proven, replay: Replay) -> int:
    """Every page is in the log, and ``events.jsonl`` says what its entries say."""
    events, last, count = json_lines(files, "events.jsonl"), -1, 0
    for line, value in json_lines(files, "pages.jsonl"):
        where = f"pages.jsonl:{line}"
        try:
            page, entries = page_read(value)
            path = [unbase64(each) for each in value["path"]]
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise Wrong("unreadable", where, why=error) from error
        where = f"{where} ({page.where})"
        if page.position <= last:
            raise Wrong("order", where, page.at)
        root = tree([leaf(each) for each in entries])
        if not log.has(page_leaf(page, len(entries), root), page.position, path):
            raise Wrong("page", where, page.at)
        last = page.position
        for index, raw in enumerate(entries):
            count += 1
            check_entry(page, index, raw, next(events, None), replay)
    surplus = next(events, None)
    if surplus:
        raise Wrong("event", f"events.jsonl:{surplus[0]}")
    return count


def page_read(value: dict[str, Any]) -> tuple[Page, list[bytes]]:
    if set(value) != {"page", "dispatch", "at", "position", "body", "path"}:
        raise ValueError("page, dispatch, at, position, body, path")
    page = Page(value["page"], value["dispatch"], value["at"], value["position"])
    return page, split(unbase64(value["body"]))


def check_entry(
    page: Page, index: int, raw: bytes, event: tuple[int, Any] | None, replay: Replay
) -> None:
    where = f"{page.where}, mục/entry {index}"
    try:
        entry = entry_read(raw)
        expected = described(page, index, entry)
        replay.follow(page, index, entry)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, struct.error) as error:
        raise Wrong("entry", where, page.at) from error
    if event is None or event[1] != expected:
        raise Wrong("event", f"events.jsonl:{event[0] if event else '$'} ({where})", page.at)


def check_version(files: Files, found: Approved) -> None:
    """Content and renditions, byte for byte what the approval is bound to; sounds likewise."""
    folder = f"versions/{found.version}/"
    renditions = []
    for name in files.names():
        if name.startswith(folder) and name != f"{folder}content.json":
            channel, lang = name[len(folder) :].split(".")[:2]
            renditions.append([channel, lang, files.digest(name)])
            check_sound(files, json.loads(files.read(name)))
    content = files.digest(f"{folder}content.json")
    if hashlib.sha256(canonical([content, sorted(renditions)])).hexdigest() != found.digest:
        raise Wrong("content", folder)


def check_sound(files: Files, rendition: dict[str, Any]) -> None:
    media = (rendition.get("sample") or {}).get("media")
    if media and files.digest(f"media/{media['sha256']}") != media["sha256"]:
        raise Wrong("content", f"media/{media['sha256']}")


# --- tables of deliveries

#: Column → what it must be by the replay. Others (masked target, words) rest on the manifest.
Expected = dict[int, str]
HEADINGS = (
    "Lượt gửi / delivery", "Bước / step", "Kênh / channel", "Loại đích / target kind",
    "Đích đã che / masked target", "Mã trạng thái / status", "Trạng thái", "Căn cứ / evidence",
    "Mã lý do / reason", "Lý do / why", "Lần thử / attempt", "Số phần / parts",
    "Kết nối / route", "Mã của nhà cung cấp / provider id", "Ghi lúc / recorded",
    "Nhà cung cấp báo lúc / word", "Số thứ tự mục / n", "Trang sổ / page",
)  # fmt: skip
PROVIDER_ID = 13


def row_of(state: State) -> Expected:
    word = WORD_OF[state.status]
    return {
        1: str(state.step),
        2: CHANNELS[state.channel],
        3: TARGETS[state.target_kind],
        5: word,
        6: STATUSES[word],
        7: EVIDENCE[state.evidence],
        8: str(state.reason),
        10: str(state.attempt),
        11: str(state.parts),
        12: str(state.route or ""),
        14: when_of(state.at),
        15: when_of(state.word_at),
        16: str(state.n),
        17: str(state.page),
    }


def plain(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from reading a formula in it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@\t\r") else cell


def check_table(files: Files, replay: Replay) -> int:
    """Both tables have the same rows, and each row is what the replay of its delivery says."""
    rows = csv_rows(files, "deliveries.csv")
    sheets = xlsx_rows(files, "deliveries.xlsx")
    line = 0
    for line, (row, twin) in enumerate(zip_longest(rows, sheets), 1):
        if row is None or twin is None or list(map(plain, row)) != twin:
            raise Wrong("table", f"deliveries.xlsx:{line}", column="*", expected=row, found=twin)
        if line == 1:
            if tuple(row) != HEADINGS:
                raise Wrong("table", "deliveries.csv:1", column="*", expected=HEADINGS, found=row)
            continue
        check_row(f"deliveries.csv:{line}", row, replay)
    for dispatch, delivery in replay.left():
        raise Wrong("absent", f"deliveries.csv: {dispatch}.{delivery}")
    return max(line - 1, 0)


def check_row(where: str, row: list[str], replay: Replay) -> None:
    dispatch, _, delivery = row[0].partition(".")
    if len(row) != len(HEADINGS) or not (dispatch.isdecimal() and delivery.isdecimal()):
        raise Wrong("unreadable", where, why=row)
    state = replay.take((int(dispatch), int(delivery)))
    if state is None:
        raise Wrong("table", where, column=HEADINGS[0], expected="–", found=row[0])
    for column, expected in row_of(state).items():
        if row[column] != expected:
            facts = {"column": HEADINGS[column], "expected": expected, "found": row[column]}
            raise Wrong("table", f"{where} ({row[0]})", state.at, **facts)
    given = plain(row[PROVIDER_ID]).encode()
    if (hashlib.sha256(given).digest()[:16] if given else bytes(16)) != state.provider_ref:
        facts = {"column": HEADINGS[PROVIDER_ID], "expected": state.provider_ref.hex()}
        raise Wrong("table", f"{where} ({row[0]})", state.at, found=row[PROVIDER_ID], **facts)


def csv_rows(files: Files, name: str) -> Iterator[list[str]]:
    with files.open(name) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        yield from csv.reader(text)


def xlsx_rows(files: Files, name: str) -> Iterator[list[str]]:
    """The rows of all sheets as texts; the headings of the second sheet on are passed over."""
    with files.open(name) as file, zipfile.ZipFile(io.BytesIO(file.read())) as book:
        sheets = [each for each in book.namelist() if re.fullmatch(r"xl/worksheets/.*\.xml", each)]
        for number in range(1, len(sheets) + 1):
            with book.open(f"xl/worksheets/sheet{number}.xml") as sheet:
                rows = sheet_rows(sheet)
                if number > 1:
                    next(rows)
                yield from rows


def sheet_rows(sheet: Any) -> Iterator[list[str]]:
    for _, element in ElementTree.iterparse(sheet):
        if element.tag.endswith("}row"):
            cells = [""] * len(HEADINGS)
            for cell in element:
                cells[ord(cell.get("r", "?")[0]) - ord("A")] = "".join(cell.itertext())
            yield cells
            element.clear()


# --- what was brought from elsewhere


class Brought(NamedTuple):
    """The auditor's own: a key from paper, an older checkpoint, or nothing."""

    key: str
    checkpoint: str


def check_brought(
    brought: Brought, key: Key, now: Checkpoint, proofs: Sequence[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Hold the bundle against it; what that proves, in two languages."""
    proved = []
    if brought.key:
        if key_read(brought.key) != key:
            raise Wrong("key", "key")
        proved.append(("Chữ ký: khóa bạn đưa vào.", "Signature: the key you gave."))
    if brought.checkpoint:
        old = old_checkpoint(brought.checkpoint, key)
        check_contains(old, now, proofs)
        since = now.size - old.size
        proved.append(
            (
                f"Lịch sử: chứa điểm kiểm của bạn ({old.size} trang); thêm {since} trang.",
                f"History: contains your checkpoint of {old.size} pages; {since} since.",
            )
        )
    return proved


def old_checkpoint(given: str, key: Key) -> Checkpoint:
    """A note in a file, signed by the bundle's key; or a typed line: origin, size and root."""
    where = "--checkpoint"
    if Path(given).is_file():
        note = Path(given).read_text(encoding="utf-8")
        origin = note.partition("\n")[0]
        if base_of(origin) != base_of(key.origin):
            raise Wrong("origin", where, found=origin)
        return checkpoint_of(note_text(note, key._replace(origin=origin), where), where)
    old = typed_line(given)
    if old is None:
        raise NoVerdict(
            f"không có tệp {given}, cũng không phải dòng đã in (có thể gõ sai)",
            f"no file {given}, nor a printed line (perhaps a slip in typing)",
        )
    if base_of(old.origin) != base_of(key.origin):
        raise Wrong("origin", where, found=old.origin)
    return old


#: Crockford's base 32, and the signs that are taken for others.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans("ILO", "110")


def typed_line(typed: str) -> Checkpoint | None:
    """``origin size dd/mm/yyyy 7K3M-…  #check``: the root in 52 signs, 20 bits against slips."""
    told = re.fullmatch(r"(\S+)\s+(\d+)\s+(\d\d)/(\d\d)/(\d{4})\s+([^#]+)#\s*(\S+)", typed.strip())
    signs = re.sub(r"[\s-]", "", told[6]).upper().translate(LOOKALIKES) if told else ""
    if not told or len(signs) != 52 or set(signs) - set(SIGNS):
        return None
    bits = 0
    for sign in signs:
        bits = bits << 5 | SIGNS.index(sign)
    root = (bits >> 4).to_bytes(32, "big")
    said = f"{told[1]}|{told[2]}|{told[5]}-{told[4]}-{told[3]}|{root.hex()}"
    check = int.from_bytes(hashlib.sha256(said.encode()).digest()[:3], "big") >> 4
    given = told[7].upper().translate(LOOKALIKES)
    if given != "".join(SIGNS[check >> place & 31] for place in (15, 10, 5, 0)):
        return None
    return Checkpoint(told[1], int(told[2]), root)


def base_of(origin: str) -> str:
    """The log's name without the number of its generation (after a declared restore)."""
    return re.sub(r"/\d+$", "", origin)


def check_contains(old: Checkpoint, now: Checkpoint, proofs: Sequence[dict[str, Any]]) -> None:
    if old.size > now.size:
        raise NoVerdict(
            f"điểm kiểm của bạn ({old.size}) mới hơn hồ sơ ({now.size}): yêu cầu xuất lại",
            f"your checkpoint ({old.size}) is newer than the bundle ({now.size}): ask again",
        )
    path: list[str] | None = [] if old.size in (0, now.size) else None
    for each in proofs:
        if each["size"] == old.size:
            path = each["path"]
    if path is None:
        raise NoVerdict(
            f"hồ sơ không có chứng minh cho điểm kiểm cỡ {old.size}: yêu cầu xuất với --since",
            f"the bundle has no proof for the checkpoint of {old.size}: ask for --since with it",
        )
    if not consistent(old, now, [unbase64(each) for each in path]):
        code = "rewritten" if old.origin == now.origin else "lost"
        raise Wrong(code, "checkpoint", size=old.size, found=old.origin)


def check_older(key: Key, now: Checkpoint, proofs: Sequence[dict[str, Any]]) -> None:
    """The older checkpoints in the bundle itself."""
    for number, each in enumerate(proofs):
        if not each["note"]:
            continue  # for a line on paper, which has the root and no signature
        where = f"consistency.json[{number}]"
        origin = each["note"].partition("\n")[0]
        if base_of(origin) != base_of(key.origin):
            raise Wrong("origin", where, found=origin)
        old = checkpoint_of(note_text(each["note"], key._replace(origin=origin), where), where)
        if old.size != each["size"] or not consistent(
            old, now, [unbase64(step) for step in each["path"]]
        ):
            raise Wrong("rewritten", where, size=old.size)


# --- the two things that can be checked


def check_bundle(files: Files, brought: Brought) -> tuple[list[str], list[tuple[str, str]]]:
    """Everything in a bundle. Returns what to tell, and what the brought things prove."""
    listed = check_names(files)
    key = key_read(files.text("key").partition("\n")[0])
    now = checkpoint_of(note_text(files.text("checkpoint"), key, "checkpoint"), "checkpoint")
    proofs = json.loads(files.read("consistency.json"))
    check_older(key, now, proofs)
    proved = check_brought(brought, key, now, proofs)
    replay = Replay()
    entries = check_pages(files, Proven(now.size, now.root), replay)
    told = [f"{now.origin}: {now.size} trang/pages; trong hồ sơ/here {entries} mục/entries."]
    for dispatch in replay.started():
        found = Authority(replay).approved(dispatch)
        check_version(files, found)
        seals = replay.sealed.get(dispatch, 0)
        told.append(
            f"Đợt phát/dispatch {dispatch}: {found.way}, bản/version {found.version}, "
            f"{seals} lần chốt/seals" + ("" if seals else " (CHƯA CHỐT/NOT CLOSED)")
        )
    told.append(f"{check_table(files, replay)} lượt gửi/deliveries.")
    check_manifest(files, key, listed)
    return told, proved


def check_proof(proof: dict[str, Any], brought: Brought) -> tuple[list[str], list[tuple[str, str]]]:
    """One delivery's entries and the acts behind it, each proved by itself."""
    key = key_read(proof["key"])
    now = checkpoint_of(note_text(proof["checkpoint"], key, "checkpoint"), "checkpoint")
    check_older(key, now, proof["consistency"])
    proved = check_brought(brought, key, now, proof["consistency"])
    replay = Replay()
    dispatch, delivery = map(int, proof["delivery"].split("."))
    told = [f"Lượt gửi/delivery {dispatch}.{delivery}"]
    for number, each in enumerate(proof["entries"]):
        page = Page(each["page"], each["dispatch"], each["at"], each["position"])
        told.append(
            check_alone(f"entries[{number}]", page, each, Proven(now.size, now.root), replay)
        )
    Authority(replay).approved(dispatch)
    if replay.take((dispatch, delivery)) is None:
        raise Wrong("absent", proof["delivery"])
    return told, proved


def check_alone(where: str, page: Page, each: dict[str, Any], log: Proven, replay: Replay) -> str:
    """An entry by a path to its page's root, the header, and a path to the log's root."""
    raw, root = unbase64(each["entry"]), unbase64(each["entries_root"])
    inside = [unbase64(step) for step in each["entry_path"]]
    path = [unbase64(step) for step in each["path"]]
    where = f"{where} ({page.where}, mục/entry {each['index']})"
    if not Proven(each["count"], root).has(leaf(raw), each["index"], inside):
        raise Wrong("page", where, page.at)
    if not log.has(page_leaf(page, each["count"], root), page.position, path):
        raise Wrong("page", where, page.at)
    entry = entry_read(raw)
    if not (isinstance(entry, Act) and entry.act == "seal"):  # it counts others too
        replay.follow(page, each["index"], entry)
    facts = described(page, each["index"], entry)
    return "  " + "  ".join(
        str(facts[name]) for name in ("at", "event", "act", "subject", "from", "to", "status")
        if name in facts
    )  # fmt: skip


UNPROVED = """\
CHƯA KẾT LUẬN: không có khóa (--key) hay điểm kiểm cũ (--checkpoint) từ nguồn khác. Hồ sơ tự khớp
với chính nó; ai giữ cơ sở dữ liệu và khóa ký vẫn có thể viết lại toàn bộ.
NO VERDICT: no --key or older --checkpoint from elsewhere was given. The bundle agrees with itself;
whoever holds the database and the signing key could have rewritten all of it."""

#: What even a good verdict does not say.
LIMITS = """\
Không chứng minh: lời của nhà cung cấp là đúng; tên người và đích đã che trong bảng, báo cáo;
mục ghi sau lần chốt cuối có thể chưa được đưa vào hồ sơ này.
Not proved: that providers told the truth; names and masked targets in tables and report;
entries after the last seal may have been left out of this bundle."""

#: What a file may make Python raise that is not what it should be.
UNREADABLE: tuple[type[Exception], ...] = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, RuntimeError,
    OverflowError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, ElementTree.ParseError,
    struct.error, csv.Error,
)  # fmt: skip


def judge(path: Path, brought: Brought) -> tuple[int, list[str]]:
    """Exit status and what to print."""
    try:
        told, proved = check(path, brought)
    except Wrong as wrong:
        return 1, [wrong.told()]
    except NoVerdict as none:
        return 2, [f"CHƯA KẾT LUẬN: {none.vi}.", f"NO VERDICT: {none.en}."]
    except UNREADABLE as error:
        return 1, [Wrong("unreadable", str(path), why=repr(error)).told()]
    if not proved:
        return 2, [*told, UNPROVED]
    return 0, [*told, *(f"{vi} {en}" for vi, en in proved), "ĐÚNG. RIGHT.", LIMITS]


def check(path: Path, brought: Brought) -> tuple[list[str], list[tuple[str, str]]]:
    """By what kind of file it is. Raises NoVerdict for what is none of them."""
    if path.suffix == ".json" and path.is_file():
        return check_proof(json.loads(path.read_text(encoding="utf-8")), brought)
    if path.is_dir() or zipfile.is_zipfile(path):
        return check_bundle(Files(path), brought)
    raise NoVerdict(f"không mở được {path}", f"cannot open {path}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Kiểm tra hồ sơ bằng chứng của Loa.")
    parser.add_argument("bundle", type=Path, help="thư mục, .zip hoặc .json")
    parser.add_argument("--checkpoint", default="", help="điểm kiểm cũ: tệp hoặc dòng đã in")
    parser.add_argument("--key", default="", help="khóa công khai của sổ (vkey)")
    given = parser.parse_args()
    status, lines = judge(given.bundle, Brought(given.key, given.checkpoint))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
