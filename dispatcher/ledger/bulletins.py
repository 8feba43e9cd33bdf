"""Bulletins, their immutable versions and renditions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.content import Content
from dispatcher.domain.model import Media
from dispatcher.domain.rendition import Rendition
from dispatcher.ledger import traces
from dispatcher.ledger.entries import canonical
from dispatcher.ledger.tables import bulletin, kind, media, rendition, version


@dataclass(frozen=True, slots=True)
class Saved:
    """A version as stored."""

    bulletin: int
    version: int
    digest: bytes


def put_kinds(conn: Connection, kinds: Mapping[str, Mapping[str, Any]]) -> None:
    """Store kinds as data rows: code → {"name": …, …}. Known ones are replaced."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = dialect(kind)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["code"],
            set_={"name": statement.excluded.name, "rules": statement.excluded.rules},
        ),
        [
            {"code": code, "name": rules["name"]["vi"], "rules": dict(rules)}
            for code, rules in kinds.items()
        ],
    )


def new(
    conn: Connection,
    *,
    agency: int,
    kind_code: str,
    author: int,
    now: int,
    relation: str | None,
    relates_to: int | None,
) -> int:
    """A bulletin without a version yet."""
    return int(
        conn.execute(
            insert(bulletin)
            .values(
                agency_id=agency,
                kind=kind_code,
                relation=relation,
                relates_to=relates_to,
                created_by=author,
                created_at=now,
            )
            .returning(bulletin.c.id)
        ).scalar_one()
    )


def add_version(
    conn: Connection,
    bulletin_id: int,
    content: Content,
    renditions: Sequence[Rendition],
    author: int,
    now: int,
) -> Saved:
    """Store the next version with all its renditions. None of it can be changed afterwards."""
    last = conn.scalar(
        select(func.max(version.c.number)).where(version.c.bulletin_id == bulletin_id)
    )
    body = content.to_bytes()
    digest = version_digest(content, renditions)
    version_id = conn.execute(
        insert(version)
        .values(
            bulletin_id=bulletin_id,
            number=(last or 0) + 1,
            content=body,
            digest=digest,
            created_by=author,
            created_at=now,
        )
        .returning(version.c.id)
    ).scalar_one()
    conn.execute(
        insert(rendition),
        [
            {
                "version_id": version_id,
                "channel": each.channel,
                "lang": each.lang,
                "body": each.to_bytes(),
                "digest": bytes.fromhex(each.digest),
            }
            for each in renditions
        ],
    )
    traces.symbol(conn, content.symbol, bulletin_id)
    return Saved(bulletin_id, version_id, digest)


def version_digest(content: Content, renditions: Sequence[Rendition]) -> bytes:
    """What an approval is bound to: the content and every rendition, spoken words included."""
    hashes = sorted((each.channel, each.lang, each.digest) for each in renditions)
    return hashlib.sha256(canonical([content.digest, hashes])).digest()


def load_version(conn: Connection, version_id: int) -> Row[Any] | None:
    """The version's row with its bulletin's agency, kind and relation."""
    query = (
        select(
            version,
            bulletin.c.agency_id,
            bulletin.c.kind,
            bulletin.c.relation,
            bulletin.c.relates_to,
        )
        .join(bulletin, bulletin.c.id == version.c.bulletin_id)
        .where(version.c.id == version_id)
    )
    return conn.execute(query).one_or_none()


def owner(conn: Connection, bulletin_id: int) -> int | None:
    """The agency a bulletin belongs to."""
    agency: int | None = conn.scalar(
        select(bulletin.c.agency_id).where(bulletin.c.id == bulletin_id)
    )
    return agency


def kind_of(conn: Connection, bulletin_id: int) -> str:
    """The code of a bulletin's kind."""
    query = select(bulletin.c.kind).where(bulletin.c.id == bulletin_id)
    return str(conn.execute(query).scalar_one())


def content_of(conn: Connection, version_id: int) -> Content:
    return Content.from_bytes(
        conn.execute(select(version.c.content).where(version.c.id == version_id)).scalar_one()
    )


def renditions_of(conn: Connection, version_id: int) -> list[Rendition]:
    query = (
        select(rendition.c.body)
        .where(rendition.c.version_id == version_id)
        .order_by(rendition.c.channel, rendition.c.lang)
    )
    return [Rendition.from_bytes(body) for body in conn.scalars(query)]


def put_media(
    conn: Connection, sound: Media, data: bytes, *, recipe: str, lufs: float, now: int
) -> None:
    """Keep a sound under its content; again is nothing."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    conn.execute(
        dialect(media)
        .values(
            sha256=sound.sha256,
            recipe=recipe,
            mime=sound.mime,
            duration_ms=sound.duration_ms,
            lufs=lufs,
            data=data,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )


def media_data(conn: Connection, sha256: str) -> bytes | None:
    return conn.scalar(select(media.c.data).where(media.c.sha256 == sha256))
