"""``loa audit anchor``, ``line``, ``check-line`` and ``reconcile``: the log and what is outside."""

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dispatcher.anchor import anchor, newest
from dispatcher.bootstrap import Runtime, templates_dir
from dispatcher.check_line import Answer, check_line
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.printed_line import PrintedLine, read_line
from dispatcher.ledger import anchors
from dispatcher.ledger.kept import Point
from dispatcher.reconcile_log import reconcile_log

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@click.command("anchor")
@as_option
def anchor_(who: str | None) -> None:
    """Put the newest checkpoint in all places outside now. Exit status 1 if one did not take it."""
    with runtime() as rt:
        actor = acting(rt, who)
        means = rt.anchoring()
        if not means.places:
            raise Misconfigured(
                "no_anchor",
                "Chưa đặt nơi neo nào: LOA_ANCHOR_MAIL và LOA_ANCHOR_SMTP, hoặc LOA_ANCHOR_DIR.",
                "No place is set: LOA_ANCHOR_MAIL and LOA_ANCHOR_SMTP, or LOA_ANCHOR_DIR.",
                field="LOA_ANCHOR_DIR",
            )
        failed = anchor(means, actor=actor.account)
    for kind, why in failed.items():
        click.echo(f"✗ {kind}: {why}" if why else f"✓ {kind}")
    sys.exit(1 if any(failed.values()) else 0)


@click.command()
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path),
    help="Also write an A4 page with a QR code, and enter that it was printed.",
)  # fmt: skip
@as_option
def line(*, page: Path | None, who: str | None) -> None:
    """Print the newest checkpoint as one line that can be read, copied by hand and typed again."""
    with runtime() as rt:
        point = newest(rt.anchoring())
        now = rt.now()
        printed = _line(point, now)
        if page:
            actor = acting(rt, who)
            page.write_text(_sheet(printed, point))
            with rt.ledger.begin() as conn:
                anchors.record(conn, "paper", page.name, point, actor=actor.account, at=now)
    click.echo(str(printed))


def _line(point: Point, now: int) -> PrintedLine:
    day = datetime.fromtimestamp(now / 1000, _HANOI).date()
    return PrintedLine(point.origin, point.size, day, point.root)


def _sheet(printed: PrintedLine, point: Point) -> str:
    """The page to print; the QR code is the signed checkpoint itself."""
    environment = Environment(
        loader=FileSystemLoader(templates_dir() / "anchors"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    code = segno.make(point.note, error="m", micro=False).svg_inline(omitsize=True)
    # segno draws it from modules, nothing of it is anybody's text.
    qr = Markup(code)  # noqa: S704
    return environment.get_template("line.html").render(line=printed, qr=qr)


#: Answer → Vietnamese, English.
_ANSWERS = {
    Answer.CONTAINED: ("Sổ hiện tại chứa đúng điểm kiểm này.", "The log contains this checkpoint."),
    Answer.LOST: (
        "Điểm kiểm thuộc phần cuối đã khai mất khi bắt đầu thế hệ sau; không đối chiếu được.",
        "The checkpoint is of an end that was declared lost; it cannot be compared.",
    ),
    Answer.BEYOND: (
        "SAI: sổ ngắn hơn điểm kiểm này, phần cuối đã bị cắt.",
        "WRONG: the log is shorter than this checkpoint, its end was cut off.",
    ),
    Answer.DIFFERS: (
        "SAI: sổ không chứa điểm kiểm này, lịch sử trước đó đã bị sửa.",
        "WRONG: the log does not contain this checkpoint, history before it was rewritten.",
    ),
    Answer.OTHER_LOG: ("Điểm kiểm của một sổ khác.", "The checkpoint of another log."),
}
_GOOD = (Answer.CONTAINED, Answer.LOST)


@click.command("check-line")
@click.argument("words", nargs=-1, required=True)
@json_option
def check_line_(*, words: tuple[str, ...], as_json: bool) -> None:
    """Say whether the present log contains what was printed. Exit status 1 if it does not.

    The whole log is proved by 'loa audit verify'; this looks at its tree alone.
    """
    typed = read_line(" ".join(words))
    with runtime() as rt:
        answer = check_line(
            rt.ledger, rt.log_key.origin, origin=typed.origin, size=typed.size, root=typed.root
        )
    vi, en = _ANSWERS[answer]
    if as_json:
        show({"answer": answer.value, "size": typed.size, "vi": vi, "en": en})
    else:
        click.echo(f"{vi}\n{en}")
    sys.exit(0 if answer in _GOOD else 1)


@click.command()
@click.option("--why", default="", help="What was restored, and from when. Kept in the log.")
@as_option
def reconcile(*, why: str, who: str | None) -> None:
    """After a restore: begin the log's next generation, and let nothing be sent twice.

    Dispatches that had not ended are paused; say 'loa resume' or 'loa cancel' for each.
    """
    with runtime() as rt:
        done = reconcile_log(rt.ledger, rt.kept, acting(rt, who), why)
        _tell(rt, done.paused)
    click.echo(f"Thế hệ {done.generation} của sổ: giữ {done.kept} trang, mất {done.lost} trang.")
    click.echo(f"{done.unknown} lượt gửi thành chưa rõ kết quả.")
    if done.unused:
        listed = ", ".join(str(each) for each in done.unused)
        click.echo(
            f"Phê duyệt hết hiệu lực vì có thể đã phát trong phần bị mất, cần trình lại: {listed}"
        )


def _tell(rt: Runtime, paused: tuple[int, ...]) -> None:
    for number in paused:
        click.echo(f"Lần phát tin {number} tạm dừng: loa resume {number} hoặc loa cancel {number}")
    if not paused:
        click.echo("Không có lần phát tin nào dang dở.")
    rt.queue.ring("tick")


COMMANDS = (anchor_, line, check_line_, reconcile)
