"""docs/loa-1.md §9: the page's vectors hold for the server and for the device, each by its code."""

import ast
import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import dispatcher.player
import dispatcher.sim.speakers
from channels.loudspeaker.signing import Signer
from dispatcher.domain.device import LogLine
from dispatcher.domain.model import Level, Media
from dispatcher.domain.playlist import Cancel, DayPart, Manifest, Play, PlayItem, build
from dispatcher.player.config import Trusted, read_trust
from dispatcher.player.manifest import Rejected, verify
from dispatcher.web.device_auth import Signable

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    page = (ROOT / "docs" / "loa-1.md").read_text()
    [block] = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    read: dict[str, Any] = json.loads(block)
    return read


def test_the_server_builds_and_signs_the_manifest_of_the_page(vectors: dict[str, Any]) -> None:
    start = 1_793_000_000_000
    sound = Media(hashlib.sha256(b"loa").hexdigest(), "audio/mpeg", 98_682, 12_304)
    item = PlayItem(
        "17.4532.1",
        "bao-so-9",
        1,
        Level.EMERGENCY,
        sound,
        (Play("17.4532.1#0", start, start + 600_000),),
        repeat=2,
        volume=100,
        valid_until=start + 3_600_000,
    )
    sessions = (DayPart.parse("05:30", "06:30"), DayPart.parse("17:00", "18:00"))
    body = build(
        Manifest(
            "06862-C01",
            413,
            start,
            start + 7 * 86_400_000,
            [item],
            [Cancel("17.4401.1")],
            sessions=sessions,
        )
    )
    told = vectors["manifest"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["seed"]))
    signer = Signer(told["kid"], key)
    assert body.decode() == told["body"]
    assert signer.header(body) == told["signature"]
    assert signer.trust() == f"{told['kid']}={told['public']}"


def believed(vectors: dict[str, Any]) -> dict[str, Trusted]:
    return read_trust([f"2026a={vectors['manifest']['public']}"])


def test_the_device_believes_the_manifest_of_the_page(vectors: dict[str, Any]) -> None:
    told = vectors["manifest"]
    manifest = verify(told["body"].encode(), told["signature"], believed(vectors), "06862-C01")
    assert (manifest.seq, manifest.cancelled) == (413, {"17.4401.1": True})
    [item] = manifest.items
    assert (item.id, item.level, item.length_ms) == ("17.4532.1", "emergency", 2 * 12_304 + 5000)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seq": 0}, "unreadable"),
        ({"seq": "413"}, "unreadable"),
        ({"schema": "loa/2"}, "unreadable"),
        ({"items": None}, "unreadable"),
        ({"tz": "Asia/Ho_Chi_Minh"}, "unreadable"),
        ({"device": "06862-C02"}, "other_device"),
    ],
)
def test_the_device_rejects_what_was_signed_but_is_not_right(
    vectors: dict[str, Any], change: dict[str, object], reason: str
) -> None:
    told = vectors["manifest"]
    body = json.dumps({**json.loads(told["body"]), **change}).encode()
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["seed"]))
    with pytest.raises(Rejected) as rejected:
        verify(body, Signer("2026a", key).header(body), believed(vectors), "06862-C01")
    assert rejected.value.reason == reason


def test_one_changed_byte_anywhere_is_a_bad_signature(vectors: dict[str, Any]) -> None:
    told = vectors["manifest"]
    body = told["body"].encode()
    for place in range(0, len(body), 7):
        forged = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(Rejected, match="bad_signature"):
            verify(forged, told["signature"], believed(vectors), "06862-C01")


def test_a_key_nobody_told_the_device_of_is_unknown(vectors: dict[str, Any]) -> None:
    told = vectors["manifest"]
    with pytest.raises(Rejected, match="unknown_key"):
        verify(told["body"].encode(), told["signature"], {}, "06862-C01")


def test_a_drill_key_signs_drills_only(vectors: dict[str, Any]) -> None:
    told = vectors["manifest"]
    trust = read_trust([f"drill:2026a={told['public']}"])
    with pytest.raises(Rejected, match="drill_key"):
        verify(told["body"].encode(), told["signature"], trust, "06862-C01")
    drill = told["body"].replace('"drill":false', '"drill":true').encode()
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["seed"]))
    assert verify(drill, Signer("2026a", key).header(drill), trust, "06862-C01").seq == 413


def test_an_item_the_device_cannot_read_is_rejected_alone(vectors: dict[str, Any]) -> None:
    told = json.loads(vectors["manifest"]["body"])
    told["items"].append({**told["items"][0], "id": "9.9.9", "level": "urgent"})
    body = json.dumps(told).encode()
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vectors["manifest"]["seed"]))
    header = Signer("2026a", key).header(body)
    manifest = verify(body, header, believed(vectors), "06862-C01")
    assert [item.id for item in manifest.items] == ["17.4532.1"]
    assert manifest.unreadable == ("9.9.9",)


def test_the_macs_of_the_page_are_right(vectors: dict[str, Any]) -> None:
    for told in vectors["requests"]:
        headers = {"loa-state": told["state"]} if told["state"] else {}
        signable = Signable(told["method"], told["target"], headers, told["body"].encode())
        assert signable.mac(bytes.fromhex(told["key"]), told["nonce"]) == told["mac"]
        digest = hashlib.sha256(told["body"].encode()).hexdigest()
        parts = ["LOA/1", told["method"], told["target"], told["nonce"], told["state"], digest]
        by_hand = hmac.new(bytes.fromhex(told["key"]), "\n".join(parts).encode(), hashlib.sha256)
        assert by_hand.hexdigest() == told["mac"]


def test_the_log_of_the_page_is_one_chain(vectors: dict[str, Any]) -> None:
    previous = vectors["log"]["before"]
    for number, text in enumerate(vectors["log"]["lines"], 1):
        line = LogLine.parse(text.encode())
        assert (line.boot, line.n) == ("b7", number)
        assert line.follows(previous)
        assert not line.follows("f" * 64)
        previous = line.digest


def test_a_signature_is_64_bytes_of_base64(vectors: dict[str, Any]) -> None:
    signature = vectors["manifest"]["signature"].rpartition("sig=")[2]
    assert len(base64.b64decode(signature, validate=True)) == 64


def imported_by(folder: Path, pattern: str) -> set[str]:
    found: set[str] = set()
    for path in folder.glob(pattern):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in {"dispatcher", "channels"}}


def test_the_speaker_and_the_fleet_share_no_code_with_the_server() -> None:
    player = Path(dispatcher.player.__file__).parent
    sim = Path(dispatcher.sim.speakers.__file__).parent
    for name in imported_by(player, "*.py"):
        assert name.startswith("dispatcher.player.")
    for name in imported_by(sim, "speaker*.py"):
        assert name.startswith("dispatcher.sim.speaker")
