"""Spoken text cut at sentence ends, so that no utterance is longer than an engine can bear."""

import re
from dataclasses import dataclass

LONGEST = 400  # characters: about 25 seconds of speech, below every engine's limit
PAUSE_SENTENCE_S = 0.35
PAUSE_LINE_S = 0.7
PAUSE_CUT_S = 0.15

_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*\s*")
_HAS_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Utterance:
    """Words for one call of an engine and the silence after them in seconds."""

    words: str
    pause_s: float


def utterances(words: str) -> list[Utterance]:
    """The text in utterances of at most 400 characters; empty when there is no word in it."""
    found: list[Utterance] = []
    for line in words.splitlines():
        sentences = [
            s for s in (part.strip() for part in _SENTENCE.findall(line)) if _HAS_WORD.search(s)
        ]
        pieces = [
            Utterance(piece, pause) for sentence in sentences for piece, pause in _cut(sentence)
        ]
        found += pieces[:-1] + [Utterance(last.words, PAUSE_LINE_S) for last in pieces[-1:]]
    return found


def _cut(sentence: str) -> list[tuple[str, float]]:
    """A sentence in pieces, at the last comma that fits, else at the last blank, else anywhere."""
    pieces: list[tuple[str, float]] = []
    while len(sentence) > LONGEST:
        head = sentence[:LONGEST]
        at = max(head.rfind(", ") + 1, 0) or max(head.rfind(" "), 0) or LONGEST
        pieces.append((sentence[:at].strip(), PAUSE_CUT_S))
        sentence = sentence[at:].strip()
    return [*pieces, (sentence, PAUSE_SENTENCE_S)]
