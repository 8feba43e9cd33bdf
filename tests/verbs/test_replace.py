"""What corrects, withdraws or ends another reaches wherever that one went, and fits it."""

from __future__ import annotations

import pytest

from dispatcher.approve import approve
from dispatcher.domain.errors import BadInput, Conflict
from dispatcher.domain.model import Level
from tests.verbs.office import Office, ending
from tests.verbs.provider import Provider

BOTH = ("sms", "email")


@pytest.fixture
def sent(office: Office, provider: Provider) -> int:
    """An evacuation that went out by SMS and e-mail; its bulletin."""
    office.route(provider.url)
    office.route(provider.url, channel="email", provider="smtp", name="Thư")
    office.people(3)
    evacuation = office.content(Level.EMERGENCY, kind="evacuation")
    bulletin, _, approval = office.proposed(evacuation, channels=BOTH)
    approve(office.ledger, office.approver, approval)
    office.submit(approval)
    return bulletin


def over(office: Office, sent: int, *channels: str, kind: str = "evacuation_end") -> int:
    text = office.content(Level.EMERGENCY, kind=kind, related=ending())
    return office.proposed(text, channels=channels, relates_to=sent)[2]


def test_an_end_takes_every_channel_that_the_first_took(office: Office, sent: int) -> None:
    with pytest.raises(Conflict, match="email") as refused:
        over(office, sent, "sms")
    assert (refused.value.code, refused.value.field) == ("misses_channels", "channels")
    assert over(office, sent, *BOTH)


def test_an_end_may_take_more_channels(office: Office, sent: int) -> None:
    assert over(office, sent, *BOTH, "loudspeaker")


def test_an_end_fits_what_it_ends(office: Office, provider: Provider) -> None:
    office.route(provider.url)
    office.people(3)
    storm, _, approval = office.proposed(office.content(Level.EMERGENCY))
    approve(office.ledger, office.approver, approval)
    office.submit(approval)
    with pytest.raises(BadInput, match="storm_flood_warning") as refused:
        over(office, storm, "sms")
    assert refused.value.code == "cannot_end"
