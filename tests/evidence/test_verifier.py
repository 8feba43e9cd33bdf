"""verify.py itself: its arithmetic, its manners, and that it runs where nothing is installed."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.domain.status import Evidence, Status
from dispatcher.evidence import proof, tables, verify, words
from dispatcher.evidence.bundle import VERIFIER
from dispatcher.evidence.folder import pack
from dispatcher.ledger.store import Ledger
from tests.evidence import story as stories
from tests.evidence.conftest import Made
from tests.ledger.chronicle import KEY

#: RFC 8032 §7.1: secret key, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("_secret", "public", "message", "signature"), RFC_8032)
def test_the_standard_s_signatures_hold(
    _secret: str, public: str, message: str, signature: str
) -> None:
    key, text, good = (bytes.fromhex(each) for each in (public, message, signature))
    assert verify.signed(key, text, good)
    assert not verify.signed(key, text + b"!", good)
    scalar = int.from_bytes(good[32:], "little") + verify.L  # the same point, not the only spelling
    assert not verify.signed(key, text, good[:32] + scalar.to_bytes(32, "little"))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_the_library(secret: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    public, good = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify.signed(public, message, good)
    spoilt = bytearray(good)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert not verify.signed(public, message, bytes(spoilt))


@pytest.mark.parametrize(
    "public", [b"", bytes(31), b"\xff" * 32, (verify.P + 1).to_bytes(32, "little")]
)
def test_what_is_no_key_signs_nothing(public: bytes) -> None:
    assert not verify.signed(public, b"", bytes(64))


def test_it_is_one_file_for_python_3_9_that_needs_nothing() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 9))
    modules = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom)
                     else [alias.name for alias in node.names])
    }  # fmt: skip
    assert modules <= sys.stdlib_module_names


def test_it_says_the_words_that_the_engine_writes() -> None:
    assert verify.HEADINGS == tables.HEADINGS
    assert {each.word: words.STATUSES[each] for each in Status} == verify.STATUSES
    assert list(verify.EVIDENCE) == [each.word for each in Evidence]


def test_every_verdict_has_two_languages() -> None:
    assert all(vi and en and vi != en for vi, en in verify.WORDS.values())


def test_an_auditor_runs_it_from_the_bundle_alone(made: Made) -> None:
    shown = stories.judge(
        made.bundle, "--checkpoint", str(made.old), verifier=made.bundle / "verify.py"
    )
    assert shown.status == 0
    assert "ĐÚNG. RIGHT." in shown.said


def test_a_zip_is_as_good_as_a_folder(made: Made, tmp_path: Path) -> None:
    pack(made.bundle, tmp_path / "one.zip")
    pack(made.bundle, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert stories.judge(tmp_path / "one.zip", "--checkpoint", str(made.old)).status == 0
    with zipfile.ZipFile(tmp_path / "one.zip", "a") as packed:
        packed.writestr("more.txt", "x")
    assert stories.judge(tmp_path / "one.zip", "--checkpoint", str(made.old)).status == 1


def test_wrongly_called_it_gives_no_verdict() -> None:
    done = subprocess.run([sys.executable, "-I", VERIFIER], capture_output=True, check=False)
    assert done.returncode == 2


# --- the proof of one delivery


@pytest.fixture
def document(made: Made, told: Ledger) -> dict[str, Any]:
    held = [stories.size_of(made.story.old)]
    return proof.prove(stories.maker(told), "", (made.story.place.dispatch, 2), held).document


def judged(document: dict[str, Any], made: Made, folder: Path) -> tuple[int, str]:
    path = folder / "proof.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    status, lines = verify.judge(path, verify.Brought(KEY.vkey(), str(made.old)))
    return status, "\n".join(lines)


def test_a_proof_holds_and_names_nobody_else(
    document: dict[str, Any], made: Made, tmp_path: Path
) -> None:
    status, said = judged(document, made, tmp_path)
    assert status == 0, said
    told = [verify.entry_read(base64.b64decode(each["entry"])) for each in document["entries"]]
    assert {each.delivery for each in told if not isinstance(each, verify.Act)} == {2}


FIELDS = (
    "page", "dispatch", "at", "count", "entries_root", "index", "entry", "entry_path", "position",
    "path",
)  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_is_changed_in_a_proof_is_found(
    document: dict[str, Any], made: Made, tmp_path: Path, field: str
) -> None:
    for entry in document["entries"]:
        good = entry[field]
        entry[field] = spoilt(good)
        assert judged(document, made, tmp_path)[0] == 1
        entry[field] = good


def spoilt(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return value[:-1] if value else [base64.b64encode(bytes(32)).decode()]
    return base64.b64encode(base64.b64decode(value)[::-1]).decode()


@pytest.mark.parametrize("number", range(9))
def test_a_step_left_out_of_a_proof_is_missed(
    document: dict[str, Any], made: Made, tmp_path: Path, number: int
) -> None:
    """But for what nothing counts: the last entry, and seals."""
    gone = document["entries"].pop(number)
    entry = verify.entry_read(base64.b64decode(gone["entry"]))
    uncounted = getattr(entry, "act", "") == "seal" or getattr(entry, "n", 0) == 3
    assert (judged(document, made, tmp_path)[0] == 0) == uncounted
