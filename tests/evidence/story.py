"""A commune's bulletin from draft to seals, through the verbs, and the evidence made of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dispatcher.bootstrap import templates_dir
from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.evidence.bundle import VERIFIER, Exported, Maker, Wanted, export
from dispatcher.ledger import desk as rows_of
from dispatcher.ledger import exhibits, sealer, seals
from dispatcher.ledger.exhibits import Scope
from dispatcher.ledger.sealer import LogKey, Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Effect, Move, Place
from tests.ledger import chronicle
from tests.ledger.chronicle import KEY
from tests.verbs.office import Office

PEOPLE = 9


@dataclass(frozen=True)
class Story:
    """What was made. ``old``: the checkpoint that an auditor was sent before all was delivered."""

    place: Place
    approval: int
    version: int
    old: str


def tell(office: Office, key: LogKey = KEY) -> Story:
    """Approved, started, sent, heard of, closed; closed again after a late word. All sealed."""
    office.people(PEOPLE)
    office.route("http://provider.invalid")
    approval = office.approved()
    seal(office.ledger, key)
    place = office.place(office.submit(approval))
    office.expand()
    now = office.now()
    chronicle.move(office.ledger, place, sent(now), now + 1_000)
    old = seal(office.ledger, key)
    heard = [word(each, Status.DELIVERED, 2 if each == 2 else 1) for each in (1, 2, 4, 5, 6, 7)]
    chronicle.move(office.ledger, place, heard, now + 2_000)
    close(office.ledger, place, now + 3_000)
    seal(office.ledger, key)
    late = word(1, Status.SEEN, evidence=Evidence.PERSON)
    chronicle.move(office.ledger, place, [late], now + 4_000)
    close(office.ledger, place, now + 5_000)
    seal(office.ledger, key)
    return Story(place, approval, office.dispatch(place).version_id, old)


def sent(now: int) -> list[Move]:
    """Most were taken; number 2 is tried again, number 3 has no such phone."""
    failed = Standing(1, Status.FAILED, Reason.TIMEOUT)
    again = Move(2, failed, Effect.RETRY, retry_at=now + 9_000, route=1, provider_ref="SM-2-1")
    dead = word(3, Status.FAILED, reason=Reason.UNKNOWN_SUBSCRIBER)
    taken = [word(n, Status.ACCEPTED, evidence=Evidence.PROVIDER) for n in (1, *range(4, 10))]
    return [*taken, again, dead]


def word(
    delivery: int,
    status: Status,
    attempt: int = 1,
    *,
    reason: Reason = Reason.NONE,
    evidence: Evidence = Evidence.CARRIER,
) -> Move:
    standing = Standing(attempt, status, reason, evidence, chronicle.NOW)
    return Move(delivery, standing, route=1, provider_ref=f"=SM-{delivery}-{attempt}", parts=1)


def close(ledger: Ledger, place: Place, now: int) -> None:
    with ledger.begin() as conn:
        seals.close(conn, place, now)


def seal(ledger: Ledger, key: LogKey = KEY) -> str:
    """Seal what is open; the checkpoint."""
    Sealer(ledger, key, "a").seal()
    with ledger.read() as conn:
        head = sealer.latest(conn)
    assert head is not None
    return str(head.note)


def maker(ledger: Ledger) -> Maker:
    return Maker(ledger, KEY, templates_dir() / "reports")


def bundle(ledger: Ledger, path: Path, scope: Scope, *held: int) -> Exported:
    with ledger.read() as conn:
        now = rows_of.now(conn)
    return export(maker(ledger), Wanted(scope, now, held), path)


def whole(ledger: Ledger, story: Story, path: Path) -> Path:
    """The bundle of the story's dispatch, with a proof for the auditor's checkpoint."""
    bundle(ledger, path, exhibits.one(story.place.dispatch, ""), size_of(story.old))
    return path


def size_of(note: str) -> int:
    return int(note.split("\n")[1])


class Verdict(NamedTuple):
    status: int
    said: str


NOTHING: Mapping[str, str] = {}


def judge(path: Path, *arguments: str, verifier: Path = VERIFIER) -> Verdict:
    """verify.py as an auditor runs it: isolated, in an empty environment, in another place."""
    done = subprocess.run(
        [sys.executable, "-I", verifier, path, *arguments],
        capture_output=True,
        env=NOTHING,
        cwd="/",
        check=False,
    )
    assert done.stderr == b"", done.stderr.decode()
    return Verdict(done.returncode, done.stdout.decode())


def copy(bundle: Path, to: Path) -> Path:
    shutil.copytree(bundle, to)
    return to
