"""Document symbols: `07/CT-TTg`, `49/2024/NĐ-CP`, `1273/BTTTT-TTCS`, `91/2025/QH15`, `57-NQ/TW`.

Nghị định 30/2020/NĐ-CP, phụ lục III: number, year for legal acts, type, issuing body; an official letter (công văn) has no type.
Spoken as "Chỉ thị số không bảy của Thủ tướng Chính phủ". What the sentence already says (the type, "số", "của …") is not repeated;
the drafting unit after the body (`-TTCS`, `-VX`) is not spoken. An unknown body is spelled.
"""

import re

from dispatcher.speech.reading.letters import spell
from dispatcher.speech.reading.numbers import cardinal, spell_digits

TYPES = {
    "NQ": "Nghị quyết", "QĐ": "Quyết định", "CT": "Chỉ thị", "QC": "Quy chế", "QyĐ": "Quy định", "TC": "Thông cáo",
    "TB": "Thông báo", "HD": "Hướng dẫn", "CTr": "Chương trình", "KH": "Kế hoạch", "PA": "Phương án", "ĐA": "Đề án",
    "DA": "Dự án", "BC": "Báo cáo", "BB": "Biên bản", "TTr": "Tờ trình", "HĐ": "Hợp đồng", "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ", "BTT": "Bản thỏa thuận", "GUQ": "Giấy ủy quyền", "GM": "Giấy mời", "GGT": "Giấy giới thiệu",
    "PG": "Phiếu gửi", "PC": "Phiếu chuyển", "PB": "Phiếu báo", "NĐ": "Nghị định", "TT": "Thông tư", "CV": "Công văn",
    "TTLT": "Thông tư liên tịch", "VBHN": "Văn bản hợp nhất", "PL": "Pháp lệnh", "L": "Lệnh",
}  # fmt: skip
BODIES = {
    "CP": "Chính phủ", "TTg": "Thủ tướng Chính phủ", "VPCP": "Văn phòng Chính phủ", "CTN": "Chủ tịch nước",
    "QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội", "UBND": "Ủy ban nhân dân", "CTUBND": "Chủ tịch Ủy ban nhân dân",
    "HĐND": "Hội đồng nhân dân", "TW": "Trung ương", "TƯ": "Trung ương", "TU": "Tỉnh ủy", "ĐU": "Đảng ủy", "HU": "Huyện ủy",
    "MTTQ": "Mặt trận Tổ quốc", "BTTTT": "Bộ Thông tin và Truyền thông", "BKHCN": "Bộ Khoa học và Công nghệ",
    "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch", "BNNMT": "Bộ Nông nghiệp và Môi trường",
    "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn", "BTNMT": "Bộ Tài nguyên và Môi trường", "BYT": "Bộ Y tế",
    "BGDĐT": "Bộ Giáo dục và Đào tạo", "BCA": "Bộ Công an", "BQP": "Bộ Quốc phòng", "BNV": "Bộ Nội vụ", "BTC": "Bộ Tài chính",
    "BXD": "Bộ Xây dựng", "BGTVT": "Bộ Giao thông vận tải", "BTP": "Bộ Tư pháp", "BNG": "Bộ Ngoại giao", "BCT": "Bộ Công Thương",
    "BLĐTBXH": "Bộ Lao động, Thương binh và Xã hội", "BDTTG": "Bộ Dân tộc và Tôn giáo", "TTCP": "Thanh tra Chính phủ",
    "NHNN": "Ngân hàng Nhà nước", "CVT": "Cục Viễn thông", "BCH": "Ban Chỉ huy", "BCĐ": "Ban Chỉ đạo",
    "BCHPTDS": "Ban Chỉ huy Phòng thủ dân sự", "BCĐQGPTDS": "Ban Chỉ đạo quốc gia Phòng thủ dân sự",
    "SYT": "Sở Y tế", "SGDĐT": "Sở Giáo dục và Đào tạo", "SNNMT": "Sở Nông nghiệp và Môi trường", "SVHTTDL": "Sở Văn hóa, Thể thao và Du lịch",
    "SKHCN": "Sở Khoa học và Công nghệ", "STTTT": "Sở Thông tin và Truyền thông", "SNV": "Sở Nội vụ", "TTPVHCC": "Trung tâm Phục vụ hành chính công",
}  # fmt: skip

_NOUNS = sorted({*TYPES.values(), "Luật", "Bộ luật", "Văn bản", "Thông tư", "Công văn"}, key=len, reverse=True)
_SYMBOL = re.compile(
    r"(?<![\w/.-])(\d{1,5})(?:/((?:19|20)\d\d))?[/-]([A-ZĐ][A-Za-zĐƯÂđ]*\d{0,2})((?:[-/][A-ZĐ][A-Za-z0-9ĐƠƯĂÂÊÔđ&]*)*)(?![\w/])"
)
_NOUN_BEFORE = re.compile(rf"(?i)(?:\b({'|'.join(_NOUNS)})\s+)?(số\s*:?\s*)?$")
_SENTENCE_END = re.compile(r"[.;!?\n]\s")
_ISSUER_AFTER = re.compile(r"[,\s]*(?:(?:ban hành\s+)?(?:ngày|năm)?[\s\d/.-]*(?:tháng[\s\d]+năm[\s\d]+)?,?\s*)?của\s")
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
    replaced = (direct[2] or "") if direct else ""
    named = bool(direct and direct[1]) or noun.lower() in sentence.lower() or (noun == "Văn bản" and "uật" in sentence)
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
