"""Twilio's own library for the calls that are few, sent through the one door."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException
from twilio.http.response import Response
from twilio.rest import Client

from channels.door import Door, Lost, Request

#: Where the library sends what it is asked; a route's ``base_url`` takes its place.
_HOME = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class Found:
    """What Twilio's record of a message says: its status word and error code, in digits."""

    sid: str
    status: str
    error_code: str


class Messages:
    """Twilio's records of one account's messages."""

    def __init__(self, account_sid: str, token: str, base_url: str, door: Door) -> None:
        through = _ThroughDoor(base_url, door)
        self._client = Client(account_sid, token, http_client=through)

    def look_up(self, sids: Sequence[str]) -> Iterator[Found]:
        """The records of those messages that Twilio knows and could tell us about."""
        for sid in sids:
            try:
                record = self._client.messages(sid).fetch()
            except (TwilioException, ValueError):
                continue
            yield Found(sid, str(record.status), str(record.error_code or ""))

    def cancel(self, sids: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Pairs (SID, whether Twilio says that it is cancelled now)."""
        for sid in sids:
            try:
                record = self._client.messages(sid).update(status="canceled")
            except (TwilioException, ValueError):
                yield sid, False
            else:
                yield sid, record.status == "canceled"


class _ThroughDoor:
    """The library's HTTP client as it is called by ``twilio.base.client_base``.

    Its own client would log addresses and leave our rules on where requests may go.
    """

    is_async = False

    def __init__(self, base_url: str, door: Door) -> None:
        self._base_url, self._door = base_url.rstrip("/"), door

    def request(
        self,
        method: str,
        uri: str,
        *,
        params: Mapping[str, object] | None,
        data: Mapping[str, object] | None,
        headers: Mapping[str, str],
        auth: tuple[str, str],
        **_ours: object,
    ) -> Response:
        """One request. ``timeout`` and ``allow_redirects`` are the door's business."""
        url = self._base_url + uri.removeprefix(_HOME)
        basic = b64encode(":".join(auth).encode()).decode()
        lines = [f"{name}: {value}" for name, value in headers.items()]
        answer = self._door.call(
            Request(
                method,
                f"{url}?{urlencode(params)}" if params else url,
                [*lines, f"Authorization: Basic {basic}"],
                urlencode(data or {}).encode(),
            )
        )
        if isinstance(answer, Lost):
            raise TwilioException("no answer")
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)
