"""What stands around a match: rules decide by the words before and after it."""

import re

# For character classes. Ranges like `À-Ỹ` would take small letters in:
# Unicode keeps the two cases of Vietnamese side by side.
UPPER = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_WORD = re.compile(r"\w+", re.UNICODE)
_REACH = 32  # characters: the longest context phrase has fewer


def before(match: re.Match[str]) -> str:
    """Up to 32 characters before the match, lower case, without trailing space."""
    return match.string[max(0, match.start() - _REACH) : match.start()].rstrip().lower()


def next_word(match: re.Match[str]) -> str:
    """The word that follows the match after blanks, lower case; empty when none does."""
    after = match.string[match.end() : match.end() + _REACH].lstrip(" ")
    found = _WORD.match(after)
    return found[0].lower() if found else ""


def ends_with_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether `text` ends with one of `words`, whole words only."""
    return any(text.endswith(word) and not text[: -len(word)][-1:].isalnum() for word in words)
