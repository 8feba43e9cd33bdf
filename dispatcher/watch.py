"""Naming who is silent: loudspeakers that do not answer, responsible people who did not confirm."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.alarms import Alarm
from dispatcher.domain.model import DispatchState, TargetKind, Traits
from dispatcher.domain.status import Status
from dispatcher.ledger import desk, dispatches, responsible, sealed, silences, tallies
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Place

#: How often people who have not confirmed are looked for, when they have had their time: it reads
#: all deliveries of a dispatch. That somebody confirmed is looked for at every beat.
_PEOPLE_EVERY_MS = 15_000

_SPEAKER, _PERSON = Alarm.SILENT_SPEAKER, Alarm.NO_ANSWER

#: The lease of whoever looks for people.
_LOOK = "watch people"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long silence may last, in seconds, before somebody is named.

    A device asks at least every 65 s (LOA/1): 130 s without a request is silence.
    """

    speaker_s: float = 130.0
    responsible_s: float = 600.0


def watch(ledger: Ledger, traits: Mapping[str, Traits], patience: Patience) -> None:
    """Raise an alarm, once, for each silent cluster and each unanswering responsible person.

    People are waited for when everything has been delivered, too: that is when they can answer.
    Looking takes no writer's turn; only an alarm that is raised or cleared does.
    """
    with ledger.read() as conn:
        now = desk.now(conn)
        running = dispatches.in_state(conn, DispatchState.RUNNING)
        wait = round(patience.responsible_s * 1000)
        lately = dispatches.finished_since(conn, now - 2 * wait)
    rows = (*running, *lately)
    speakers = {name for name, each in traits.items() if each.target is TargetKind.SPEAKER}
    silent_since = now - round(patience.speaker_s * 1000)
    for row in rows:
        if row.start_at <= silent_since:
            _speakers(ledger, speakers, row, silent_since)
    _people(ledger, [row for row in rows if row.start_at <= now - wait], now)


def _speakers(ledger: Ledger, channels: Collection[str], row: Row[Any], before: int) -> None:
    with ledger.read() as conn:
        told = silences.told(conn, row.id, _SPEAKER)
        found = _silent(conn, channels, Place(row.id, row.part), before)
    silent = {each.device: _cluster_words(each) for each in found}
    _tell(ledger, row.id, _SPEAKER, {who: silent[who] for who in silent if who not in told})
    _clear(ledger, row.id, _SPEAKER, [who for who in told if told[who] and who not in silent])


def _silent(
    conn: Connection, channels: Collection[str], place: Place, before: int
) -> list[Row[Any]]:
    counts = tallies.read(conn, place.dispatch)
    if not any(each.status is Status.SENDING and each.channel in channels for each in counts):
        return []
    return silences.silent(conn, place, channels, before)


def _cluster_words(cluster: Row[Any]) -> str:
    where = f", {cluster.locality}" if cluster.locality else ""
    return f"Cụm loa {cluster.device} ({cluster.name}{where}) không trả lời"


def _people(ledger: Ledger, rows: list[Row[Any]], now: int) -> None:
    if not rows:
        return
    for row in rows:
        _forgive(ledger, row)
    if _turn(ledger, str(now)):
        for row in rows:
            _name(ledger, row)


def _turn(ledger: Ledger, token: str) -> bool:
    """Whether it is time to look for people again, and we are the one who does."""
    with ledger.read() as conn:
        if silences.leased(conn, _LOOK):
            return False
    with ledger.begin() as conn:
        return desk.lease(conn, _LOOK, token, _PEOPLE_EVERY_MS)


def _forgive(ledger: Ledger, row: Row[Any]) -> None:
    """Clear the alarms about people who have confirmed since."""
    with ledger.read() as conn:
        told = silences.told(conn, row.id, _PERSON)
        named = [int(who.partition(":")[2]) for who, stands in told.items() if stands]
        answered = responsible.answered(conn, Place(row.id, row.part), named)
    _clear(ledger, row.id, _PERSON, [f"contact:{each}" for each in answered])


def _name(ledger: Ledger, row: Row[Any]) -> None:
    with ledger.read() as conn:
        told = silences.told(conn, row.id, _PERSON)
        waiting = responsible.unanswered(conn, Place(row.id, row.part))
    words = {
        who: _person_words(ledger, each)
        for each in waiting
        if (who := f"contact:{each.id}") not in told
    }
    _tell(ledger, row.id, _PERSON, words)


def _person_words(ledger: Ledger, person: Row[Any]) -> str:
    name = sealed.name_of(ledger.vault, person)
    where = f", {person.locality}" if person.locality else ""
    return f"{person.office or 'Người phụ trách'} {name}{where} chưa xác nhận"


def _tell(ledger: Ledger, dispatch: int, code: Alarm, words: Mapping[str, str]) -> None:
    if not words:
        return
    with ledger.begin() as conn:
        now = desk.now(conn)
        for subject, said in words.items():
            desk.raise_alarm(conn, dispatch, code, subject, said, now)


def _clear(ledger: Ledger, dispatch: int, code: Alarm, subjects: Collection[str]) -> None:
    if not subjects:
        return
    with ledger.begin() as conn:
        now = desk.now(conn)
        for subject in subjects:
            desk.clear_alarm(conn, dispatch, code, subject, now)
