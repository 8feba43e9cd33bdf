"""What stands above a book's table: whose it is, of when, and when it was taken."""

from dataclasses import dataclass

from dispatcher.domain.period import Period, local


@dataclass(frozen=True, slots=True)
class Heading:
    """``agency``: its full name; ``taken_at``: epoch ms; ``taken_by``: who asked for it."""

    agency: str
    period: Period
    taken_at: int
    taken_by: str
    subtitle: str = ""

    @property
    def days(self) -> str:
        """The period as people write it, both days included."""
        first, last = local(self.period.since), local(self.period.until - 1)
        return f"từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"

    @property
    def taken(self) -> str:
        return f"{local(self.taken_at):%H:%M ngày %d/%m/%Y}"
