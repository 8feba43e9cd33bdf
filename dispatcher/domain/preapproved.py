"""Pre-approved texts (mẫu duyệt sẵn): a content with blanks that one person may fill at night."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatcher.domain.approvals import HOUR_MS, Way, require_level
from dispatcher.domain.authoring import Fields, coming, missing, wrong_type
from dispatcher.domain.canonical import canonical, plain
from dispatcher.domain.checks import known_kind
from dispatcher.domain.content import ANY_LANGUAGE, Content, Texts
from dispatcher.domain.errors import BadInput
from dispatcher.domain.kinds import Kind

#: No blank is longer (characters): who needs more needs another text, and a second person.
LONGEST_BLANK = 120

#: How long such a text may stay valid once released.
LONGEST_VALIDITY_MS = 48 * HOUR_MS

#: A value of the greatest length is made of these words, to see that every channel can carry it.
_FILLER = "nước lũ lên nhanh "


@dataclass(frozen=True, slots=True)
class Blank:
    """A fact that is filled at release: freely up to ``longest`` characters, or from choices."""

    name: str
    longest: int
    choices: tuple[Texts, ...] = ()

    def check(self, value: Texts) -> None:
        """Raises BadInput for a value that the approver has not allowed for."""
        field = f"facts.{self.name}"
        if self.choices:
            if dict(value) not in [dict(each) for each in self.choices]:
                known = "; ".join(" / ".join(each.values()) for each in self.choices)
                raise BadInput(
                    "not_a_choice",
                    f"'{field}' chỉ nhận một trong: {known}.",
                    f"'{field}' must be one of: {known}.",
                    field=field,
                )
            return
        for text in value.values():
            _check_free(field, text, self.longest)

    def widest(self, languages: Sequence[str]) -> Texts:
        """The longest value it can take."""
        if self.choices:
            return max(self.choices, key=lambda each: max(map(len, each.values())))
        text = (_FILLER * self.longest)[: self.longest].strip()
        return dict.fromkeys(languages, text)


def _check_free(field: str, text: str, longest: int) -> None:
    if not text or len(text) > longest or "\n" in text:
        raise BadInput(
            "bad_blank",
            f"'{field}' phải là một dòng, tối đa {longest} ký tự.",
            f"'{field}' must be one line of at most {longest} characters.",
            field=field,
        )
    if "://" in text or "www." in text.casefold():
        raise BadInput(
            "link_in_blank",
            f"'{field}' không được có đường dẫn: nội dung này không qua người duyệt thứ hai.",
            f"'{field}' must not contain a link: no second person reads it.",
            field=field,
        )


@dataclass(frozen=True, slots=True)
class Preapproved:
    """A text that was approved in advance. ``until_at``: epoch ms, 0 for no end.

    ``content`` lacks the facts that are blanks and has no ``valid_until``; its level is the
    highest at which it goes out. ``longest_ms``: how long a release of it may be valid.
    """

    name: str
    content: Content
    blanks: tuple[Blank, ...]
    channels: tuple[str, ...]
    longest_ms: int
    until_at: int

    @property
    def digest(self) -> bytes:
        """What its approval is bound to: all of it."""
        return hashlib.sha256(canonical(plain(self))).digest()

    def filled(self, values: Mapping[str, Texts], valid_until: int) -> Content:
        """The content with every blank filled. Raises BadInput for what was not foreseen."""
        known = {each.name: each for each in self.blanks}
        for name in values.keys() - known.keys():
            raise BadInput(
                "not_a_blank",
                f"Mẫu này không cho điền '{name}'. Được điền: {', '.join(known)}.",
                f"'{name}' cannot be filled in here. Blanks: {', '.join(known)}.",
                field=f"facts.{name}",
            )
        for name, blank in known.items():
            if name not in values:
                raise missing(f"facts.{name}")
            blank.check(values[name])
        facts = {**self.content.facts, **values}
        return replace(self.content, facts=facts, valid_until=valid_until)

    def widest(self, now: int) -> Content:
        """The content with every blank at its longest, as it would go out now."""
        values = {each.name: each.widest(self.content.languages) for each in self.blanks}
        return replace(
            self.content, facts={**self.content.facts, **values}, valid_until=now + self.longest_ms
        )


def to_values(given: Mapping[str, Any]) -> Mapping[str, Texts]:
    """Values of blanks as people give them: a plain text serves every language."""
    fields = Fields({"facts": dict(given)})
    return fields.nested("facts", ANY_LANGUAGE)


def parse(document: Mapping[str, Any], kinds: Mapping[str, Kind], now: int) -> Preapproved:
    """One from a bulletin's document with a table ``preapproved``. Raises BadInput.

    ``[preapproved]`` has ``name``, ``channels``, ``valid_h`` (hours), ``until`` and a table
    ``blanks``: name → ``{longest = 60}`` or ``{choices = ["…", "…"]}``.
    """
    kind = known_kind(document.get("kind"), kinds)
    fields = Fields(document).table("preapproved")
    name, longest_ms = fields.needed("name"), _validity(fields)
    channels, until_at = _channels(fields, kind), _until(fields, now)
    blanks = tuple(_blank(*each) for each in fields.anything("blanks").items())
    fields.finish()
    content = _content(document, blanks, longest_ms, kinds, now)
    require_level(Way.DUTY, content.level)
    return Preapproved(name, content, blanks, channels, longest_ms, until_at)


def _content(
    document: Mapping[str, Any],
    blanks: Sequence[Blank],
    longest_ms: int,
    kinds: Mapping[str, Kind],
    now: int,
) -> Content:
    """The document's content without the blanks, after a look at it with all of them filled."""
    title = document.get("title")
    languages = tuple(title) if isinstance(title, Mapping) else ("vi",)
    widest = {each.name: dict(each.widest(languages)) for each in blanks}
    given = document.get("facts", {})
    body = {key: value for key, value in document.items() if key != "preapproved"}
    body |= {"valid_until": f"+{longest_ms // HOUR_MS}h"}
    body |= {"facts": {**given, **widest}} if isinstance(given, Mapping) else {}
    whole = Content.from_document(body, kinds=kinds, now=now)
    facts = {name: value for name, value in whole.facts.items() if name not in widest}
    return replace(whole, facts=facts, valid_until=0)


def stored(
    name: str, content: bytes, blanks: Sequence[Mapping[str, Any]], channels: Sequence[str],
    longest_ms: int, until_at: int | None,
) -> Preapproved:  # fmt: skip
    """One as it was kept."""
    made = tuple(_stored_blank(each) for each in blanks)
    kept = Content.from_bytes(content)
    return Preapproved(name, kept, made, tuple(channels), longest_ms, until_at or 0)


def _stored_blank(row: Mapping[str, Any]) -> Blank:
    return Blank(row["name"], row["longest"], tuple(dict(each) for each in row["choices"]))


def _validity(fields: Fields) -> int:
    longest = fields.whole("valid_h") * HOUR_MS
    if not 0 < longest <= LONGEST_VALIDITY_MS:
        hours = LONGEST_VALIDITY_MS // HOUR_MS
        raise BadInput(
            "bad_validity",
            f"'preapproved.valid_h' phải từ 1 đến {hours} giờ.",
            f"'preapproved.valid_h' must be from 1 to {hours} hours.",
            field="preapproved.valid_h",
        )
    return longest


def _until(fields: Fields, now: int) -> int:
    given = fields.value("until")
    return coming(given, "preapproved.until", now) if given else 0


def _channels(fields: Fields, kind: Kind) -> tuple[str, ...]:
    chosen = _listed(fields.value("channels"), "preapproved.channels")
    return tuple(dict.fromkeys(str(each) for each in chosen)) or kind.channels


def _blank(name: str, row: Any) -> Blank:
    place = f"preapproved.blanks.{name}"
    if not isinstance(row, Mapping):
        raise wrong_type(place, "{longest = 60} hoặc {choices = […]}", "a table")
    fields = Fields(row, place)
    longest = fields.whole("longest")
    choices = _listed(fields.value("choices"), f"{place}.choices")
    fields.finish()
    if not choices and not 0 < longest <= LONGEST_BLANK:
        vi, en = f"từ 1 đến {LONGEST_BLANK} ký tự", f"from 1 to {LONGEST_BLANK} characters"
        raise wrong_type(f"{place}.longest", vi, en)
    values = (Fields({"choice": each}, place).texts("choice", ANY_LANGUAGE) for each in choices)
    return Blank(name, longest, tuple(values))


def _listed(value: Any, field: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type(field, "một danh sách", "a list")
    return value
