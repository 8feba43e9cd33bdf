"""E-mail addresses: one canonical form (RFC 5321, RFC 6531 and, for domains, UTS 46)."""

import re
import unicodedata

import idna

from dispatcher.domain.errors import BadAddress

#: An unquoted local part: RFC 5322 ``dot-atom``, with UTF-8 letters as RFC 6532 allows.
_ATEXT = r"[\w!#$%&'*+/=?^`{|}~\-]"
_LOCAL = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")

#: Octets, RFC 5321 §4.5.3.1. A path of 256 has its two angle brackets among them.
_LONGEST_LOCAL, _LONGEST_ADDRESS = 64, 254

#: The address itself stays out of the words: they reach logs.
_WORDS = {
    "email_unreadable": (
        "Không đọc được địa chỉ thư điện tử này; cần dạng ten@tenmien.vn.",
        "This cannot be read as an e-mail address; it needs the form name@domain.vn.",
    ),
    "email_too_long": (
        "Địa chỉ thư điện tử này dài quá mức cho phép.",
        "This e-mail address is too long.",
    ),
    "email_bad_domain": (
        "Tên miền của địa chỉ thư điện tử này không đúng.",
        "The domain of this e-mail address is not one.",
    ),
}


def canonical_email(text: str) -> str:
    """The address with its domain in lower-case ASCII and its local part as given, in NFC.

    Raises BadAddress, in words.
    """
    local, at, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise _bad("email_unreadable")
    address = f"{local}@{_ascii_domain(domain)}"
    if len(local.encode()) > _LONGEST_LOCAL or len(address.encode()) > _LONGEST_ADDRESS:
        raise _bad("email_too_long")
    return address


def needs_utf8(address: str) -> bool:
    """Whether only a server with SMTPUTF8 (RFC 6531) can take a canonical address."""
    return not address.isascii()


def mask_email(address: str) -> str:
    """The address as logs and lists may show it: first letter and domain."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _ascii_domain(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        ascii_domain = ""
    if "." not in ascii_domain.strip("."):
        raise _bad("email_bad_domain")
    return ascii_domain.rstrip(".").lower()


def _bad(code: str) -> BadAddress:
    return BadAddress(code, *_WORDS[code])
