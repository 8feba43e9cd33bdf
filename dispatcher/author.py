"""The verb that writes: a content becomes a version with every rendition it will be sent as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.domain import authority, content
from dispatcher.domain.content import Content
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.domain.kinds import Kind
from dispatcher.domain.model import Media, Shape
from dispatcher.domain.ports import SpeechFailed, Studio
from dispatcher.domain.rendering import render
from dispatcher.domain.rendition import Reader, Rendition
from dispatcher.domain.templates import Templates
from dispatcher.ledger import bulletins, desk, dispatches, pages
from dispatcher.ledger.bulletins import Saved
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Desk:
    """What authoring works with: kinds, wording, the readers of numbers, the maker of sound."""

    kinds: Mapping[str, Kind]
    templates: Templates
    readers: Mapping[str, Reader]
    studio: Studio


@dataclass(frozen=True, slots=True)
class Draft:
    """A content rendered for channels, with its sounds; nothing is stored yet."""

    content: Content
    renditions: Sequence[Rendition]
    sounds: Mapping[str, tuple[Media, bytes, float]] = field(default_factory=dict)


def preview(desk_: Desk, written: Content, channels: Sequence[str], now: int) -> Draft:
    """Render every channel without storing or sending. Raises BadInput naming the field."""
    kind = desk_.kinds.get(written.kind)
    if kind is None:
        raise BadInput(
            "unknown_kind",
            f"Không có loại tin '{written.kind}'. Các loại: {', '.join(desk_.kinds)}.",
            f"There is no kind '{written.kind}'. Kinds: {', '.join(desk_.kinds)}.",
            field="kind",
        )
    content.check(written, kind, now)
    silent = render(written, kind, desk_.templates, channels=channels, readers=desk_.readers)
    media, sounds = _record(desk_.studio, silent)
    if not media:
        return Draft(written, silent)
    voiced = render(
        written, kind, desk_.templates, channels=channels, readers=desk_.readers, media=media
    )
    return Draft(written, voiced, sounds)


def _record(
    studio: Studio, renditions: Sequence[Rendition]
) -> tuple[dict[tuple[str, str], Media], dict[str, tuple[Media, bytes, float]]]:
    media: dict[tuple[str, str], Media] = {}
    sounds: dict[str, tuple[Media, bytes, float]] = {}
    for each in renditions:
        if each.shape is not Shape.AUDIO:
            continue
        recipe = studio.recipe(each.sample.text, each.lang, each.channel)
        if recipe not in sounds:
            sounds[recipe] = _spoken(studio, each)
        media[each.channel, each.lang] = sounds[recipe][0]
    return media, sounds


def _spoken(studio: Studio, each: Rendition) -> tuple[Media, bytes, float]:
    try:
        return studio.sound(each.sample.text, each.lang, each.channel)
    except SpeechFailed as error:
        place = f"overrides.{each.channel}.{each.lang}"
        raise BadInput(
            "speech_failed",
            f"Không tạo được lời đọc cho kênh '{each.channel}', tiếng '{each.lang}'. Viết lại lời "
            f"đọc ở '{place}', hoặc bỏ kênh này và đọc, ghi âm trực tiếp tại đài.",
            f"No speech could be made for the channel '{each.channel}' in '{each.lang}'. Reword it "
            f"in '{place}', or leave the channel out and read or record it at the station.",
            field=place,
        ) from error


def author(
    ledger: Ledger,
    desk_: Desk,
    actor: Actor,
    written: Content,
    channels: Sequence[str],
    *,
    bulletin: int | None = None,
    relates_to: int | None = None,
) -> Saved:
    """Store a version and all that it will be sent as; a new bulletin unless one is named.

    ``relates_to``: the bulletin that this one corrects, withdraws or ends.
    """
    authority.require("draft", actor.roles)
    with ledger.read() as conn:
        now = desk.now(conn)
        _check_own(conn, actor, bulletin)
        _check_related(conn, actor, written, relates_to)
        _check_ends(conn, desk_.kinds.get(written.kind), relates_to)
    draft = preview(desk_, written, channels, now)
    with ledger.begin() as conn:
        target = bulletin or new_bulletin(conn, actor, written, now, relates_to=relates_to)
        return store(conn, target, draft, actor.account, now)


def new_bulletin(
    conn: Connection, actor: Actor, written: Content, now: int, *, relates_to: int | None = None
) -> int:
    """A bulletin of the actor's agency, without a version yet."""
    return bulletins.new(
        conn,
        agency=actor.agency,
        kind_code=written.kind,
        author=actor.account,
        now=now,
        relation=written.related.relation.value if written.related else None,
        relates_to=relates_to,
    )


def store(conn: Connection, bulletin: int, draft: Draft, account: int, now: int) -> Saved:
    """Keep a draft as the bulletin's next version, with its sounds, and enter who wrote it."""
    for recipe, (sound, data, lufs) in draft.sounds.items():
        bulletins.put_media(conn, sound, data, recipe=recipe, lufs=lufs, now=now)
    saved = bulletins.add_version(conn, bulletin, draft.content, draft.renditions, account, now)
    pages.record(
        conn,
        "draft",
        f"version:{saved.version}",
        actor=account,
        at=now,
        facts={"bulletin": bulletin, "digest": saved.digest.hex()},
    )
    return saved


def _check_own(conn: Connection, actor: Actor, bulletin: int | None) -> None:
    if bulletin is not None and bulletins.owner(conn, bulletin) != actor.agency:
        raise NotFound("no_bulletin", "Không có bản tin này.", "There is no such bulletin.")


def _check_related(
    conn: Connection, actor: Actor, written: Content, relates_to: int | None
) -> None:
    """Only a bulletin of the own agency that went out can be corrected, withdrawn or ended."""
    if written.related is None and relates_to is None:
        return
    own = relates_to is not None and bulletins.owner(conn, relates_to) == actor.agency
    sent = own and relates_to is not None and dispatches.of_bulletin(conn, relates_to)
    if written.related is None or not sent:
        raise NotFound(
            "unknown_related",
            "Bản tin được cải chính, thu hồi hoặc kết thúc chưa được phát hoặc không có.",
            "The bulletin to be corrected, withdrawn or ended was never sent or does not exist.",
            field="related",
        )


def _check_ends(conn: Connection, kind: Kind | None, relates_to: int | None) -> None:
    """What a kind ends is of the kinds it may end: an all-clear for a flood ends no epidemic."""
    if kind is None or relates_to is None or not kind.ends:
        return
    earlier = bulletins.kind_of(conn, relates_to)
    if earlier not in kind.ends:
        raise BadInput(
            "cannot_end",
            f"Loại tin '{kind.name['vi']}' không kết thúc được tin loại '{earlier}'. Chỉ kết thúc "
            f"được: {', '.join(kind.ends)}.",
            f"The kind '{kind.name['en']}' cannot end one of kind '{earlier}'. It ends: "
            f"{', '.join(kind.ends)}.",
            field="related",
        )
