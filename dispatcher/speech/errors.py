"""What can go wrong between words and sound. Each error says whether to try again and whose fault
it is.
"""

from typing import ClassVar

from dispatcher.domain.status import Fault


class SpeechError(Exception):
    """No usable sound came of the words."""

    retryable: ClassVar[bool] = False
    fault: ClassVar[Fault] = Fault.OURS


class VoiceUnavailable(SpeechError):
    """The engine crashed, hung or could not be started; it is restarted on the next call."""

    retryable = True
    fault = Fault.ROUTE


class Unspoken(SpeechError):
    """The engine answered, but with silence or next to nothing: there was nothing to say in the
    words.
    """

    fault = Fault.CONTENT


class UnknownLanguage(SpeechError):
    """The engine has no voice for the language."""

    fault = Fault.CONTENT


class OutOfTolerance(SpeechError):
    """The sound could not be brought to the target loudness and peak."""
