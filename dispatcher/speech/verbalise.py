"""Administrative Vietnamese as written → the same words as spoken. Pure."""

from collections.abc import Callable, Mapping

from dispatcher.speech.reading.abbreviations import read_abbreviations, whole_words
from dispatcher.speech.reading.capitals import read_headings
from dispatcher.speech.reading.dates import read_dates
from dispatcher.speech.reading.documents import read_documents
from dispatcher.speech.reading.letters import read_codes
from dispatcher.speech.reading.numbers import read_lists, read_numbers
from dispatcher.speech.reading.phones import read_phones
from dispatcher.speech.reading.roman import read_romans
from dispatcher.speech.reading.symbols import clean, read_addresses, read_punctuation, read_slashes
from dispatcher.speech.reading.times import read_times
from dispatcher.speech.reading.units import read_places, read_signs, read_units

# Order matters: a rule sees only what the ones above it have left.
PIPELINE: tuple[Callable[[str], str], ...] = (
    read_addresses,  # before anything cuts an address into words and numbers
    read_phones,  # before dots and dashes mean thousands and ranges
    read_documents,  # before slashes mean dates
    read_romans,  # before `X.` means a commune
    read_signs,
    read_places,
    read_abbreviations,
    read_dates,
    read_times,
    read_lists,
    read_units,
    read_codes,
    read_numbers,
    read_slashes,  # after units, so that `đ/hộ` is "đồng mỗi hộ"
    read_headings,
    read_punctuation,
)
# One letter stands for one override while the rules run: from a block of rare Chinese characters
# (U+30000), because to every rule it must look like a word.
_FIRST_SHELTER = 0x30000


def verbalise(text: str, overrides: Mapping[str, str] | None = None) -> str:
    """The words to speak for `text`.

    `overrides` maps written forms (whole words, case-sensitive) to an agency's own spoken words;
    these win over every rule
    and are spoken as given. What no rule understands stays as written, for `lint` to report.
    """
    text = clean(text)
    if not overrides:
        return _apply(text)
    shelters = {written: chr(_FIRST_SHELTER + i) for i, written in enumerate(overrides)}
    spoken = _apply(whole_words(shelters).sub(lambda m: shelters[m[0]], text))
    return spoken.translate({ord(shelters[written]): words for written, words in overrides.items()})


def _apply(text: str) -> str:
    for rule in PIPELINE:
        text = rule(text)
    return text
