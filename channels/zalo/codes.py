"""Zalo's error codes in our terms. They come with HTTP 200.

Template messages: https://zalo.cloud/zns/guidelines/handle-error-code; Official Account:
https://developers.zalo.me/docs/official-account/phu-luc/ma-loi.
"""

from typing import NamedTuple

from dispatcher.domain.status import Reason


class Code(NamedTuple):
    """``again`` is about the message; ``stops_route``: nothing will pass until a person acts."""

    reason: Reason
    again: bool
    stops_route: bool


def _never(reason: Reason) -> Code:
    return Code(reason, again=False, stops_route=False)


def _later(reason: Reason) -> Code:
    return Code(reason, again=True, stops_route=False)


def _person(reason: Reason) -> Code:
    return Code(reason, again=True, stops_route=True)


#: The access token is no longer good: refresh it and try once more.
TOKEN_REFUSED = frozenset({-124, -216, -220})

#: Outside the hours in which Zalo takes the message.
NIGHT = frozenset({-133, -234})

#: A code that is not listed.
UNLISTED = _later(Reason.PROVIDER_ERROR)

#: Template messages (ZBS, formerly ZNS).
TEMPLATE = {
    -32: _later(Reason.RATE_LIMITED),
    -100: _later(Reason.PROVIDER_ERROR),
    -101: _person(Reason.BAD_CREDENTIALS),
    -102: _person(Reason.BAD_CREDENTIALS),
    -103: _person(Reason.BAD_CREDENTIALS),
    -104: _person(Reason.BAD_CREDENTIALS),
    -105: _person(Reason.BAD_CREDENTIALS),
    -106: _never(Reason.INTERNAL),
    -107: _never(Reason.INTERNAL),
    -108: _never(Reason.BAD_ADDRESS),
    -109: _never(Reason.TEMPLATE_MISMATCH),
    -1091: _never(Reason.TEMPLATE_MISMATCH),
    -110: _never(Reason.CANNOT_RECEIVE),
    -111: _never(Reason.BAD_PARAMETER),
    -112: _never(Reason.BAD_PARAMETER),
    -1121: _never(Reason.TOO_LONG),
    -1122: _never(Reason.BAD_PARAMETER),
    -1123: _never(Reason.BAD_PARAMETER),
    -1124: _never(Reason.BAD_PARAMETER),
    -113: _never(Reason.TEMPLATE_MISMATCH),
    -1131: _never(Reason.TEMPLATE_MISMATCH),
    -114: _never(Reason.CANNOT_RECEIVE),
    -115: _person(Reason.NO_BALANCE),
    -116: _never(Reason.CONTENT_REFUSED),
    -117: _never(Reason.TEMPLATE_NOT_APPROVED),
    -118: _never(Reason.NO_ACCOUNT),
    -119: _never(Reason.CANNOT_RECEIVE),
    -120: _person(Reason.BAD_CREDENTIALS),
    -1201: _person(Reason.BAD_CREDENTIALS),
    -1202: _person(Reason.BAD_CREDENTIALS),
    -121: _never(Reason.INTERNAL),
    -122: _never(Reason.INTERNAL),
    -123: _never(Reason.INTERNAL),
    -124: _later(Reason.BAD_CREDENTIALS),
    -1241: _person(Reason.BAD_CREDENTIALS),
    -125: _person(Reason.BAD_CREDENTIALS),
    -126: _person(Reason.NO_BALANCE),
    -127: _never(Reason.CANNOT_RECEIVE),
    -128: _never(Reason.INTERNAL),
    -129: _never(Reason.INTERNAL),
    -130: _never(Reason.TOO_LONG),
    -131: _never(Reason.TEMPLATE_NOT_APPROVED),
    -132: _never(Reason.BAD_PARAMETER),
    -133: _later(Reason.NIGHT_WINDOW),
    -134: _never(Reason.NO_CONSENT),
    -135: _person(Reason.SENDER_NOT_REGISTERED),
    -1351: _person(Reason.SENDER_NOT_REGISTERED),
    -136: _person(Reason.NO_BALANCE),
    -137: _person(Reason.NO_BALANCE),
    -138: _person(Reason.BAD_CREDENTIALS),
    -1381: _person(Reason.BAD_CREDENTIALS),
    -139: _never(Reason.OPTED_OUT),
    -140: _never(Reason.CANNOT_RECEIVE),
    -141: _never(Reason.BLOCKED_BY_RECIPIENT),
    -142: _never(Reason.INTERNAL),
    -143: _never(Reason.INTERNAL),
    -144: _later(Reason.QUOTA_USED),
    -1441: _later(Reason.QUOTA_USED),
    -145: _never(Reason.TEMPLATE_NOT_APPROVED),
    -146: _never(Reason.TEMPLATE_NOT_APPROVED),
    -147: _later(Reason.QUOTA_USED),
    -1471: _later(Reason.QUOTA_USED),
    -1472: _later(Reason.QUOTA_USED),
    -148: _never(Reason.INTERNAL),
    -149: _never(Reason.INTERNAL),
    -150: _never(Reason.INTERNAL),
    -151: _never(Reason.INTERNAL),
    -152: _never(Reason.INTERNAL),
    -153: _never(Reason.INTERNAL),
    -158: _never(Reason.INTERNAL),
    -159: _never(Reason.INTERNAL),
    -160: _never(Reason.INTERNAL),
    -161: _never(Reason.INTERNAL),
    -162: _never(Reason.INTERNAL),
}

#: Official Account (consultation, by user id, broadcast); some come from the front door of both.
OFFICIAL_ACCOUNT = {
    -32: _later(Reason.RATE_LIMITED),
    -100: _never(Reason.BAD_PARAMETER),
    -200: _later(Reason.PROVIDER_ERROR),
    -201: _never(Reason.BAD_PARAMETER),
    -202: _person(Reason.BAD_CREDENTIALS),
    -204: _person(Reason.SENDER_NOT_REGISTERED),
    -205: _person(Reason.SENDER_NOT_REGISTERED),
    -209: _person(Reason.BAD_CREDENTIALS),
    -210: _never(Reason.TOO_LONG),
    -211: _later(Reason.QUOTA_USED),
    -212: _person(Reason.BAD_CREDENTIALS),
    -213: _never(Reason.NO_CONSENT),
    -214: _later(Reason.PROVIDER_ERROR),
    -216: _later(Reason.BAD_CREDENTIALS),
    -217: _never(Reason.BLOCKED_BY_RECIPIENT),
    -218: _never(Reason.DAILY_CAP),
    -219: _person(Reason.BAD_CREDENTIALS),
    -220: _later(Reason.BAD_CREDENTIALS),
    -221: _person(Reason.SENDER_NOT_REGISTERED),
    -223: _person(Reason.SENDER_NOT_REGISTERED),
    -224: _person(Reason.NO_BALANCE),
    -227: _never(Reason.CANNOT_RECEIVE),
    -230: _never(Reason.NO_CONSENT),
    -232: _never(Reason.NO_CONSENT),
    -233: _never(Reason.CONTENT_REFUSED),
    -234: _later(Reason.NIGHT_WINDOW),
    -235: _person(Reason.SENDER_NOT_REGISTERED),
    -237: _never(Reason.CANNOT_RECEIVE),
    -238: _never(Reason.BAD_PARAMETER),
    -240: _person(Reason.PROVIDER_ERROR),
    -241: _never(Reason.BAD_PARAMETER),
    -242: _person(Reason.BAD_CREDENTIALS),
    -244: _never(Reason.OPTED_OUT),
    -248: _never(Reason.CONTENT_REFUSED),
    -249: _never(Reason.TEMPLATE_MISMATCH),
    -320: _person(Reason.NO_BALANCE),
    -321: _person(Reason.NO_BALANCE),
    -403: _never(Reason.CANNOT_RECEIVE),
}


def template_code(code: int) -> Code:
    """The meaning of a template call's error; the Official Account's codes where it has none."""
    return TEMPLATE.get(code) or OFFICIAL_ACCOUNT.get(code, UNLISTED)
