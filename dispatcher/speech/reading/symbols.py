"""Addresses, signs and punctuation: what cannot be said is said otherwise or becomes a pause."""

import re
import unicodedata

POINTERS = {
    "email": "hộp thư điện tử ghi trong bản tin viết",
    "url": "địa chỉ trang mạng ghi trong bản tin viết",
}
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]*[\w/=]"
    r"|(?<![\w@.-])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}"
    r"\.(?:vn|com|org|net|edu|gov|info|me|io)(?:/[^\s<>\",;)]*[\w/=])?(?![\w@])"
)
# Look-alikes and Word's leftovers: Icelandic eth for đ, non-breaking and zero-width blanks, soft
# hyphen, fancy hyphens.
_LOOKALIKES = str.maketrans(
    {
        "ð": "đ",
        "Ð": "Đ",
        "Ɖ": "Đ",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\t": " ",
        "\u200b": "",
        "\ufeff": "",
        "\u00ad": "",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "−": "-",
    }
)

PER = [
    "người", "hộ", "đợt", "tháng", "ngày", "năm", "lần", "giờ", "phút", "giây", "xã", "thôn",
    "lượt", "suất", "khẩu", "ha", "kg", "tuần", "quý", "buổi", "hồ", "phiếu", "héc", "lít", "con",
    "sào",
]  # fmt: skip
_MEASURED = [
    "buổi",    "trăm", "vuông", "khối", "liều", "con",
    "đồng", "triệu", "nghìn", "tỷ", "mét", "gam", "lít", "tấn", "tạ", "ca", "lần", "giờ", "phút",
    "ngày", "tháng", "người", "héc-ta", "suất", "bao",
]  # fmt: skip
_RATE = re.compile(rf"\b({'|'.join(_MEASURED)})\s?/\s?(?=(?:{'|'.join(PER)})\b)")
_COUPLE = re.compile(
    r"(?i)\b(ông|anh|chú|cha|chồng|con trai)\s*\(\s*(bà|chị|cô|mẹ|vợ|con gái)\s*\)"
)
_OR = re.compile(r"(?<=\w)\s*/\s*(?=\w)")
_SIGN_OFF = re.compile(r"\s*\./\.?")
_FOOTNOTE = re.compile(r"\(\s*\*+\s*\)|\[\s*\d*\s*\]|\*+")
_OPENING = re.compile(r"\s*[(\[{]\s*")
_CLOSING = re.compile(r"\s*[)\]}]")
_QUOTES = re.compile(r"[\"“”„«»‘’']")
_BULLET = re.compile(r"(?m)^ *[-–—+•·▪●○■→✓*]+ *")
_NAME_DASH = re.compile(r"(?<=\w)\s+[-–—]\s+(?=(\w))")
_LOOSE_DASH = re.compile(r"\s+[-–—]+\s*|\s*[–—]+\s*|(?<=\W)-+|-+(?=\W|$)")
_ELLIPSIS = re.compile(r"\s*(?:\.{2,}|…)")
_LINES = re.compile(r"(?<=[^\s.,;:!?])[ \t]*\n")
_COMMA_RUN = re.compile(r"\s*,(?:\s*,)*\s*(?=[.;:!?])|\s*([.;:!?])\s*,+|(?:\s*,){2,}")
_SPACE_BEFORE = re.compile(r"\s+(?=[,.;:!?])")
_PAUSE_START = re.compile(r"(?m)^[\s,.;:]+")
_MISSING_SPACE = re.compile(r"(?<=[^\W\d_])([,;:!?])(?=\w)")
_BLANKS = re.compile(r"[ \t]+")
_LINE_END = re.compile(r" ?\n\s*")
_WORDS = {
    "&": " và ", "=": " bằng ", "+": " cộng ", "@": " a còng ", "§": " mục ", "№": " số ",
    "|": ", ", "_": " ", "#": " ",
}  # fmt: skip


def clean(text: str) -> str:
    """NFC, without look-alike letters, invisible characters, footnote marks or CR."""
    text = unicodedata.normalize("NFC", text).translate(_LOOKALIKES)
    text = _FOOTNOTE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LINE_END.sub("\n", _BLANKS.sub(" ", text))


def read_addresses(text: str) -> str:
    """E-mail and web addresses become a pointer: nobody can note one down from a loudspeaker."""
    return _URL.sub(POINTERS["url"], _EMAIL.sub(POINTERS["email"], text))


def read_slashes(text: str) -> str:
    """A slash between words: "mỗi" before what is counted, otherwise "hoặc"."""
    text = _COUPLE.sub(lambda m: f"{m[1]} hoặc {m[2]}", text)
    text = _SIGN_OFF.sub(".", text)
    text = _RATE.sub(r"\1 mỗi ", text)
    return _OR.sub(" hoặc ", text)


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Cf", "Co", "Cn", "Mn", "Me")


def _drop_pictures(text: str) -> str:
    pictures = {
        character for character in set(text) if not character.isalnum() and _is_picture(character)
    }
    return text.translate({ord(character): " " for character in pictures}) if pictures else text


def _name_dash(match: re.Match[str]) -> str:
    return " " if match[1].isupper() else ", "


def read_punctuation(text: str) -> str:
    """Brackets, dashes, bullets and line ends become pauses; quotes, pictures and stars are
    dropped.
    """
    text = _drop_pictures(text)
    text = _BULLET.sub("", text)
    for sign, word in _WORDS.items():
        text = text.replace(sign, word)
    text = _ELLIPSIS.sub(",", _QUOTES.sub("", text))
    text = _CLOSING.sub(",", _OPENING.sub(", ", text))
    text = _LOOSE_DASH.sub(", ", _NAME_DASH.sub(_name_dash, text))
    return tidy(text)


def tidy(text: str) -> str:
    """One blank between words, one mark per pause, a full stop at each line end."""
    text = _LINES.sub(".\n", _BLANKS.sub(" ", text))
    text = _COMMA_RUN.sub(
        lambda m: (
            m[1] or ("," if m.end() == len(m.string) or m.string[m.end()] not in ".;:!?" else "")
        ),
        text,
    )
    text = _MISSING_SPACE.sub(r"\1 ", _SPACE_BEFORE.sub("", text))
    text = _PAUSE_START.sub("", text)
    lines = (_BLANKS.sub(" ", line).strip(" ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line).rstrip(" ,;:")
