"""Naming who is silent: loudspeakers that do not answer, responsible people who did not confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.model import DispatchState, TargetKind, Traits
from dispatcher.domain.status import Status
from dispatcher.ledger import deliveries, desk, dispatches, registry, responsible
from dispatcher.ledger.handles import Row
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Place


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
    """
    with ledger.read() as conn:
        now = desk.now(conn)
        running = dispatches.in_state(conn, DispatchState.RUNNING)
        wait = round(patience.responsible_s * 1000)
        lately = dispatches.finished_since(conn, now - 2 * wait)
    for row in running:
        _speakers(ledger, traits, row, now - round(patience.speaker_s * 1000))
    for row in (*running, *lately):
        _people(ledger, row, now - wait)


def _speakers(ledger: Ledger, traits: Mapping[str, Traits], row: Row[Any], before: int) -> None:
    if row.start_at > before:
        return
    place = Place(row.id, row.part)
    with ledger.begin() as conn:
        waiting = [
            each.target_id
            for each in deliveries.with_status(conn, place, [Status.SENDING], 0, 100_000)
            if traits[each.channel].target is TargetKind.SPEAKER
        ]
        now, silent = desk.now(conn), set[str]()
        for cluster in registry.speakers_by_id(conn, waiting):
            if cluster.seen_at is None or cluster.seen_at < before:
                silent.add(cluster.device)
                where = f", {cluster.locality}" if cluster.locality else ""
                words = f"Cụm loa {cluster.device} ({cluster.name}{where}) không trả lời"
                desk.raise_alarm(conn, row.id, "silent_speaker", cluster.device, words, now)
        for told in desk.alarms(conn, [row.id]):
            if told.code == "silent_speaker" and told.subject not in silent:
                desk.clear_alarm(conn, row.id, told.code, told.subject, now)


def _people(ledger: Ledger, row: Row[Any], before: int) -> None:
    if row.start_at > before:
        return
    with ledger.begin() as conn:
        now = desk.now(conn)
        for person in responsible.unanswered(conn, Place(row.id, row.part)):
            name = ledger.vault.open("contact|name", person.name).decode()
            where = f", {person.locality}" if person.locality else ""
            words = f"{person.office or 'Người phụ trách'} {name}{where} chưa xác nhận"
            desk.raise_alarm(conn, row.id, "no_answer", f"contact:{person.id}", words, now)
        for contact_id in responsible.answered(conn, Place(row.id, row.part)):
            desk.clear_alarm(conn, row.id, "no_answer", f"contact:{contact_id}", now)
