"""What a kind asks of a bulletin. Each check raises ``BadInput`` with the field and the way out."""

import re
from collections.abc import Iterable, Mapping

from dispatcher.domain.authoring import Remark, missing
from dispatcher.domain.errors import BadInput
from dispatcher.domain.kinds import FactRule, Kind
from dispatcher.domain.model import Exposure, Level, Relation

#: Số và ký hiệu văn bản (Nghị định 30/2020/NĐ-CP): ``07/CT-TTg``, ``29/2021/QĐ-UBND``.
SYMBOL = re.compile(r"\d{1,5}(/\d{4})?/[A-ZĐ][0-9A-ZĐƠƯĂÂÊÔa-z]*(-[0-9A-ZĐƠƯa-z]+)*")


def known_kind(code: object, kinds: Mapping[str, Kind]) -> Kind:
    """The kind of this code."""
    if not isinstance(code, str) or code not in kinds:
        known = ", ".join(kinds)
        raise BadInput(
            "unknown_kind",
            f"Không có loại tin '{code or ''}'. Chọn một trong: {known}.",
            f"There is no kind '{code or ''}'. Choose one of: {known}.",
            field="kind",
        )
    return kinds[code]


def level(given: Level, kind: Kind) -> None:
    """A kind caps the level, so that an emergency stays an emergency."""
    if not kind.allows(given):
        raise BadInput(
            "level_too_high",
            f"Loại tin '{kind.name['vi']}' chỉ được đến mức '{kind.highest}', không được "
            f"'{given}'. Hạ mức ưu tiên hoặc chọn loại tin khác.",
            f"The kind '{kind.name['en']}' goes up to level '{kind.highest}', not '{given}'. "
            "Lower the level or choose another kind.",
            field="level",
        )


def exposure(given: Exposure, kind: Kind) -> None:
    """Facts about one person only in kinds that are meant for them."""
    if given not in kind.exposures:
        raise BadInput(
            "bad_exposure",
            f"Loại tin '{kind.name['vi']}' không được có phạm vi '{given}'. Bỏ thông tin về "
            "cá nhân hoặc chọn loại tin khác.",
            f"The kind '{kind.name['en']}' cannot have the exposure '{given}'. Leave facts about "
            "one person out or choose another kind.",
            field="exposure",
        )


def validity(valid_until: int, given: Level, now: int) -> None:
    """Mandatory above normal (docs/design.md §7), and in the future."""
    if not valid_until and given is not Level.NORMAL:
        raise BadInput(
            "valid_until_missing",
            f"Tin mức '{given}' phải có thời hạn hiệu lực. Ghi 'valid_until', ví dụ \"+6h\".",
            f"A bulletin of level '{given}' must have an end. Give 'valid_until', e.g. \"+6h\".",
            field="valid_until",
        )
    if valid_until and valid_until <= now:
        raise BadInput(
            "valid_until_past",
            "Thời hạn hiệu lực đã qua. Ghi 'valid_until' muộn hơn hiện tại.",
            "The bulletin's end has passed. Give a 'valid_until' later than now.",
            field="valid_until",
        )


def relation(given: Relation | None, kind: Kind) -> None:
    """A kind that ends or corrects names the bulletin to which it does so."""
    if kind.relation and given is not kind.relation:
        raise BadInput(
            "relation_missing",
            f"Loại tin '{kind.name['vi']}' phải ghi tin trước đó trong 'related' với "
            f'relation = "{kind.relation}".',
            f"The kind '{kind.name['en']}' must name the earlier bulletin in 'related' with "
            f'relation = "{kind.relation}".',
            field="related",
        )


def drill(kind: Kind, *, drill: bool) -> None:
    """A kind that is always a drill cannot be declared real."""
    if kind.drill and not drill:
        raise BadInput(
            "drill_not_marked",
            f"Loại tin '{kind.name['vi']}' luôn là diễn tập. Bỏ mục 'drill = false'.",
            f"The kind '{kind.name['en']}' is always a drill. Leave 'drill = false' out.",
            field="drill",
        )


def languages(name: str, texts: Mapping[str, str], kind: Kind, used: Iterable[str]) -> None:
    """A text is given in each language that the kind asks for and in each that is ``used``."""
    for lang in dict.fromkeys([*kind.languages, *used]):
        if not texts.get(lang):
            raise _untranslated(name, lang)


def facts(given: Mapping[str, Mapping[str, str]], kind: Kind, used: Iterable[str]) -> None:
    """Every required fact is there, in every language where it is translated, and no other."""
    known = {rule.name: rule for rule in kind.facts}
    for name in given:
        if name not in known:
            raise _unknown_fact(name, kind)
    for rule in kind.facts:
        _fact(rule, given.get(rule.name, {}), tuple(used))


def symbol(given: str) -> Remark | None:
    """A document symbol may follow (bổ sung sau); one that looks wrong is worth a second look."""
    if not given:
        return Remark(
            "symbol_missing",
            "Chưa có số, ký hiệu văn bản. Có thể bổ sung sau khi phát.",
            "There is no document symbol yet. It may follow after sending.",
        )
    if not SYMBOL.fullmatch(given):
        return Remark(
            "symbol_unusual",
            f"Số, ký hiệu văn bản '{given}' không theo mẫu thường dùng, như 12/TB-UBND.",
            f"The document symbol '{given}' is not of the usual form, such as 12/TB-UBND.",
        )
    return None


def _fact(rule: FactRule, values: Mapping[str, str], used: tuple[str, ...]) -> None:
    if not any(values.values()):
        if rule.required:
            raise _missing_fact(rule)
        return
    if "und" in values and not (rule.translated and len(used) > 1):
        return
    for lang in used:
        if not values.get(lang):
            raise _untranslated(f"facts.{rule.name}", lang)


def _missing_fact(rule: FactRule) -> BadInput:
    error = missing(f"facts.{rule.name}")
    return BadInput(
        "missing_fact",
        f"Thiếu thông tin '{rule.label['vi']}' (facts.{rule.name}). Ví dụ: {rule.example}",
        f"The fact '{rule.label['en']}' (facts.{rule.name}) is missing. Example: {rule.example}",
        field=error.field,
    )


def _unknown_fact(name: str, kind: Kind) -> BadInput:
    known = ", ".join(rule.name for rule in kind.facts)
    return BadInput(
        "unknown_field",
        f"Loại tin '{kind.name['vi']}' không có thông tin '{name}'. Có: {known}.",
        f"The kind '{kind.name['en']}' has no fact '{name}'. It has: {known}.",
        field=f"facts.{name}",
    )


def _untranslated(name: str, lang: str) -> BadInput:
    return BadInput(
        "missing_language",
        f"'{name}' chưa có bản tiếng '{lang}'. Ghi thêm '{name}.{lang}', hoặc bỏ tiếng '{lang}' "
        "khỏi cả bản tin.",
        f"'{name}' has no text in '{lang}'. Give '{name}.{lang}', or leave '{lang}' out of the "
        "whole bulletin.",
        field=f"{name}.{lang}",
    )
