"""Document symbols: `07/CT-TTg`, `49/2024/NĐ-CP`, `1273/BTTTT-TTCS`, `91/2025/QH15`, `57-NQ/TW`.

Nghị định 30/2020/NĐ-CP, phụ lục III: number, year for legal acts, type, issuing body; an official
letter (công văn) has no type.
Spoken as "Chỉ thị số không bảy của Thủ tướng Chính phủ". What the sentence already says (the type,
"số", "của …") is not repeated;
the drafting unit after the body (`-TTCS`, `-VX`) is not spoken. An unknown body is spelled.
"""

import re

from dispatcher.speech.reading.document_codes import BODIES, TYPES
from dispatcher.speech.reading.letters import spell
from dispatcher.speech.reading.numbers import cardinal, spell_digits

_NOUNS = sorted(
    {*TYPES.values(), "Luật", "Bộ luật", "Văn bản", "Thông tư", "Công văn"}, key=len, reverse=True
)
_SYMBOL = re.compile(
    r"(?<![\w/.-])(\d{1,5})(?:/((?:19|20)\d\d))?[/-]([A-ZĐ][A-Za-zĐƯÂđ]*\d{0,2})((?:[-/][A-ZĐ][A-Za-z0-9ĐƠƯĂÂÊÔđ&]*)*)(?![\w/])"
)
_CODES = "|".join(sorted(TYPES, key=len, reverse=True))
_NOUN_BEFORE = re.compile(
    rf"(?i)(?:\b({'|'.join(_NOUNS)})\s+|(?-i:(?<!\w)(?:{_CODES}))\s+(?=số|$))?(số\s*:?\s*)?$"
)
_SENTENCE_END = re.compile(r"[.;!?\n]\s")
_ISSUER_AFTER = re.compile(
    r"[,\s]*(?:(?:ban hành\s+)?(?:ngày|năm)?[\s\d/.-]*(?:tháng[\s\d]+năm[\s\d]+)?,?\s*)?của\s"
)
_TERM = re.compile(r"(QH|UBTVQH|HĐND)(\d{1,2})$")
_REACH = 160  # characters: the longest title of an act between its type and its number


def _sentence_before(match: re.Match[str]) -> str:
    text = match.string[max(0, match.start() - _REACH) : match.start()]
    return _SENTENCE_END.split(text)[-1]


def body(code: str) -> str:
    """The issuing body for a code, with the term of an assembly; spelled when unknown."""
    if code in BODIES:
        return BODIES[code]
    term = _TERM.match(code)
    if term:
        return f"{BODIES[term[1]]} khóa {cardinal(int(term[2]))}"
    return spell(code)


def _number(written: str, year: str | None) -> str:
    words = spell_digits(written) if written.startswith("0") else cardinal(int(written))
    return words if year is None else f"{words} năm {cardinal(int(year))}"


def _type_and_body(first: str, rest: list[str]) -> tuple[str, str]:
    if first not in TYPES:
        return ("Văn bản" if _TERM.match(first) else "Công văn"), body(first)
    if first == "TTLT":
        return TYPES[first], " và ".join(map(body, rest))
    return TYPES[first], body(rest[0]) if rest else ""


def _announce(match: re.Match[str]) -> tuple[str, str]:
    """The words of one symbol and what of the text before it they replace."""
    number, year, first, rest = match.groups()
    noun, issuer = _type_and_body(first, re.findall(r"[^-/]+", rest))
    sentence = _sentence_before(match)
    direct = _NOUN_BEFORE.search(sentence)
    replaced = direct[0][len(f"{direct[1] or ''}") :].lstrip() if direct else ""
    named = (
        bool(direct and direct[1])
        or noun.lower() in sentence.lower()
        or (noun == "Văn bản" and "uật" in sentence)
    )
    words = f"{'' if named else noun + ' '}số {_number(number, year)}"
    if issuer and not _ISSUER_AFTER.match(match.string, match.end()):
        words += f" của {issuer}"
    return words, replaced


def read_documents(text: str) -> str:
    """Every document symbol; runs before dates, whose slashes it shares."""
    pieces: list[str] = []
    last = 0
    for match in _SYMBOL.finditer(text):
        words, replaced = _announce(match)
        pieces += [text[last : match.start() - len(replaced)], words]
        last = match.end()
    return "".join(pieces) + text[last:]
