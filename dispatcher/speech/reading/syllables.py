"""Vietnamese syllables: which written words a Vietnamese voice can read without guessing."""

import re
import unicodedata

_ONSETS = "b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x"
_RIMES = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|ăc|ăm|ăn|ăng|ăp|ăt|âc|âm|ân|âng|âp|ât|âu|ây|"
    "e|ec|em|en|eng|eo|ep|et|ê|êch|êm|ên|ênh|êng|êp|êt|êu|i|ia|ich|iêc|iêm|iên|iêng|iêp|"
    "iêt|iêu|im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap|oat|oay|oăc|"
    "oăm|oăn|oăng|oăt|oc|oe|oem|oen|oeo|oet|oi|om|on|ong|ooc|oong|op|ot|ô|ôc|ôi|ôm|ôn|ông|"
    "ôp|ôt|ơ|ơi|ơm|ơn|ơp|ơt|u|ua|uân|uâng|uât|uây|uc|uê|uêch|uên|uênh|uêt|uêu|ui|uôc|uôi|"
    "uôm|uôn|uông|uôt|um|un|ung|uơ|up|ut|uy|uya|uych|uyên|uyêt|uyn|uynh|uyp|uyt|uyu|ư|ưa|"
    "ưc|ưi|ưm|ưn|ưng|ươc|ươi|ươm|ươn|ương|ươp|ươt|ươu|ưt|ưu|y|yêm|yên|yêng|yêt|yêu|ynh|"
    "ych|yt|yn|yp|ăy|ơng|ưp|oec|êc"
)
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_SYLLABLE = re.compile(rf"(?:{_ONSETS})?(?:{_RIMES})")
# Names of places and peoples with sounds outside the grammar, which Vietnamese voices nevertheless
# know.
_NAMES = (
    "đăk|đắk|đắc|lắk|lăk|kạn|pắk|krông|plei|pleiku|kon|măng|dliê|ea|kar|súp|mnông|mông|"
    "bru|khmer|xtiêng|mil|giẻ|ê|đê|xơ|chăm"
)
_NAME = re.compile(_NAMES)


def toneless(word: str) -> str:
    """The word in lower case without its tone marks; vowel marks stay."""
    marks = unicodedata.normalize("NFD", word.lower())
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))


def is_syllable(word: str) -> bool:
    """Whether `word` (letters only) is a Vietnamese syllable or a known name."""
    return bool(_SYLLABLE.fullmatch(toneless(word)) or _NAME.fullmatch(word.lower()))
