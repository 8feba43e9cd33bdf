"""The verifier: an honest ledger passes, and whatever was tampered with is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.verifying import Report, decoding, verify
from dispatcher.ledger.verifying.findings import WORDS
from tests.ledger import chronicle
from tests.ledger.chronicle import KEY, STRANGER
from tests.ledger.guards import drop_guards


def check(ledger: Ledger) -> Report:
    return verify(ledger, public_key=KEY.public, origin=KEY.origin)


def named(report: Report) -> set[tuple[str, str]]:
    return {(each.code, each.where) for each in report.findings}


def test_an_honest_ledger_is_verified(ledger: Ledger) -> None:
    chronicle.write(ledger)
    report = check(ledger)
    assert report.findings == ()
    # 3 acts of the bulletin, a start, 9 births, 8 + 7 + 1 changes, an end of an attempt, 2 seals.
    assert (report.entries, report.pages, report.size, report.verified) == (32, 10, 10, True)


def test_an_empty_ledger_is_verified(ledger: Ledger) -> None:
    report = check(ledger)
    assert (report.verified, report.size) == (True, 0)


def test_pages_that_wait_for_the_sealer_are_replayed_too(ledger: Ledger) -> None:
    made = chronicle.write(ledger)
    late = chronicle.word(4, Status.SEEN, evidence=Evidence.PERSON)
    chronicle.move(ledger, made.place, [late], chronicle.NOW + 90_000)
    report = check(ledger)
    assert (report.verified, report.pages, report.size) == (True, 11, 10)


def test_many_pages_fill_tiles_of_two_levels(sqlite_ledger: Ledger) -> None:
    made = chronicle.write(sqlite_ledger)
    sealer = Sealer(sqlite_ledger, KEY, "a")
    for _ in range(3):
        with sqlite_ledger.begin() as conn:
            for _ in range(100):
                chronicle.note(conn, made.approval)
        sealer.seal()
    report = check(sqlite_ledger)
    assert (report.findings, report.size) == ((), 310)


def test_progress_ends_at_all_pages(ledger: Ledger) -> None:
    chronicle.write(ledger)
    told: list[tuple[int, int]] = []
    verify(
        ledger,
        public_key=KEY.public,
        origin=KEY.origin,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (10, 10)


def test_every_finding_has_words_in_both_languages() -> None:
    assert all(vi and en and vi != en for vi, en in WORDS.values())


@dataclass(frozen=True)
class Tampering:
    """SQL that somebody with the database's password might run, and what it must be called."""

    name: str
    sql: tuple[str, ...]
    code: str
    where: str


STARTED_BY_NOBODY = (
    """INSERT INTO approval (version_id, digest, terms, submitted_by, submitted_at, state)
SELECT version_id, digest, terms, submitted_by, submitted_at, 'submitted' FROM approval""",
    """INSERT INTO dispatch (part, agency_id, version_id, approval_id, mode, drill, level, state,
  plan, start_at, valid_until, max_contact_id, created_by, created_at)
SELECT part, agency_id, version_id, approval_id + 1, mode, drill, level, state,
  plan, start_at, valid_until, max_contact_id, created_by, created_at FROM dispatch""",
)

SWAPPED_BODIES = (
    "UPDATE page SET body = (SELECT p.body FROM page p WHERE p.id = 5 - page.id) WHERE id IN (2, 3)"
)
OTHER_ADDRESS = (
    "UPDATE address SET digest = (SELECT digest FROM page WHERE id = 1) "
    "WHERE id = (SELECT target_id FROM delivery WHERE id = 5)"
)

TAMPERINGS = [
    Tampering(
        "a status improved",
        ("UPDATE delivery SET status = 7, reason = 0 WHERE id = 3",),
        "delivery_column",
        "delivery(dispatch_id=1, id=3).status",
    ),
    Tampering(
        "a reason softened",
        ("UPDATE delivery SET reason = 107 WHERE id = 3",),
        "delivery_column",
        "delivery(dispatch_id=1, id=3).reason",
    ),
    Tampering(
        "evidence raised",
        ("UPDATE delivery SET evidence = 5 WHERE id = 4",),
        "delivery_column",
        "delivery(dispatch_id=1, id=4).evidence",
    ),
    Tampering(
        "an attempt forgotten",
        ("UPDATE delivery SET attempt = 1 WHERE id = 2",),
        "delivery_column",
        "delivery(dispatch_id=1, id=2).attempt",
    ),
    Tampering(
        "parts added to the bill",
        ("UPDATE delivery SET parts = 3 WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).parts",
    ),
    Tampering(
        "another route",
        ("UPDATE delivery SET route_id = 2 WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).route_id",
    ),
    Tampering(
        "another target",
        ("UPDATE delivery SET target_id = 999 WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).target_id",
    ),
    Tampering(
        "another channel",
        ("UPDATE delivery SET channel = 'email' WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).channel",
    ),
    Tampering(
        "a provider's reference exchanged",
        ("UPDATE delivery SET provider_ref = 'SM-9' WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).provider_ref",
    ),
    Tampering(
        "another person",
        ("UPDATE delivery SET contact_id = contact_id + 1 WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).contact_id",
    ),
    Tampering(
        "a word dated back",
        ("UPDATE delivery SET word_at = word_at - 60000 WHERE id = 5",),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).word_at",
    ),
    Tampering(
        "a former attempt by another route",
        ("UPDATE attempt SET route_id = 2",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).route_id",
    ),
    Tampering(
        "a former attempt's reference exchanged",
        ("UPDATE attempt SET provider_ref = 'SM-9'",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).provider_ref",
    ),
    Tampering(
        "a former attempt that did not fail",
        ("UPDATE attempt SET status = 3",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).status",
    ),
    Tampering(
        "a former attempt for another reason",
        ("UPDATE attempt SET reason = 302",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).reason",
    ),
    Tampering(
        "a former attempt with evidence",
        ("UPDATE attempt SET evidence = 2",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).evidence",
    ),
    Tampering(
        "a former attempt that costs more",
        ("UPDATE attempt SET parts = 9",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).parts",
    ),
    Tampering(
        "a former attempt that ended earlier",
        ("UPDATE attempt SET ended_at = ended_at - 1",),
        "attempt_column",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1).ended_at",
    ),
    Tampering(
        "a former attempt deleted",
        ("DELETE FROM attempt",),
        "attempt_missing",
        "attempt(dispatch_id=1, delivery_id=2, attempt=1)",
    ),
    Tampering(
        "a former attempt invented",
        ("UPDATE attempt SET delivery_id = 4",),
        "attempt_unknown",
        "attempt(dispatch_id=1, delivery_id=4, attempt=1)",
    ),
    Tampering(
        "an act ascribed to somebody else",
        ("UPDATE act SET actor = 2 WHERE name = 'draft'",),
        "act_differs",
        "act(page_id=1).actor",
    ),
    Tampering(
        "an act under another name",
        ("UPDATE act SET name = 'note' WHERE name = 'approve'",),
        "act_differs",
        "act(page_id=3).name",
    ),
    Tampering(
        "an act about something else",
        ("UPDATE act SET subject = 'approval:7' WHERE name = 'approve'",),
        "act_differs",
        "act(page_id=3).subject",
    ),
    Tampering(
        "an act dated back",
        ("UPDATE act SET at = at - 1 WHERE name = 'approve'",),
        "act_differs",
        "act(page_id=3).at",
    ),
    Tampering(
        "an act hidden in another agency",
        ("UPDATE act SET agency_id = agency_id - 1 WHERE name = 'approve'",),
        "act_differs",
        "act(page_id=3).agency",
    ),
    Tampering(
        "an act moved to a dispatch",
        ("UPDATE act SET dispatch_id = 1 WHERE name = 'approve'",),
        "act_differs",
        "act(page_id=3).dispatch",
    ),
    Tampering(
        "an act that nobody can find",
        ("DELETE FROM act WHERE name = 'approve'",),
        "act_row_missing",
        "act(page_id=3)",
    ),
    Tampering(
        "an act that nobody did",
        ("UPDATE act SET page_id = 1000 WHERE name = 'approve'",),
        "act_row_unknown",
        "act(page_id=1000)",
    ),
    Tampering(
        "an address exchanged",
        (OTHER_ADDRESS,),
        "delivery_column",
        "delivery(dispatch_id=1, id=5).target_id → address.digest",
    ),
    Tampering(
        "a gap in n",
        ("UPDATE delivery SET n = n + 1 WHERE id = 1",),
        "delivery_column",
        "delivery(dispatch_id=1, id=1).n",
    ),
    Tampering(
        "a delivery deleted",
        ("DELETE FROM delivery WHERE id = 6",),
        "delivery_missing",
        "delivery(dispatch_id=1, id=6)",
    ),
    Tampering(
        "the last delivery deleted",
        ("DELETE FROM delivery WHERE id = 9",),
        "delivery_missing",
        "delivery(dispatch_id=1, id=9)",
    ),
    Tampering(
        "a dispatch that nobody started",
        STARTED_BY_NOBODY,
        "act_missing",
        "dispatch(id=2)",
    ),
    Tampering(
        "a delivery invented",
        ("UPDATE delivery SET id = 77 WHERE id = 6",),
        "birth_missing",
        "delivery(dispatch_id=1, id=77)",
    ),
    Tampering(
        "two pages' bodies swapped",
        (SWAPPED_BODIES,),
        "page_digest",
        "page(id=2).body",
    ),
    Tampering(
        "two leaves swapped",
        (
            "UPDATE leaf SET page_id = 1000 + page_id WHERE position IN (1, 2)",
            "UPDATE leaf SET page_id = 4 - position WHERE position IN (1, 2)",
        ),
        "leaf_digest",
        "leaf(position=1).digest",
    ),
    Tampering(
        "the last page removed with its leaf",
        (
            "DELETE FROM page WHERE id = (SELECT page_id FROM leaf WHERE position = 9)",
            "DELETE FROM leaf WHERE position = 9",
        ),
        "checkpoint_beyond",
        "checkpoint(size=10)",
    ),
    Tampering(
        "the last page and checkpoint removed",
        (
            "DELETE FROM page WHERE id = (SELECT page_id FROM leaf WHERE position = 9)",
            "DELETE FROM leaf WHERE position = 9",
            "DELETE FROM checkpoint WHERE size = 10",
        ),
        "checkpoint_behind",
        "checkpoint",
    ),
    Tampering(
        "a page deleted",
        ("DELETE FROM page WHERE id = 2",),
        "page_missing",
        "page(id=2)",
    ),
    Tampering(
        "a leaf deleted",
        ("DELETE FROM leaf WHERE position = 1",),
        "leaf_position",
        "leaf(position=2)",
    ),
    Tampering(
        "a leaf deleted leaves its page loose",
        ("DELETE FROM leaf WHERE position = 1",),
        "page_loose",
        "page(id=2)",
    ),
    Tampering(
        "a page back in the queue",
        ("INSERT INTO page_open (page_id) VALUES (2)",),
        "page_both",
        "page_open(page_id=2)",
    ),
    Tampering(
        "a page's time moved",
        ("UPDATE page SET created_at = created_at - 1 WHERE id = 2",),
        "page_digest",
        "page(id=2).body",
    ),
    Tampering(
        "a page's count changed",
        ("UPDATE page SET count = 7 WHERE id = 2",),
        "page_count",
        "page(id=2).count",
    ),
    Tampering(
        "a tile from nowhere",
        ("INSERT INTO tile (level, number, hashes) SELECT 0, 0, digest FROM page WHERE id = 1",),
        "tile_extra",
        "tile(level=0, number=0)",
    ),
    Tampering(
        "a checkpoint's size edited",
        ("UPDATE checkpoint SET note = replace(note, '/log\n10\n', '/log\n9\n') WHERE size = 10",),
        "checkpoint_note",
        "checkpoint(size=10).note",
    ),
    Tampering(
        "a checkpoint's root edited",
        ("UPDATE checkpoint SET root = (SELECT digest FROM page WHERE id = 1) WHERE size = 10",),
        "checkpoint_differs",
        "checkpoint(size=10).root",
    ),
    Tampering(
        "a rendition edited",
        ("UPDATE rendition SET body = (SELECT content FROM version)",),
        "rendition_digest",
        "rendition(id=1).body",
    ),
    Tampering(
        "a version edited",
        ("UPDATE version SET content = (SELECT body FROM rendition)",),
        "version_digest",
        "version(id=1).digest",
    ),
    Tampering(
        "a rendition deleted",
        ("DELETE FROM rendition",),
        "version_digest",
        "version(id=1).digest",
    ),
    Tampering(
        "approval of something else",
        ("UPDATE approval SET digest = (SELECT digest FROM page WHERE id = 1)",),
        "approval_digest",
        "approval(id=1).digest",
    ),
    Tampering(
        "approved by somebody else",
        ("UPDATE approval SET decided_by = submitted_by",),
        "act_differs",
        "approval(id=1).decided_by",
    ),
    Tampering(
        "wider terms",
        ("UPDATE approval SET terms = (SELECT content FROM version)",),
        "act_differs",
        "approval(id=1).plan",
    ),
    Tampering(
        "an approval taken back",
        ("UPDATE approval SET state = 'submitted'",),
        "act_differs",
        "approval(id=1).state",
    ),
    Tampering(
        "an approval turned into a return",
        ("UPDATE approval SET state = 'returned'",),
        "act_differs",
        "approval(id=1).state",
    ),
    Tampering(
        "a seal deleted",
        ("DELETE FROM seal WHERE number = 2",),
        "seal_missing",
        "seal(dispatch:1)",
    ),
    Tampering(
        "a seal's counts edited",
        ("UPDATE seal SET counts = (SELECT s.counts FROM seal s WHERE s.number = 1)",),
        "seal_differs",
        "seal(dispatch_id=1, number=2).counts",
    ),
]


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda each: each.name)
def test_tampering_is_found_and_named(ledger: Ledger, tampering: Tampering) -> None:
    chronicle.write(ledger)
    with ledger.begin() as conn:
        drop_guards(conn)
        for statement in tampering.sql:
            conn.execute(text(statement))
    assert (tampering.code, tampering.where) in named(check(ledger))


def test_another_key_signs_nothing(ledger: Ledger) -> None:
    chronicle.write(ledger)
    report = verify(ledger, public_key=STRANGER.public, origin=KEY.origin)
    assert {each.code for each in report.findings} == {"checkpoint_note"}


def test_another_origin_is_another_log(ledger: Ledger) -> None:
    chronicle.write(ledger)
    report = verify(ledger, public_key=KEY.public, origin="elsewhere.example.gov.vn/log")
    assert {each.code for each in report.findings} == {"checkpoint_note"}


def test_history_rewritten_with_all_its_hashes_differs_from_the_signed_root(ledger: Ledger) -> None:
    chronicle.write(ledger)
    with ledger.begin() as conn:
        drop_guards(conn)
        row = conn.execute(text("SELECT * FROM page WHERE id = 2")).one()
        body = bytes(row.body).replace(b'"actor":1', b'"actor":2')
        digest = decoding.page_leaf(2, 0, row.created_at, decoding.split(body))
        values = {"body": body, "digest": digest}
        conn.execute(text("UPDATE page SET body = :body, digest = :digest WHERE id = 2"), values)
        conn.execute(text("UPDATE leaf SET digest = :digest WHERE page_id = 2"), values)
    first = check(ledger).findings[0]
    assert (first.code, first.where) == ("checkpoint_root", "checkpoint(size=3).root")


def _resigned(conn: Connection) -> None:
    row = conn.execute(text("SELECT size, root FROM checkpoint WHERE size = 10")).one()
    note = STRANGER.checkpoint(row.size, bytes(row.root))
    conn.execute(text("UPDATE checkpoint SET note = :note WHERE size = 10"), {"note": note})


def _wrong_root(conn: Connection) -> None:
    root = bytes(32)
    note = KEY.checkpoint(10, root)
    values = {"note": note, "root": root}
    conn.execute(text("UPDATE checkpoint SET note = :note, root = :root WHERE size = 10"), values)


@pytest.mark.parametrize(
    ("forge", "code"), [(_resigned, "checkpoint_note"), (_wrong_root, "checkpoint_root")]
)
def test_a_checkpoint_is_believed_only_with_the_right_key_and_root(
    ledger: Ledger, forge: Callable[[Connection], None], code: str
) -> None:
    chronicle.write(ledger)
    with ledger.begin() as conn:
        drop_guards(conn)
        forge(conn)
    assert [each.code for each in check(ledger).findings] == [code]


def test_a_finding_says_when_and_what_in_both_languages(ledger: Ledger) -> None:
    chronicle.write(ledger)
    with ledger.begin() as conn:
        conn.execute(text("UPDATE delivery SET status = 7 WHERE id = 3"))
    (found,) = check(ledger).findings
    assert found.since == chronicle.NOW + 2_000
    assert found.vi == "Bản ghi có delivered; theo nhật ký phải là failed."
    assert found.en == "The row says delivered; by the log it must be failed."


def test_a_flipped_byte_in_any_page_is_found(sqlite_ledger: Ledger) -> None:
    chronicle.write(sqlite_ledger)
    with sqlite_ledger.begin() as conn:
        drop_guards(conn)
    with sqlite_ledger.read() as conn:
        bodies = {row.id: bytes(row.body) for row in conn.execute(text("SELECT * FROM page"))}

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def flipped(data: st.DataObject) -> None:
        page = data.draw(st.sampled_from(sorted(bodies)))
        body = bytearray(bodies[page])
        body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
        put(page, bytes(body))
        report = check(sqlite_ledger)
        put(page, bodies[page])
        assert report.findings[0].where == f"page(id={page}).body"

    def put(page: int, body: bytes) -> None:
        with sqlite_ledger.begin() as conn:
            values = {"id": page, "body": body}
            conn.execute(text("UPDATE page SET body = :body WHERE id = :id"), values)

    flipped()
