"""Zalo's OAuth v4 for Official Accounts: the refresh token is single-use and rotates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from .clock import Clock
from .credentials import ZALO_ACCESS_TOKEN, ZALO_APP_ID, ZALO_APP_SECRET, ZALO_REFRESH_TOKEN
from .wire import Reply, Request, reply_json
from .zalo_codes import BAD_APP_SECRET, BAD_REFRESH_TOKEN

# 25 hours, as the documentation's example says.
LIFETIME = 90_000

PATH = "/v4/oa/access_token"


@dataclass(slots=True)
class Tokens:
    """The pair in force. A new access token leaves the older ones valid until they expire."""

    clock: Clock
    app_id: str = ZALO_APP_ID
    app_secret: str = ZALO_APP_SECRET
    access_token: str = ZALO_ACCESS_TOKEN
    refresh_token: str = ZALO_REFRESH_TOKEN
    lifetime: int = LIFETIME
    seed: int = 0
    _expiry: dict[str, datetime] = field(default_factory=dict)
    _random: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)
        self._note(self.access_token)

    def valid(self, access_token: str) -> bool:
        """Whether the token was issued here and has not expired."""
        expiry = self._expiry.get(access_token)
        return expiry is not None and self.clock.now() < expiry

    def answer(self, request: Request) -> Reply:
        """POST /v4/oa/access_token with grant_type=refresh_token."""
        form = request.form()
        if request.header("secret_key") != self.app_secret or form.get("app_id") != self.app_id:
            return _oauth_error(BAD_APP_SECRET, "Invalid app secret key")
        if form.get("refresh_token") != self.refresh_token:
            return _oauth_error(BAD_REFRESH_TOKEN, "Invalid refresh token")
        access_token = self._fresh()
        self.refresh_token = self._fresh()
        self._note(access_token)
        pair = {"access_token": access_token, "refresh_token": self.refresh_token}
        return reply_json(200, pair | {"expires_in": str(self.lifetime)})

    def _note(self, access_token: str) -> None:
        self._expiry[access_token] = self.clock.now() + timedelta(seconds=self.lifetime)

    def _fresh(self) -> str:
        return f"{self._random.getrandbits(256):064x}"


def _oauth_error(code: int, reason: str) -> Reply:
    body = {
        "error": code,
        "error_name": reason,
        "error_reason": reason,
        "error_description": reason,
        "ref_doc": "https://developers.zalo.me/docs/official-account/phu-luc/ma-loi",
    }
    return reply_json(200, body)
