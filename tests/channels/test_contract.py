"""Every provider keeps the contract."""

from channels import PROVIDERS
from tests.channels.subjects import CARRIER, SMTP, TWILIO, ZBS
from tests.contract import ChannelContract, HttpContract


class TestTwilio(HttpContract):
    subject = TWILIO


class TestZbs(HttpContract):
    subject = ZBS


class TestCarrierDesk(HttpContract):
    subject = CARRIER


class TestSmtp(ChannelContract):
    subject = SMTP


def test_no_provider_is_missing_from_the_trial() -> None:
    assert set(PROVIDERS) == {"twilio", "zbs", "carrier", "smtp"}


def test_every_provider_has_words_for_a_vietnamese_screen() -> None:
    assert all(provider.summary_vi for provider in PROVIDERS.values())
