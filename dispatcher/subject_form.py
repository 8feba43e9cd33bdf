"""A person's report as it is handed to them: a printable page in administrative Vietnamese."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from dispatcher.books.words import say
from dispatcher.domain.personal import OPT_OUT_WAYS
from dispatcher.report_subject import SubjectReport

_AHEAD = timedelta(hours=7)

_FIELDS = {
    "name": "họ tên",
    "phone": "số điện thoại",
    "email": "thư điện tử",
    "zalo": "mã người dùng Zalo",
    "lang": "ngôn ngữ",
}

_KINDS = {"phone": "Số điện thoại", "email": "Thư điện tử", "zalo": "Mã người dùng Zalo"}


def print_report(report: SubjectReport, templates: Path) -> str:
    """The report as one HTML page that prints to A4. ``templates``: the folder of all templates."""
    forms = Environment(
        loader=FileSystemLoader(templates / "personal"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    forms.filters |= {
        "day": _day,
        "moment": _moment,
        "say": lambda code, words: say(words, code),
        "way": lambda code: OPT_OUT_WAYS.get(code, code),
        "field": lambda code: _FIELDS.get(code, code),
        "channel": lambda code: "mọi kênh" if code == "*" else say("channel", code),
    }
    page = forms.get_template("report.html")
    return page.render(report=report, kind=_KINDS[report.kind], today=_local(report.made_at))


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC) + _AHEAD


def _day(at: int) -> str:
    return f"{_local(at):%d/%m/%Y}"


def _moment(at: int) -> str:
    return f"{_local(at):%H:%M %d/%m/%Y}"
