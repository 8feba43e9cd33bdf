"""Access to an Official Account: OAuth v4, whose refresh token works once and then changes.

https://developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new.
Losing the new pair means that an administrator must consent again: it is saved before it is used.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from pydantic import SecretStr

from channels import http_errors
from channels.door import Door, Lost, Reply, Request
from dispatcher.domain.errors import Failure
from dispatcher.domain.status import Reason

#: Renew when this share of a token's life is over: 20 of its 25 hours.
_RENEW_AT = 0.8


class NoTokenError(Exception):
    """There is no access token, and why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("no access token for the Official Account")
        self.failure = failure


class TokenSource(Protocol):
    """Where a channel gets its access token."""

    def get(self) -> str:
        """The token in force. Raises NoTokenError."""

    def refresh(self, refused: str) -> str:
        """Another token than the one that was refused. Raises NoTokenError."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """``renew_at``: epoch seconds from which on a new pair should be asked for."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    renew_at: float


@dataclass(frozen=True, slots=True)
class TokenStore:
    """Where the pair is kept. ``lock`` keeps every process that uses the account apart."""

    load: Callable[[], TokenPair]
    save: Callable[[TokenPair], None]
    lock: Callable[[], AbstractContextManager[object]]


class RotatingTokens:
    """A TokenSource that asks Zalo for a new pair when the old one is refused or grows old.

    One refresh at a time: who waited for the lock finds the pair that another one got. ``door``
    is used under the lock only.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: SecretStr,
        store: TokenStore,
        door: Door,
        *,
        oauth_url: str = "https://oauth.zaloapp.com",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app_id, self._app_secret, self._store = app_id, app_secret, store
        self._door, self._clock = door, clock
        self._url = f"{oauth_url.rstrip('/')}/v4/oa/access_token"

    def get(self) -> str:
        """The stored token; renewed early, and in spite of a failure to do so."""
        pair = self._store.load()
        if self._clock() < pair.renew_at:
            return pair.access
        try:
            return self.refresh(pair.access)
        except NoTokenError:
            return pair.access

    def refresh(self, refused: str) -> str:
        """The token of the pair that comes after the refused one."""
        with self._store.lock():
            pair = self._store.load()
            if pair.access != refused:
                return pair.access
            fresh = self._ask(pair.refresh)
            self._store.save(fresh)
            return fresh.access

    def _ask(self, refresh_token: str) -> TokenPair:
        form = {
            "refresh_token": refresh_token,
            "app_id": self._app_id,
            "grant_type": "refresh_token",
        }
        headers = (
            f"secret_key: {self._app_secret.get_secret_value()}",
            "Content-Type: application/x-www-form-urlencoded",
        )
        answer = self._door.call(Request("POST", self._url, headers, urlencode(form).encode()))
        if isinstance(answer, Lost):
            raise NoTokenError(http_errors.lost(answer).failure)
        return self._pair(answer)

    def _pair(self, answer: Reply) -> TokenPair:
        """The pair in an answer. ``expires_in`` is read, never assumed: documents differ."""
        told = http_errors.said(answer)
        access, refresh = told.get("access_token"), told.get("refresh_token")
        life = str(told.get("expires_in", ""))
        if not (isinstance(access, str) and isinstance(refresh, str) and life.isdecimal()):
            raise NoTokenError(_refused(answer))
        return TokenPair(access, refresh, self._clock() + _RENEW_AT * float(life))


def _refused(answer: Reply) -> Failure:
    """An envelope with HTTP 200 is Zalo's refusal, which a person must mend; all else may pass.

    The body stays out of it: an unexpected one may hold tokens.
    """
    reason = Reason.BAD_CREDENTIALS if answer.status == 200 else Reason.PROVIDER_ERROR
    return Failure(reason, again=True, code=str(answer.status))
