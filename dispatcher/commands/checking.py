"""``loa check``: what can be reached, what is misconfigured, and what to do about it."""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import click
from redis import Redis
from redis.exceptions import RedisError

from dispatcher.bootstrap import Runtime
from dispatcher.commands.faults import told
from dispatcher.commands.session import json_option, runtime, show
from dispatcher.compare_outside import compare_outside
from dispatcher.domain.errors import LoaError
from dispatcher.ledger import desk, routes, sealer
from dispatcher.ledger import migrate as migrations
from dispatcher.ledger.handles import SQLAlchemyError
from dispatcher.safety import dangers
from dispatcher.switchboard import checked_settings


class Finding(NamedTuple):
    """What was looked at, and what is wrong with it and to be done; empty when all is well."""

    what: str
    vi: str = ""
    en: str = ""


@click.command()
@json_option
def check(*, as_json: bool) -> None:
    """Say what can and cannot be reached, and what is misconfigured. Exit status 1 if anything."""
    with runtime() as rt:
        findings = [*_ledger(rt), _doorbell(rt), _address(rt)]
    if as_json:
        show([each._asdict() for each in findings])
    else:
        for each in findings:
            _print(each)
    sys.exit(1 if any(each.en for each in findings) else 0)


def _print(each: Finding) -> None:
    if not each.en:
        click.echo(f"✓ {each.what}")
        return
    click.echo(f"✗ {each.what}: {each.vi}\n  {each.what}: {each.en}")


def _ledger(rt: Runtime) -> Iterator[Finding]:
    """What the database holds is looked at only as far as it can be reached and has its shape."""
    try:
        with rt.ledger.read() as conn:
            present = migrations.present(conn)
    except SQLAlchemyError as error:
        yield _unreached(error)
        return
    yield Finding("database")
    shape = _shape(present)
    yield shape
    if not shape.en:
        yield from _dangers(rt)
        yield _log(rt)
        yield from _routes(rt)


def _dangers(rt: Runtime) -> Iterator[Finding]:
    """What `loa serve` would refuse to start with."""
    with rt.ledger.read() as conn:
        mark = desk.get_mark(conn, "kind")
    found = dangers(rt.settings) if mark == "production" else []
    yield from (Finding("safety", each.vi, each.en) for each in found)
    if not found:
        yield Finding("safety")


def _unreached(error: SQLAlchemyError) -> Finding:
    words = told(error)
    return Finding("database", words.vi if words else str(error), words.en if words else str(error))


def _shape(present: str | None) -> Finding:
    needed = migrations.head()
    if present is None:
        return Finding(
            "shape",
            "Cơ sở dữ liệu còn trống. Chạy: loa init",
            "The database is empty: run loa init",
        )
    if present != needed:
        return Finding(
            "shape",
            f"Cơ sở dữ liệu ở phiên bản {present}, cần {needed}. Chạy: loa migrate",
            f"The database is at {present}, needs {needed}: run loa migrate",
        )
    return Finding("shape")


def _doorbell(rt: Runtime) -> Finding:
    """A silent bell is no failure: the rows are the queue. It is said all the same."""
    if not rt.settings.redis_url:
        return Finding("doorbell")
    try:
        Redis.from_url(rt.settings.redis_url, socket_connect_timeout=2).ping()
    except RedisError as error:
        kind = type(error).__name__
        return Finding(
            "doorbell",
            f"Không kết nối được Redis ({kind}); việc phát tin vẫn chạy. Kiểm tra LOA_REDIS_URL.",
            f"Redis cannot be reached ({kind}); work goes on without it. Check LOA_REDIS_URL.",
        )
    return Finding("doorbell")


def _address(rt: Runtime) -> Finding:
    local = "127.0.0.1" in rt.settings.public_url or "localhost" in rt.settings.public_url
    if local and not rt.settings.database.startswith("sqlite"):
        return Finding(
            "public address",
            "LOA_PUBLIC_URL chỉ trỏ tới máy này. Ghi địa chỉ mà nhà cung cấp và cụm loa gọi tới.",
            "LOA_PUBLIC_URL names this machine only. Give the address that providers and "
            "loudspeakers can reach.",
        )
    return Finding("public address")


def _log(rt: Runtime) -> Finding:
    try:
        agrees = compare_outside(rt.ledger, rt.kept)
    except LoaError as error:
        return Finding("log", error.vi, error.en)
    return _promise(rt) if agrees else _WENT_BACK


_WENT_BACK = Finding(
    "log",
    "Sổ nhật ký không chứa điểm kiểm giữ bên ngoài: cơ sở dữ liệu đã lùi lại sau khôi phục. Mọi "
    "việc phát tin bị giữ lại. Chạy: loa audit reconcile --why '…'",
    "The log does not contain the checkpoint kept outside: the database went back with a restore. "
    "Nothing is sent. Run: loa audit reconcile --why '…'",
)


def _promise(rt: Runtime) -> Finding:
    with rt.ledger.read() as conn:
        age, promise = sealer.oldest_age_s(conn), rt.settings.merge_delay_s
    if age > promise:
        return Finding(
            "log",
            f"Có trang sổ chờ niêm phong đã {age:.0f} giây, cam kết là {promise:g} giây. "
            "Chạy loa work (hoặc loa serve).",
            f"A page has waited {age:.0f} s to be sealed; {promise:g} s were promised. "
            "Run loa work (or loa serve).",
        )
    return Finding("log")


def _routes(rt: Runtime) -> list[Finding]:
    with rt.ledger.read() as conn:
        known = routes.all_routes(conn, rt.ledger.vault)
    return [_route(each) for each in known]


def _route(route: routes.Route) -> Finding:
    name = f"route {route.name}"
    if route.stopped:
        return Finding(
            name,
            "Kết nối đã dừng vì nhà cung cấp từ chối. Khắc phục rồi chạy: "
            f"loa route start {route.id}",
            f"Stopped by its provider's refusal. Mend it, then run: loa route start {route.id}",
        )
    try:
        if route.provider != "loa1":
            checked_settings(route.provider, dict(route.settings))
    except LoaError as error:
        return Finding(name, error.vi, error.en)
    return Finding(name)
