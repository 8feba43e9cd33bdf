"""Errors that answer two questions: *again?* and *whose fault?* (docs/design.md §4).

Two families, one place each that reads them:

- ``Failure`` is a value: what a provider's answer means for one delivery. Read in ``deliver``.
- ``LoaError`` is raised for what a person or program asked and cannot have. Read by the doors.
"""

from dataclasses import dataclass

from dispatcher.domain.status import Fault, Reason


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one try failed.

    ``again``: whether another try can succeed; ``after``: seconds to wait first, as the provider
    asked (None: by our own schedule); ``code`` and ``words``: the provider's own, for the log.
    """

    reason: Reason
    again: bool = False
    after: float | None = None
    code: str = ""
    words: str = ""

    @property
    def fault(self) -> Fault:
        return self.reason.fault


class LoaError(Exception):
    """Something asked of Loa that it will not do, in words for the person who asked.

    ``code`` is stable and documented; ``vi`` and ``en`` say what was wrong, where and what to do;
    ``field`` names the part of the input at fault (dotted path), empty if none.
    """

    status = 400

    def __init__(self, code: str, vi: str, en: str, *, field: str = "") -> None:
        super().__init__(en)
        self.code, self.vi, self.en, self.field = code, vi, en, field


class BadInput(LoaError):
    """The input is wrong in itself."""

    status = 422


class BadAddress(BadInput):
    """A phone number, e-mail address or Zalo id that cannot be one."""


class NotFound(LoaError):
    """Does not exist, or is not yours to know of."""

    status = 404


class Forbidden(LoaError):
    """Your role does not allow this act."""

    status = 403


class Unauthorised(LoaError):
    """No valid key or session."""

    status = 401


class Conflict(LoaError):
    """Right in itself, but not in the present state (not approved, already ended, key reused)."""

    status = 409


class TooMany(LoaError):
    """Asked too often, or too much at once: the same again after a while."""

    status = 429


class Misconfigured(LoaError):
    """A setting is missing or wrong. Raised at start, names the setting."""

    status = 500
