"""Channels: a folder per channel, a file per provider. They never see each other or the ledger.

This is the visible table: a provider that is not in it does not exist.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from channels.base import Channel
from channels.door import Door, Egress
from channels.email import smtp
from channels.email.smtp import Smtp, SmtpSettings
from channels.ringback import carrier
from channels.ringback.carrier import CarrierDesk, CarrierSettings
from channels.sms import twilio
from channels.sms.twilio import Twilio, TwilioSettings
from channels.zalo import zbs
from channels.zalo.tokens import TokenSource
from channels.zalo.zbs import Zbs, ZbsSettings
from dispatcher.domain.model import Traits


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a route is lent. ``door`` is its thread's own; ``media`` gives a sound by SHA-256.

    ``tokens`` is one for all users of an account; ``clock`` tells epoch seconds.
    """

    door: Door
    egress: Egress
    media: Callable[[str], bytes]
    tokens: TokenSource
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Provider:
    """``make`` builds the channel of one route from its ``settings``."""

    traits: Traits
    summary_vi: str
    settings: type[BaseModel]
    make: Callable[[Any, Equipment], Channel]


def _twilio(settings: TwilioSettings, lent: Equipment) -> Twilio:
    return Twilio(settings, lent.door, clock=lent.clock)


def _smtp(settings: SmtpSettings, lent: Equipment) -> Smtp:
    return Smtp(settings, lent.egress, clock=lent.clock)


def _zbs(settings: ZbsSettings, lent: Equipment) -> Zbs:
    return Zbs(settings, lent.door, lent.tokens, clock=lent.clock)


def _carrier(settings: CarrierSettings, lent: Equipment) -> CarrierDesk:
    return CarrierDesk(settings, lent.door, lent.media, clock=lent.clock)


#: Providers by the name that routes use.
PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "twilio": Provider(twilio.TRAITS, "Tin nhắn SMS qua Twilio", TwilioSettings, _twilio),
        "smtp": Provider(smtp.TRAITS, "Thư điện tử qua máy chủ SMTP", SmtpSettings, _smtp),
        "zbs": Provider(zbs.TRAITS, "Tin nhắn mẫu Zalo theo số điện thoại", ZbsSettings, _zbs),
        "carrier": Provider(
            carrier.TRAITS,
            "Âm thông báo trước cuộc gọi, đặt qua nhà mạng",
            CarrierSettings,
            _carrier,
        ),
    }
)
