"""How the demo looks on a terminal."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dispatcher.domain.model import Traits, Unit
from dispatcher.domain.status import Status

#: Statuses in Vietnamese as docs/design.md §1 words them.
WORDS: Mapping[Status, str] = {
    Status.PENDING: "chờ gửi",
    Status.SENDING: "đang gửi",
    Status.ACCEPTED: "đã nhận",
    Status.DELIVERED: "đã đến, đã phát",
    Status.SEEN: "đã xem",
    Status.FAILED: "không thành",
    Status.EXPIRED: "quá hạn",
    Status.SUPPRESSED: "không gửi",
    Status.CANCELLED: "đã hủy",
    Status.UNKNOWN: "chưa rõ",
}

CHANNEL_NAMES: Mapping[str, str] = {
    "sms": "SMS",
    "email": "E-mail",
    "zalo": "Zalo",
    "ringback": "Âm báo",
    "loudspeaker": "Loa",
}

UNIT_NAMES: Mapping[Unit, str] = {
    Unit.PERSON: "người",
    Unit.CLUSTER: "cụm loa",
    Unit.ORDER: "yêu cầu",
}


def grid(
    title: str, table: Mapping[str, Mapping[Status, int]], traits: Mapping[str, Traits]
) -> Table:
    """A table by channel and status; every channel in its own unit, nothing added across them."""
    shown = [status for status in WORDS if any(row[status] for row in table.values())]
    view = Table(title=title, title_justify="left", header_style="bold")
    view.add_column("Kênh", no_wrap=True)
    view.add_column("Đơn vị")
    view.add_column("Tổng", justify="right")
    for status in shown:
        view.add_column(WORDS[status], justify="right")
    for channel, name in CHANNEL_NAMES.items():
        row = table.get(channel)
        if row is not None:
            cells = [number(row[status]) if row[status] else "·" for status in shown]
            unit = UNIT_NAMES[traits[channel].unit]
            view.add_row(name, unit, number(sum(row.values())), *cells)
    return view


def progress(
    title: str, table: Mapping[str, Mapping[Status, int]], traits: Mapping[str, Traits]
) -> RenderableType:
    """The table with a bar of how much has left the house."""
    total = sum(sum(row.values()) for row in table.values())
    done = total - sum(row[Status.PENDING] + row[Status.SENDING] for row in table.values())
    return Group(grid(title, table, traits), ProgressBar(total=max(total, 1), completed=done))


def headline(text: str) -> Text:
    return Text(f"\n{text}", style="bold cyan")


def number(value: int) -> str:
    """With the thousands point of Vietnamese."""
    return f"{value:,}".replace(",", ".")
