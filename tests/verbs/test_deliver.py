"""Sending: what each answer of a provider makes of a delivery."""

from __future__ import annotations

from dispatcher.domain.status import Status
from tests.verbs.office import Office
from tests.verbs.provider import Provider


def test_everybody_is_tried_once(office: Office, provider: Provider) -> None:
    office.people(25)
    office.route(provider.url)
    place = office.started()
    assert office.deliver() == 25
    assert office.statuses(place) == {Status.ACCEPTED: 25}
    assert len(set(provider.recipients())) == 25
