"""Old pages go when a bundle holds them; the tree over them stands, and nothing else may go."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from dispatcher.bootstrap import templates_dir
from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.domain.status import Status
from dispatcher.evidence import bundle, bundled_pages, folder
from dispatcher.evidence.bundle import Maker, Wanted
from dispatcher.evidence.bundled_pages import BundledPages
from dispatcher.ledger import exhibits, page_leaves
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.verifying import Report, verify
from dispatcher.retire import Retired, retire
from dispatcher.retire import Wanted as Going
from tests.ledger import chronicle
from tests.ledger.chronicle import KEY, NOW, Chronicle
from tests.ledger.guards import drop_guards

WHY = "hết thời hạn lưu, gói ở kho lưu trữ tỉnh"
LATER = NOW + 86_400_000
#: Acts of the chronicle: three of the bulletin, the start, two seals. Its four other pages tell of
#: deliveries.
ACTS, PAGES, PEOPLE = 6, 4, chronicle.PEOPLE
ADMIN = Actor(7, 1, "/1/", "", "Quản trị", frozenset({"administrator"}), "live")


@pytest.fixture
def past(ledger: Ledger) -> Chronicle:
    """A finished dispatch in a partition that is full."""
    return finished(ledger)


def finished(ledger: Ledger) -> Chronicle:
    made = chronicle.write(ledger)
    with ledger.begin() as conn:
        conn.execute(text("UPDATE dispatch SET state = 'done', finished_at = :at"), {"at": NOW})
        fill_partition(conn)
    return made


def fill_partition(conn: Connection) -> None:
    """The next page is the first of the next partition: numbers may have gaps."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT setval('page_id_seq', :last)"), {"last": page_leaves.SPAN - 1})


def exported(ledger: Ledger, path: Path) -> Path:
    """The whole log as a bundle."""
    with ledger.read() as conn:
        scope = exhibits.everything(conn, "/")
    bundle.export(Maker(ledger, KEY, templates_dir() / "reports"), Wanted(scope, LATER), path)
    return path


@pytest.fixture
def held(ledger: Ledger, past: Chronicle, tmp_path: Path) -> BundledPages:
    return bundled_pages.read(exported(ledger, tmp_path / "bundle"))


def go(ledger: Ledger, held: BundledPages, *, actor: Actor = ADMIN, why: str = WHY) -> Retired:
    return retire(ledger, ["sms"], actor, Going(LATER, held, why))


def check(ledger: Ledger) -> Report:
    return verify(ledger, public_key=KEY.public, origin=KEY.origin)


def codes(ledger: Ledger) -> set[str]:
    return {each.code for each in check(ledger).findings}


def count(ledger: Ledger, table: str) -> int:
    with ledger.read() as conn:
        return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


# --- what goes, and what stays


def test_pages_and_deliveries_go_and_the_log_verifies_and_says_so(
    ledger: Ledger, held: BundledPages
) -> None:
    done = go(ledger, held)
    Sealer(ledger, KEY, "a").seal()
    report = check(ledger)
    assert report.findings == ()
    assert (done.pages, done.dispatches, report.pages, report.size) == (
        PAGES,
        1,
        ACTS + 1,
        ACTS + PAGES + 1,
    )
    assert [count(ledger, table) for table in ("delivery", "attempt", "receipt")] == [0, 0, 0]
    (notice,) = report.notices
    assert notice.where == "retirement(id=1)"
    assert WHY in notice.vi
    assert held.bundle.hex() in notice.en


def test_acts_stay_with_all_that_people_answer_for(ledger: Ledger, held: BundledPages) -> None:
    go(ledger, held)
    with ledger.read() as conn:
        kept = conn.scalars(text("SELECT name FROM act ORDER BY page_id")).all()
        read = conn.execute(text("SELECT count(*) FROM act a JOIN page p ON p.id = a.page_id"))
    assert kept == ["draft", "propose", "approve", "start", "seal", "seal", "retire"]
    assert read.scalar_one() == len(kept)


def test_the_act_says_which_pages_went_and_what_holds_them(
    ledger: Ledger, held: BundledPages
) -> None:
    done = go(ledger, held)
    with ledger.read() as conn:
        page = text(
            "SELECT p.body FROM page p JOIN act a ON a.page_id = p.id AND a.name = 'retire'"
        )
        facts = json.loads(bytes(conn.execute(page).scalar_one())[3:])["facts"]
    assert facts.pop("gone")
    assert facts == {
        "first_page": 1,
        "last_page": done.last_page,
        "bundle": held.bundle.hex(),
        "pages": PAGES,
        "entries": done.entries,
        "deliveries": PEOPLE,
        "why": WHY,
    }


def test_the_log_grows_and_is_sealed_on_afterwards(ledger: Ledger, held: BundledPages) -> None:
    go(ledger, held)
    with ledger.begin() as conn:
        chronicle.note(conn, 1)
        page_leaves.ensure(conn)
    Sealer(ledger, KEY, "a").seal()
    report = check(ledger)
    assert (report.findings, report.size) == ((), ACTS + PAGES + 2)


def test_what_went_does_not_go_again(ledger: Ledger, held: BundledPages) -> None:
    go(ledger, held)
    with pytest.raises(Conflict) as refused:
        go(ledger, held)
    assert refused.value.code == "nothing_to_retire"


# --- what holds it


def _unfinished(conn: Connection) -> None:
    conn.execute(text("UPDATE dispatch SET state = 'running', finished_at = NULL"))


def _listening(conn: Connection) -> None:
    values = {"accepted": int(Status.ACCEPTED)}
    conn.execute(text("UPDATE tally SET status = :accepted WHERE count > 0"), values)
    conn.execute(text("DELETE FROM tally_delta"))
    conn.execute(
        text(
            "INSERT INTO tally (dispatch_id, channel, status, reason, count, parts) "
            "VALUES (1, 'sms', :accepted, 99, 1, 1)"
        ),
        values,
    )


def _word_waiting(conn: Connection) -> None:
    conn.execute(
        text(
            "INSERT INTO receipt (digest, dispatch_id, provider_ref, status, reason, evidence, "
            "code, at, received_at, state) VALUES (:d, 1, 'SM', 7, 0, 2, '', 1, 1, 0)"
        ),
        {"d": b"d"},
    )


@pytest.mark.parametrize("hold", [_unfinished, _listening, _word_waiting])
def test_a_dispatch_that_is_not_over_holds_its_pages(
    ledger: Ledger, held: BundledPages, hold: Callable[[Connection], None]
) -> None:
    with ledger.begin() as conn:
        hold(conn)
    with pytest.raises(Conflict) as refused:
        go(ledger, held)
    assert refused.value.code == "nothing_to_retire"
    assert count(ledger, "delivery") == PEOPLE


def test_a_word_after_the_seal_holds_the_dispatch(
    ledger: Ledger, held: BundledPages, past: Chronicle
) -> None:
    chronicle.move(ledger, past.place, [chronicle.word(4, Status.SEEN)], NOW + 90_000)
    with pytest.raises(Conflict):
        go(ledger, held)


def test_pages_from_the_day_named_on_stay(ledger: Ledger, held: BundledPages) -> None:
    with pytest.raises(Conflict):
        retire(ledger, ["sms"], ADMIN, Going(NOW, held, WHY))
    with pytest.raises(BadInput):
        retire(ledger, ["sms"], ADMIN, Going(2**52, held, WHY))


# --- the bundle must hold it all


def _without(held: BundledPages, page: int) -> BundledPages:
    left = {each: digest for each, digest in held.digests.items() if each != page}
    return BundledPages(held.bundle, left)


def _other(held: BundledPages, page: int) -> BundledPages:
    return BundledPages(held.bundle, {**held.digests, page: bytes(32)})


@pytest.mark.parametrize("spoil", [_without, _other])
def test_a_bundle_that_lacks_a_page_is_refused_and_nothing_changes(
    ledger: Ledger, held: BundledPages, spoil: Callable[[BundledPages, int], BundledPages]
) -> None:
    with ledger.read() as conn:
        first = text("SELECT min(id) FROM page WHERE id NOT IN (SELECT page_id FROM act)")
        page = conn.execute(first).scalar_one()
    with pytest.raises(Conflict) as refused:
        go(ledger, spoil(held, page))
    assert refused.value.code == "bundle_lacks_page"
    assert f"page {page}" in refused.value.en
    assert (count(ledger, "page"), count(ledger, "retirement")) == (ACTS + PAGES, 0)
    assert check(ledger).verified


def test_a_zip_is_read_as_its_folder_is(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    finished(sqlite_ledger)
    path = exported(sqlite_ledger, tmp_path / "bundle")
    folder.pack(path, tmp_path / "bundle.zip")
    assert bundled_pages.read(tmp_path / "bundle.zip") == bundled_pages.read(path)


def _no_manifest(path: Path) -> None:
    (path / "manifest.json").unlink()


def _line_cut(path: Path) -> None:
    lines = (path / "pages.jsonl").read_text().splitlines(keepends=True)
    (path / "pages.jsonl").write_text("".join(lines[:-1]))


def _no_json(path: Path) -> None:
    (path / "pages.jsonl").write_text("trang sổ")


def _no_folder(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("không phải gói")


@pytest.mark.parametrize("spoil", [_no_manifest, _line_cut, _no_json, _no_folder])
def test_what_is_no_whole_bundle_is_named(
    sqlite_ledger: Ledger, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    finished(sqlite_ledger)
    path = exported(sqlite_ledger, tmp_path / "bundle")
    spoil(path)
    with pytest.raises(BadInput) as refused:
        bundled_pages.read(path)
    assert refused.value.code == "no_bundle"


# --- who


@pytest.mark.parametrize(
    ("actor", "why", "error"),
    [
        (Actor(7, 1, "/1/", "", "Soạn", frozenset({"author"}), "live"), WHY, Forbidden),
        (Actor(7, 2, "/1/2/", "", "Xã", frozenset({"administrator"}), "live"), WHY, Forbidden),
        (ADMIN, "  ", BadInput),
    ],
    ids=["another role", "an agency below", "no reason"],
)
def test_only_an_administrator_of_the_top_retires_and_says_why(
    ledger: Ledger, held: BundledPages, actor: Actor, why: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        go(ledger, held, actor=actor, why=why)
    assert count(ledger, "retirement") == 0


# --- tampering under cover of a retirement

_SLIPPED = (
    "INSERT INTO retirement (first_page, last_page, bundle, entries, {by}, at) "
    "VALUES (1, 10, :bundle, 1, 1, 1)"
)


def _delete_page(conn: Connection) -> None:
    conn.execute(text("DELETE FROM page WHERE id NOT IN (SELECT page_id FROM act)"))


def _slip_in(conn: Connection) -> None:
    conn.execute(text(_SLIPPED.format(by='"by"')), {"bundle": bytes(32)})
    for statement in ("DELETE FROM page WHERE id NOT IN (SELECT page_id FROM act)",
                      "DELETE FROM delivery", "DELETE FROM attempt"):  # fmt: skip
        conn.execute(text(statement))


@pytest.mark.parametrize(
    ("tamper", "code"), [(_delete_page, "page_missing"), (_slip_in, "retirement_undeclared")]
)
def test_pages_that_go_without_an_act_are_named(
    ledger: Ledger, past: Chronicle, tamper: Callable[[Connection], None], code: str
) -> None:
    with ledger.begin() as conn:
        drop_guards(conn)
        tamper(conn)
    assert code in codes(ledger)


TAMPERED = (
    ("DELETE FROM page WHERE id = 2", "retirement_pages"),
    ("UPDATE retirement SET bundle = digest FROM leaf WHERE position = 0", "retirement_differs"),
    ("UPDATE retirement SET entries = entries + 1", "retirement_differs"),
    ('UPDATE retirement SET "by" = 8', "retirement_differs"),
    ("UPDATE retirement SET last_page = last_page + 1", "retirement_differs"),
    ("DELETE FROM retirement", "retirement_missing"),
    (
        (
            "INSERT INTO delivery (part, dispatch_id, id, step, channel, target_kind, target_id, "
            "lang, status, reason, evidence, attempt, n, page_id, parts, word_at, updated_at) "
            "SELECT part, id, 1, 1, 'sms', 1, 1, 'vi', 7, 0, 2, 1, 1, 4, 1, 0, 1 FROM dispatch"
        ),
        "birth_missing",
    ),
    (
        (
            'INSERT INTO retirement (first_page, last_page, bundle, entries, "by", at) '
            'SELECT first_page, last_page, bundle, entries, "by", at FROM retirement'
        ),
        "retirement_span",
    ),
)


@pytest.mark.parametrize(("statement", "code"), TAMPERED)
def test_what_was_changed_behind_a_retirement_is_named(
    ledger: Ledger, held: BundledPages, statement: str, code: str
) -> None:
    go(ledger, held)
    with ledger.begin() as conn:
        drop_guards(conn)
        conn.execute(text(statement))
    assert code in codes(ledger)


# --- what the database itself refuses


def refused(ledger: Ledger, statement: str) -> bool:
    try:
        with ledger.begin() as conn:
            conn.execute(text(statement))
    except DBAPIError as error:
        return "append-only" in str(error.orig)
    return False


def test_neither_acts_nor_pages_outside_retired_spans_can_be_deleted(
    ledger: Ledger, held: BundledPages
) -> None:
    go(ledger, held)
    with ledger.begin() as conn:
        chronicle.note(conn, 1)
    for statement in (
        "DELETE FROM page WHERE id = 1",
        "DELETE FROM page WHERE id = (SELECT max(id) FROM page)",
        "UPDATE page SET count = 1 WHERE id = 1",
    ):
        assert refused(ledger, statement), statement


FORBIDDEN = (
    "DELETE FROM {name}",
    "UPDATE {name} SET count = count",
    "TRUNCATE {name}",
    "SET session_replication_role = replica; DELETE FROM {name}",
    "SET session_replication_role = replica; TRUNCATE {name}",
)
PARTITIONS = ("page_0", "page_1", "page_2", "page_default")


@pytest.fixture
def exchanged(postgres_ledger: Ledger, tmp_path: Path) -> Iterator[Ledger]:
    """A database in which a partition was exchanged, another made by the beat, one strayed into."""
    finished(postgres_ledger)
    go(postgres_ledger, bundled_pages.read(exported(postgres_ledger, tmp_path / "bundle")))
    with postgres_ledger.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO page (id, body, count, digest, created_at) "
                "SELECT place, '', 1, '', 1 FROM unnest(ARRAY[250000, 99000000]) AS place"
            )
        )
    return postgres_ledger


@pytest.mark.parametrize("name", PARTITIONS)
def test_every_partition_refuses_what_the_log_refuses(exchanged: Ledger, name: str) -> None:
    assert count(exchanged, name)
    for statement in FORBIDDEN:
        assert refused(exchanged, statement.format(name=name)), statement


def test_partitions_are_made_ahead_and_not_over_pages_that_strayed(
    postgres_ledger: Ledger,
) -> None:
    span = page_leaves.SPAN
    strayed = 5 * span + 1
    with postgres_ledger.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO page (id, body, count, digest, created_at) VALUES (:id, '', 1, '', 1)"
            ),
            {"id": strayed},
        )
        conn.execute(text("SELECT setval('page_id_seq', :last)"), {"last": 4 * span})
        page_leaves.ensure(conn)
        found = set(conn.scalars(text(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = 'page'::regclass"
        )))  # fmt: skip
    assert found == {"page_0", "page_1", "page_2", "page_4", "page_6", "page_default"}


def test_while_somebody_reads_the_default_the_next_beat_makes_them(
    postgres_ledger: Ledger,
) -> None:
    with postgres_ledger.begin() as conn:
        conn.execute(text("SELECT setval('page_id_seq', :last)"), {"last": 4 * page_leaves.SPAN})
    with postgres_ledger.read() as reader:
        reader.execute(text("SELECT count(*) FROM page")).scalar_one()
        with postgres_ledger.begin() as conn:
            page_leaves.ensure(conn)
    assert not there(postgres_ledger, "page_4")
    with postgres_ledger.begin() as conn:
        page_leaves.ensure(conn)
    assert there(postgres_ledger, "page_4")


def there(ledger: Ledger, name: str) -> bool:
    with ledger.read() as conn:
        return conn.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None
