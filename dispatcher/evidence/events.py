"""Entries as ``events.jsonl`` has them: the same facts as the bytes, in words."""

import json
from typing import Any

from dispatcher.domain.status import Evidence, Status
from dispatcher.evidence.words import moment
from dispatcher.ledger.verifying import decoding


def described(page: int, index: int, entry: bytes) -> dict[str, Any]:
    """One entry of a page. Raises ValueError for bytes that are none."""
    place: dict[str, Any] = {"page": page, "entry": index}
    if entry[0] == decoding.ACT:
        return {**place, "event": "act", **_act(decoding.act(entry))}
    if entry[0] == decoding.BIRTH:
        return {**place, "event": "birth", **_birth(decoding.birth(entry))}
    return {**place, "event": "change", **_change(decoding.change(entry))}


def _act(act: decoding.Act) -> dict[str, Any]:
    return {
        "at": moment(act.at),
        "act": act.name,
        "subject": act.subject,
        "actor": act.actor,
        "facts": json.loads(act.facts),
    }


def _birth(birth: decoding.Birth) -> dict[str, Any]:
    return {
        "at": moment(birth.at),
        "delivery": f"{birth.dispatch}.{birth.delivery}",
        "step": birth.step,
        "channel": decoding.CHANNELS[birth.channel],
        "target_kind": birth.target_kind,
        "target_id": birth.target_id,
        "contact": birth.contact_id,
        "status": Status(birth.status).word,
        "reason": birth.reason,
        "address": birth.address.hex(),
    }


def _change(change: decoding.Change) -> dict[str, Any]:
    return {
        "at": moment(change.at),
        "delivery": f"{change.dispatch}.{change.delivery}",
        "attempt": change.attempt,
        "n": change.n,
        "from": Status(change.before).word,
        "to": Status(change.after).word,
        "reason": change.reason,
        "evidence": Evidence(change.evidence).word,
        "route": change.route,
        "parts": change.parts,
        "actor": change.actor,
        "word_at": moment(change.word_at),
        "previous": change.previous,
        "provider_ref": change.provider_ref.hex(),
    }
