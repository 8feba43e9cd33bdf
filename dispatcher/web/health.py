"""Whether this process lives, can work, and how the installation is doing."""

import ipaddress

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import NotFound
from dispatcher.ledger import desk, migrate, restored, sealer
from dispatcher.ledger.handles import SQLAlchemyError
from dispatcher.web.access import Here

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


@router.get("/readyz")
def readyz(here: Here) -> Response:
    """Database writable and in the shape this program needs.

    Without its bell, or with pages that wait for longer than promised, it is degraded. While
    everything is held after a restore it says so, and still takes what callbacks bring.
    """
    checks = {"database": _writable(here), "migration": _migrated(here)}
    ready = all(checks.values())
    rest = {"bell": not getattr(here.queue, "silent", False), "sealed": ready and _sealed(here)}
    state = ("ready" if all(rest.values()) else "degraded") if ready else "unready"
    body = {"state": state, "checks": {**checks, **rest}}
    if ready and _held(here):
        body |= {"state": "held", "why": restored.WHY}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus metrics, to this machine only."""
    if not _local(request):
        raise NotFound("not_found", "Không có ở đây.", "There is nothing here.")
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _writable(here: Runtime) -> bool:
    try:
        with here.ledger.begin() as conn:
            desk.set_mark(conn, "ready", "yes")
    except SQLAlchemyError:
        return False
    return True


def _migrated(here: Runtime) -> bool:
    try:
        with here.ledger.read() as conn:
            return migrate.present(conn) == migrate.head()
    except SQLAlchemyError:
        return False


def _sealed(here: Runtime) -> bool:
    with here.ledger.read() as conn:
        return sealer.oldest_age_s(conn) <= here.settings.merge_delay_s


def _held(here: Runtime) -> bool:
    with here.ledger.read() as conn:
        return restored.held(conn)


def _local(request: Request) -> bool:
    """The peer itself, and nobody it speaks for: behind a proxy everybody would be local."""
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
