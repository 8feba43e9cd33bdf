"""Payloads for recipients: each rendition compiled once, then stamped out."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from dispatcher.domain.compiling import compile_rendition
from dispatcher.domain.errors import Conflict
from dispatcher.domain.model import Payload, Shape
from dispatcher.domain.rendition import Recipient, Rendition
from dispatcher.domain.text import unaccent
from dispatcher.ledger import approvals, bulletins
from dispatcher.ledger.batches import Claim
from dispatcher.ledger.deliveries import Due
from dispatcher.ledger.store import Ledger

Stamp = Callable[[Recipient], Payload]


class Press:
    """Compiled renditions of the versions in use."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._stamps = lru_cache(maxsize=64)(self._compile)

    def payload(self, claimed: Claim, due: Due, *, plain: bool) -> Payload:
        """What this recipient gets; ``plain``: without diacritics, as the route demands."""
        stamp, shape = self._stamps(claimed.version, claimed.channel, due.lang)
        payload = stamp(Recipient(due.name, due.locality, due.lang))
        if shape is Shape.AUDIO:
            terms = {"message": str(claimed.version), "drill": claimed.drill}
            return replace(payload, extra={**terms, **payload.extra, **due.extra})
        return replace(payload, text=unaccent(payload.text)) if plain else payload

    def _compile(self, version: int, channel: str, lang: str) -> tuple[Stamp, Shape]:
        with self._ledger.read() as conn:
            content = bulletins.content_of(conn, version)
            renditions = bulletins.renditions_of(conn, version)
            digest = bulletins.version_digest(content, renditions)
            approved = approvals.is_approved(conn, version, digest)
        if not approved:
            raise Conflict(
                "not_approved",
                "Nội dung không còn là nội dung đã duyệt; không gửi.",
                "What is stored is not what was approved; it is not sent.",
            )
        chosen = choose(renditions, channel, lang)
        return compile_rendition(chosen), chosen.shape


def choose(renditions: list[Rendition], channel: str, lang: str) -> Rendition:
    """The recipient's language if the bulletin has it, otherwise the first (Vietnamese)."""
    of_channel = [each for each in renditions if each.channel == channel]
    if not of_channel:
        raise LookupError(f"no rendition for {channel}")
    ordered = sorted(of_channel, key=lambda each: (each.lang != lang, each.lang != "vi", each.lang))
    return ordered[0]
