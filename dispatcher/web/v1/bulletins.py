"""Bulletins: written, looked at in every rendition, versioned. Nothing is sent from here."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from dispatcher.author import author, preview
from dispatcher.bootstrap import Runtime
from dispatcher.domain import authority
from dispatcher.domain.authoring import Remark
from dispatcher.domain.canonical import plain
from dispatcher.domain.content import Content, remarks
from dispatcher.domain.errors import BadInput
from dispatcher.domain.rendition import Rendition
from dispatcher.ledger import bulletins, desk, reading
from dispatcher.ledger.bulletins import Saved
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.v1.documents import BODY, Channels, Written
from dispatcher.web.v1.shapes import MOST, Before, Limit, Number

router = APIRouter(prefix="/bulletins", tags=["bulletins"])


class Note(BaseModel):
    """A warning for author and approver; never a reason to refuse."""

    code: str
    vi: str
    en: str


class Sound(BaseModel):
    """A sound named by its content. Lengths in bytes and milliseconds."""

    sha256: str
    mime: str
    size: int
    duration_ms: int


class Rendered(BaseModel):
    """What one channel sends in one language, as a sample recipient gets it.

    ``text`` is what is spoken, word for word, where ``shape`` is ``audio``.
    """

    channel: str
    lang: str
    shape: str
    subject: str
    text: str
    html: str
    template: str
    params: dict[str, str]
    sound: Sound | None
    facts: dict[str, str | int]
    remarks: list[Note]


class Preview(BaseModel):
    """Everything that would be sent; nothing is stored."""

    digest: str
    remarks: list[Note]
    renditions: list[Rendered]


class Stored(BaseModel):
    """A version as stored; an approval is bound to ``digest``."""

    bulletin: int
    version: int
    digest: str


class Bulletin(BaseModel):
    """A bulletin. ``relation`` and ``relates_to``: what it does to an earlier one."""

    id: int
    agency: str
    kind: str
    relation: str | None
    relates_to: int | None
    created_at: int


class Page(BaseModel):
    """``next``: pass it as ``before`` for the next page; null on the last one."""

    items: list[Bulletin]
    next: int | None


class Version(BaseModel):
    """One immutable version: the content as approved and hashed, and all renditions."""

    id: int
    number: int
    digest: str
    created_at: int
    content: dict[str, Any]
    renditions: list[Rendered]


class Versions(BaseModel):
    items: list[Version]


RelatesTo = Annotated[
    int | None,
    Query(ge=1, le=MOST, description="The bulletin that `related` corrects, withdraws or ends."),
]


@router.post("/preview", openapi_extra=BODY)
def preview_bulletin(here: Here, written: Written, channels: Channels = None) -> Preview:
    """Every rendition of a document, spoken text included. Nothing is stored or sent."""
    with here.ledger.read() as conn:
        now = desk.now(conn)
    draft = preview(here.authoring, written, _channels(here, written, channels), now)
    return Preview(
        digest=written.digest,
        remarks=_notes(remarks(written)),
        renditions=[rendered(each) for each in draft.renditions],
    )


@router.post("", status_code=201, openapi_extra=BODY)
def write_bulletin(
    here: Here,
    me: Me,
    written: Written,
    channels: Channels = None,
    relates_to: RelatesTo = None,
) -> Stored:
    """Store a new bulletin with its first version and all renditions."""
    _check_relation(here, me, written, relates_to)
    chosen = _channels(here, written, channels)
    return _stored(author(here.ledger, here.authoring, me, written, chosen, relates_to=relates_to))


@router.get("")
def list_bulletins(here: Here, me: Me, before: Before = None, limit: Limit = 50) -> Page:
    """Bulletins of your agency and those below it, newest first."""
    with here.ledger.read() as conn:
        rows = reading.bulletins_page(conn, me.path, before or NEWEST, limit)
    items = [_bulletin(row) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.get("/{bulletin}")
def get_bulletin(here: Here, me: Me, bulletin: Number) -> Bulletin:
    with here.ledger.read() as conn:
        return _bulletin(access.bulletin(conn, me, bulletin))


@router.get("/{bulletin}/versions")
def list_versions(here: Here, me: Me, bulletin: Number) -> Versions:
    """All versions, oldest first."""
    with here.ledger.read() as conn:
        rows = reading.versions_of(conn, access.bulletin(conn, me, bulletin).id)
        shown = [(row, bulletins.renditions_of(conn, row.id)) for row in rows]
    return Versions(items=[_version(row, renditions) for row, renditions in shown])


@router.post("/{bulletin}/versions", status_code=201, openapi_extra=BODY)
def write_version(
    here: Here, me: Me, bulletin: Number, written: Written, channels: Channels = None
) -> Stored:
    """Store the next version of your agency's bulletin. Earlier ones stay as they are."""
    with here.ledger.read() as conn:
        row = access.own_bulletin(conn, me, bulletin)
    authority.require("draft", me.roles)
    _check_kind(row, written)
    chosen = _channels(here, written, channels)
    return _stored(
        author(
            here.ledger,
            here.authoring,
            me,
            written,
            chosen,
            bulletin=row.id,
            relates_to=row.relates_to,
        )
    )


def rendered(each: Rendition) -> Rendered:
    """A rendition for people to read."""
    media = each.sample.media
    return Rendered(
        channel=each.channel,
        lang=each.lang,
        shape=each.shape.value,
        subject=each.sample.subject,
        text=each.sample.text,
        html=each.sample.html,
        template=each.template,
        params=dict(each.sample.params),
        sound=Sound(**plain(media)) if media else None,
        facts=dict(each.facts),
        remarks=_notes(each.remarks),
    )


def _channels(here: Runtime, written: Content, asked: list[str] | None) -> list[str]:
    return asked or list(here.authoring.kinds[written.kind].channels)


def _check_relation(here: Runtime, me: Actor, written: Content, to: int | None) -> None:
    """A relation is to a bulletin of the actor's own part of the tree, or is none."""
    if (written.related is None) != (to is None):
        raise BadInput(
            "relation_unclear",
            "Ghi 'related' trong bản tin và relates_to trong yêu cầu cùng nhau.",
            "Give `related` in the document and `relates_to` in the request together.",
            field="relates_to",
        )
    if to is not None:
        with here.ledger.read() as conn:
            access.own_bulletin(conn, me, to)


def _check_kind(row: Row[Any], written: Content) -> None:
    relation = written.related.relation.value if written.related else None
    if (row.kind, row.relation) != (written.kind, relation):
        raise BadInput(
            "kind_changed",
            "Phiên bản mới phải giữ nguyên loại tin và quan hệ với bản tin trước.",
            "A new version keeps the bulletin's kind and its relation to the earlier one.",
            field="kind",
        )


def _notes(found: Sequence[Remark]) -> list[Note]:
    return [Note(code=each.code, vi=each.vi, en=each.en) for each in found]


def _stored(saved: Saved) -> Stored:
    return Stored(bulletin=saved.bulletin, version=saved.version, digest=saved.digest.hex())


def _bulletin(row: Row[Any]) -> Bulletin:
    return Bulletin(
        id=row.id,
        agency=row.agency_name,
        kind=row.kind,
        relation=row.relation,
        relates_to=row.relates_to,
        created_at=row.created_at,
    )


def _version(row: Row[Any], renditions: Sequence[Rendition]) -> Version:
    return Version(
        id=row.id,
        number=row.number,
        digest=bytes(row.digest).hex(),
        created_at=row.created_at,
        content=plain(Content.from_bytes(row.content)),
        renditions=[rendered(each) for each in renditions],
    )
