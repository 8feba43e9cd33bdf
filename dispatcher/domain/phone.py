"""Vietnamese phone numbers: one canonical form, and what may be sent to them.

The numbering plan is libphonenumber's; what it accepts and citizens do not have is refused here.
The first digits do not tell the carrier: numbers have been portable since November 2018.
"""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from dispatcher.domain.errors import BadAddress

_COUNTRY = 84

#: Mobile prefixes before the change from 11 to 10 digits (September to November 2018) and after,
#: without the leading 0.
MIGRATED = {
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",
    "162": "32",
    "163": "33",
    "164": "34",
    "165": "35",
    "166": "36",
    "167": "37",
    "168": "38",
    "169": "39",
    "186": "56",
    "188": "58",
    "199": "59",
}

_OLD_MOBILE = re.compile(r"(?:\+?84|0084|0)(1\d{2})(\d{7})")
_SEPARATORS = re.compile(r"[\s.()\-/]+")
_ANY_NUMBER = re.compile(r"\+?\d(?:[ .\-]?\d){7,}")


#: The number itself stays out of the words: they reach logs.
_WORDS = {
    "phone_unreadable": (
        "Không đọc được số điện thoại này.",
        "This cannot be read as a phone number.",
    ),
    "phone_foreign": (
        "Đây không phải số điện thoại Việt Nam.",
        "This is not a Vietnamese phone number.",
    ),
    "phone_not_personal": (
        "Đây là số thiết bị hoặc số dịch vụ, không phải số của một người.",
        "This is a machine or service number, not a person's.",
    ),
    "phone_invalid": (
        "Số này không có trong quy hoạch đánh số; hãy kiểm tra lại từng chữ số.",
        "This number is not in the numbering plan; check its digits.",
    ),
    "phone_not_mobile": (
        "Đây là số cố định; kênh này cần số di động.",
        "This is a fixed line; this channel needs a mobile number.",
    ),
}


def canonical_phone(text: str) -> str:
    """The number as E.164, ``+84…``. Raises BadAddress, in words.

    Old eleven-digit mobile numbers are migrated. Machine numbers (M2M, satellite) and service
    numbers (1800, 1900) are refused: no person reads them. Fixed lines pass: see ``is_mobile``.
    """
    number = _parsed(_migrated(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text))))
    if number.country_code != _COUNTRY:
        raise _bad("phone_foreign")
    if str(number.national_number).startswith("1"):
        raise _bad("phone_not_personal")
    if number.extension or not phonenumbers.is_valid_number(number):
        raise _bad("phone_invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def canonical_mobile(text: str) -> str:
    """As ``canonical_phone``, for channels that reach mobile phones only."""
    phone = canonical_phone(text)
    if not is_mobile(phone):
        raise _bad("phone_not_mobile")
    return phone


def is_mobile(phone: str) -> bool:
    """Whether a canonical number can get a short message."""
    number = phonenumbers.parse(phone)
    return phonenumbers.number_type(number) == PhoneNumberType.MOBILE


def mask(phone: str) -> str:
    """The number as logs and lists may show it: country code and the last three digits."""
    return f"+84•••{phone[-3:]}"


def mask_phones(text: str) -> str:
    """Foreign words for a log: whatever looks like a phone number (8 digits or more) is masked."""
    return _ANY_NUMBER.sub(lambda found: f"•••{found.group()[-3:]}", text)


def _migrated(digits: str) -> str:
    old = _OLD_MOBILE.fullmatch(digits)
    new = old and MIGRATED.get(old.group(1))
    return f"+84{new}{old.group(2)}" if old and new else digits


def _parsed(text: str) -> phonenumbers.PhoneNumber:
    text = f"+{text[2:]}" if text.startswith("00") else text
    try:
        return phonenumbers.parse(text, "VN")
    except NumberParseException:
        raise _bad("phone_unreadable") from None


def _bad(code: str) -> BadAddress:
    return BadAddress(code, *_WORDS[code])
