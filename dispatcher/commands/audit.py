"""``loa audit``: prove that the log is whole and that it explains every delivery."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from dispatcher.bootstrap import Runtime, templates_dir
from dispatcher.check_line import Answer
from dispatcher.commands import anchoring, retiring
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain.errors import BadInput, Conflict
from dispatcher.evidence import bundle, folder, proof
from dispatcher.evidence.bundle import NOT_SEALED, Exported, Maker, Wanted
from dispatcher.evidence.checkpoints import compare, held_of
from dispatcher.evidence.words import HANOI
from dispatcher.ledger import exhibits, generations, pages
from dispatcher.ledger.exhibits import Scope
from dispatcher.ledger.registry import Actor

T = TypeVar("T")

#: Seconds in which whoever holds the sealer's lease has sealed a page, or lost the lease.
_PATIENCE_S = 15


@click.group()
def audit() -> None:
    """Verify the log, and hand out evidence of it."""


for command in (*anchoring.COMMANDS, retiring.retire_):
    audit.add_command(command)


@audit.command()
@click.option("--wait", is_flag=True, help="Seal what is open first.")
@click.option(
    "--checkpoint", "older", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="An older checkpoint that the log must contain, such as an auditor's mail.",
)  # fmt: skip
@json_option
def verify(*, wait: bool, older: tuple[Path, ...], as_json: bool) -> None:
    """Check the whole log against its checkpoints, and every delivery against the log.

    Exit status 1 and the first things wrong, by name, if anything is.
    """
    from dispatcher.ledger.verifying.verify import verify as check

    with runtime() as rt, Progress(console=Console(stderr=True), disable=as_json) as bar:
        while wait and rt.sealer.seal():
            pass
        task = bar.add_task("sổ nhật ký", total=None)
        report = check(
            rt.ledger,
            public_key=rt.log_key.public,
            origin=rt.log_key.origin,
            outside={str(each): each.read_text() for each in older},
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        findings, notices = (
            [
                {"code": each.code, "where": each.where, "vi": each.vi, "en": each.en}
                for each in told
            ]
            for told in (report.findings, report.notices)
        )
        show({"entries": report.entries, "verified": report.verified, "findings": findings,
              "notices": notices})  # fmt: skip
    else:
        click.echo(f"{report.entries} mục, {report.pages} trang, cây {report.size} lá.")
        for each in report.findings[:20]:
            click.secho(f"✗ {each.where}: {each.vi}", fg="red")
        for each in report.notices:
            click.secho(f"! {each.where}: {each.vi}", fg="yellow")
        click.echo("Đúng toàn bộ." if report.verified else "SAI.")
    sys.exit(0 if report.verified else 1)


@audit.command()
def key() -> None:
    """Print the public key that checkpoints are verified with (C2SP vkey), for each generation."""
    with runtime() as rt:
        with rt.ledger.read() as conn:
            later = [row.origin for row in generations.all_begun(conn)]
        for origin in (rt.log_key.origin, *later):
            click.echo(replace(rt.log_key, origin=origin).vkey())


@audit.command()
@click.argument("delivery")
@click.option("--output", type=click.Path(path_type=Path), help="Write the proof for verify.py.")
@click.option("--since", help="An older checkpoint to prove against: a file or a printed line.")
@as_option
def prove(*, delivery: str, output: Path | None, since: str | None, who: str | None) -> None:
    """Tell and prove the story of one DELIVERY, e.g. 7.42 (dispatch.delivery)."""
    dispatch, _, number = delivery.partition(".")
    if not (dispatch.isdecimal() and number.isdecimal()):
        raise BadInput(
            "bad_delivery",
            "Ghi số lượt gửi theo dạng ĐỢT_PHÁT.LƯỢT, ví dụ 7.42.",
            "Write a delivery as DISPATCH.DELIVERY, e.g. 7.42.",
            field="DELIVERY",
        )
    with runtime() as rt:
        actor = acting(rt, who)
        sizes = [held_of(since, rt.log_key).size] if since else []
        name = (int(dispatch), int(number))
        made = _sealed(rt, lambda: proof.prove(_maker(rt), actor.path, name, sizes))
    for line in made.story:
        click.echo(line)
    if output:
        output.write_text(json.dumps(made.document, ensure_ascii=False, indent=1), encoding="utf-8")
        click.echo(f"Đã ghi {output}. Kiểm tra: python3 -I verify.py {output} --checkpoint …")


@audit.command()
@click.argument("words", nargs=-1, required=True, metavar="[DISPATCH] TARGET")
@click.option(
    "--period", nargs=2, type=click.DateTime(["%Y-%m-%d"]), metavar="FROM TO",
    help="All dispatches of the agency and those below it that start in it; TO is included.",
)  # fmt: skip
@click.option("--all", "whole", is_flag=True, help="Every page of the log.")
@click.option("--since", help="An older checkpoint to prove against: a file or a printed line.")
@as_option
@json_option
def export(
    *,
    words: tuple[str, ...],
    period: tuple[datetime, datetime] | None,
    whole: bool,
    since: str | None,
    who: str | None,
    as_json: bool,
) -> None:
    """Write evidence into TARGET, a new folder or a .zip file, for anybody to check.

    loa audit export 7 evidence.zip; with --period or --all, TARGET alone.
    """
    target = Path(words[-1])
    if target.exists():
        raise BadInput(
            "target_exists",
            f"Đã có {target}. Chọn tên khác: bằng chứng không ghi đè.",
            f"{target} exists. Choose another name: evidence overwrites nothing.",
            field="TARGET",
        )
    with runtime() as rt:
        actor = acting(rt, who)
        sizes = [held_of(since, rt.log_key).size] if since else []
        scope = _scope(rt, actor, words[:-1], period, whole=whole)
        _enter(rt, actor, words[:-1], target)
        wanted = Wanted(scope, rt.now(), sizes)
        made = _sealed(rt, lambda: _write(_maker(rt), wanted, target))
    _tell(made, target, as_json=as_json)


def _scope(
    rt: Runtime,
    actor: Actor,
    named: tuple[str, ...],
    period: tuple[datetime, datetime] | None,
    *,
    whole: bool,
) -> Scope:
    """What exactly one of the three ways asks for, within the actor's agencies."""
    if [len(named) == 1 and named[0].isdecimal(), period is not None, whole].count(True) != 1 or (
        named and (period or whole)
    ):
        raise BadInput(
            "which",
            "Ghi số đợt phát, hoặc --period TỪ ĐẾN, hoặc --all.",
            "Name a dispatch, or --period FROM TO, or --all.",
            field="DISPATCH",
        )
    if whole:
        with rt.ledger.read() as conn:
            return exhibits.everything(conn, actor.path)
    if period is None:
        return exhibits.one(int(named[0]), actor.path)
    first, last = (round(day.replace(tzinfo=HANOI).timestamp() * 1000) for day in period)
    return exhibits.period(actor.path, first, last + 86_400_000)


def _enter(rt: Runtime, actor: Actor, named: tuple[str, ...], target: Path) -> None:
    """Handing out evidence is an act, whatever becomes of it."""
    subject = f"dispatch:{named[0]}" if named else f"agency:{actor.agency}"
    facts = {"what": "bundle", "form": "zip" if target.suffix == ".zip" else "folder"}
    with rt.ledger.begin() as conn:
        pages.record(conn, "export", subject, actor=actor.account, at=rt.now(), facts=facts)


def _sealed(rt: Runtime, make: Callable[[], T]) -> T:
    """What can be made once no page waits; a sealer elsewhere is given the time it may take."""
    for _ in range(_PATIENCE_S):
        while rt.sealer.seal():
            pass
        try:
            return make()
        except Conflict as error:
            if error.code != NOT_SEALED:
                raise
            time.sleep(1)
    return make()


def _maker(rt: Runtime) -> Maker:
    return Maker(rt.ledger, rt.log_key, templates_dir() / "reports")


def _write(maker: Maker, wanted: Wanted, target: Path) -> Exported:
    """Beside the target first: half a bundle never has its name."""
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as part:
        made = bundle.export(maker, wanted, Path(part) / "bundle")
        if target.suffix == ".zip":
            folder.pack(Path(part) / "bundle", target)
        else:
            (Path(part) / "bundle").rename(target)
    return made


def _tell(made: Exported, target: Path, *, as_json: bool) -> None:
    if as_json:
        show({"target": str(target), "size": made.size, "pages": made.pages,
              "entries": made.entries, "deliveries": made.deliveries,
              "dispatches": made.dispatches})  # fmt: skip
        return
    click.echo(
        f"{target}: {made.dispatches} đợt phát, {made.deliveries} lượt gửi, {made.entries} mục "
        f"ghi; sổ {made.size} trang. Kiểm tra: python3 -I verify.py {target} --checkpoint …"
    )


#: What the log says to a checkpoint that somebody holds.
_ANSWERS = {
    Answer.CONTAINED: "Sổ chứa điểm kiểm này ({old} trang) và nay có {size} trang.",
    Answer.LOST: "Điểm kiểm {old} thuộc phần đã mất khi khôi phục, có khai báo trong sổ.",
    Answer.BEYOND: "Sổ chỉ có {size} trang, ít hơn điểm kiểm {old}: phần cuối đã bị cắt.",
    Answer.DIFFERS: "Sổ KHÔNG chứa điểm kiểm {old}: lịch sử trước đó đã bị viết lại.",
    Answer.OTHER_LOG: "Điểm kiểm này của sổ khác.",
}


@audit.command()
@click.argument("checkpoint")
@json_option
def consistency(*, checkpoint: str, as_json: bool) -> None:
    """Say whether the log contains an older CHECKPOINT (a file or a printed line); prove it.

    Exit status 1 if it does not: then history was rewritten, or the checkpoint is of another log.
    """
    with runtime() as rt:
        found = compare(rt.ledger, rt.log_key, held_of(checkpoint, rt.log_key))
    if as_json:
        show({"answer": found.answer.value, "old": found.old, "size": found.size,
              "proof": list(found.proof)})  # fmt: skip
    else:
        click.echo(_ANSWERS[found.answer].format(old=found.old, size=found.size))
        for step in found.proof:
            click.echo(step)
    sys.exit(0 if found.answer is Answer.CONTAINED else 1)
