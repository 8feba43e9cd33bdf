"""What a login and a password may be. NIST SP 800-63B-4 §3.1.1: length and a list, no recipes."""

import re
import unicodedata

from dispatcher.domain.errors import BadInput
from dispatcher.domain.names import fold

#: Letters, digits, dot, hyphen and underscore; begins and ends with a letter or a digit.
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]")

#: Characters of a password. The upper bound keeps the cost of hashing what strangers send small.
SHORTEST, LONGEST = 12, 128

#: A password has at least this many different characters.
_DIFFERENT = 5

#: What a password may not be when digits, signs and diacritics are taken away, alone or repeated:
#: favourites of leaked lists, of Vietnam, and of offices.
_FAVOURITES = frozenset(
    [
        "abc",
        "abcabc",
        "abcd",
        "abcdef",
        "abcdefgh",
        "abcdefghijkl",
        "admin",
        "administrator",
        "anh",
        "anhyeuem",
        "asdf",
        "asdfgh",
        "asdfghjkl",
        "changeme",
        "chutich",
        "congan",
        "daitruyenthanh",
        "danang",
        "default",
        "dragon",
        "emyeuanh",
        "football",
        "guest",
        "hanoi",
        "hcm",
        "hochiminh",
        "hoilamgi",
        "hue",
        "iloveyou",
        "khongbiet",
        "khongcopass",
        "khongnho",
        "letmein",
        "loa",
        "loaphuong",
        "loatruyenthanh",
        "login",
        "mail",
        "matkhau",
        "matkhaumoi",
        "monkey",
        "nguyen",
        "passw",
        "password",
        "passwd",
        "phatthanh",
        "phuong",
        "pikachu",
        "quantri",
        "qwer",
        "qwert",
        "qwerty",
        "qwertyuiop",
        "root",
        "saigon",
        "secret",
        "service",
        "sunshine",
        "superman",
        "tinh",
        "toiyeuvietnam",
        "tranthi",
        "trungtam",
        "truyenthanh",
        "ubnd",
        "uyban",
        "uybannhandan",
        "vietnam",
        "vietnamvodich",
        "vinaphone",
        "viettel",
        "welcome",
        "xa",
        "xinchao",
        "yeuem",
        "yeuemnhieu",
        "zaq",
        "zaqwsx",
        "zxcvbnm",
    ]
)


def check_login(given: str) -> str:
    """The login in its only spelling, lower case. Raises BadInput."""
    login = given.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise BadInput(
            "bad_login",
            "Tên đăng nhập gồm 3 đến 40 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch "
            "dưới; bắt đầu và kết thúc bằng chữ hoặc số.",
            "A login has 3 to 40 unaccented letters, digits, dots, hyphens or underscores, and "
            "begins and ends with a letter or a digit.",
            field="login",
        )
    return login


def canonical(password: str) -> str:
    """NFC: keyboards compose Vietnamese letters in two ways, and both are the same password."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, login: str, name: str) -> str:
    """The password as it is hashed. Raises BadInput, which says what is wrong with it."""
    text = canonical(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise BadInput(
            "password_length",
            f"Mật khẩu cần từ {SHORTEST} đến {LONGEST} ký tự. Một câu dễ nhớ là mật khẩu tốt.",
            f"A password needs {SHORTEST} to {LONGEST} characters. A sentence makes a good one.",
            field="password",
        )
    if len(set(text)) < _DIFFERENT or _favourite(text) or _names(text, login, name):
        raise BadInput(
            "password_guessable",
            "Mật khẩu này quá dễ đoán (từ quen thuộc, dãy số, hoặc có tên của bạn). Hãy chọn vài "
            "từ không liên quan đến nhau.",
            "This password is too easy to guess (a favourite word, digits in a row, or your name). "
            "Choose a few words that have nothing to do with each other.",
            field="password",
        )
    return text


def _favourite(text: str) -> bool:
    letters = re.sub(r"[^a-z]", "", fold(text))
    return len(letters) < 3 or any(_repeats(word, letters) for word in _FAVOURITES)


def _repeats(word: str, letters: str) -> bool:
    times, rest = divmod(len(letters), len(word))
    return rest == 0 and word * times == letters


def _names(text: str, login: str, name: str) -> bool:
    """Whether the login or the full name is all or most of the password."""
    plain = re.sub(r"[^a-z0-9]", "", fold(text))
    own = {re.sub(r"[^a-z0-9]", "", fold(each)) for each in (login, name)}
    return any(each and each in plain and len(plain) - len(each) < SHORTEST - 4 for each in own)
