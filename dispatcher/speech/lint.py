"""What a synthesiser would have to guess in a text that is about to be spoken."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.speech.reading.syllables import is_syllable

DIGIT = "chữ số chưa đọc thành lời"
SIGN = "ký hiệu không đọc được"
ABBREVIATION = "chữ viết tắt chưa rõ cách đọc"
FOREIGN = "từ không phải tiếng Việt"

_TOKEN = re.compile(r"(?P<digit>\d[\d.,]*)|(?P<word>[^\W\d_]+)|(?P<sign>[^\s\w.,;:!?\-]|_)")
_LOWER_TAIL_CAPITAL = re.compile(r"\w+[A-ZĐ]")


@dataclass(frozen=True)
class Finding:
    """One place in a spoken text: character offset, the text found there and why it was reported
    (Vietnamese).
    """

    offset: int
    text: str
    reason: str


def lint(spoken: str, overrides: Mapping[str, str] | None = None) -> list[Finding]:
    """Everything in `spoken` that an engine would have to guess, in order.

    Words that appear on either side of `overrides` are allowed: an agency has decided how they
    sound. Digits and signs never are.
    """
    allowed = frozenset(_words(overrides)) if overrides else frozenset()
    verdicts: dict[str, str | None] = {}
    findings: list[Finding] = []
    for match in _TOKEN.finditer(spoken):
        token = match[0]
        if token not in verdicts:
            verdicts[token] = _verdict(match.lastgroup or "", token, allowed)
        reason = verdicts[token]
        if reason is not None:
            findings.append(Finding(match.start(), token, reason))
    return findings


def _words(overrides: Mapping[str, str]) -> list[str]:
    return [
        match["word"]
        for pair in overrides.items()
        for side in pair
        for match in _TOKEN.finditer(side)
        if match["word"]
    ]


def _verdict(group: str, token: str, allowed: frozenset[str]) -> str | None:
    if group != "word":
        return DIGIT if group == "digit" else SIGN
    if token in allowed:
        return None
    if len(token) > 1 and (token.isupper() or _LOWER_TAIL_CAPITAL.match(token)):
        return ABBREVIATION
    return None if is_syllable(token) else FOREIGN
