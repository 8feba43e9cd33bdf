"""The application: every door over HTTP on one runtime."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from dispatcher.bootstrap import Runtime
from dispatcher.signin.gate import gate
from dispatcher.web import callbacks, health, problems
from dispatcher.web.console import account, recovering, session, signing_in
from dispatcher.web.console import dispatches as consoled
from dispatcher.web.console.live import Live
from dispatcher.web.console.pages import Pages
from dispatcher.web.devices import create_gateway
from dispatcher.web.intake import Intake
from dispatcher.web.limits import BodyLimit
from dispatcher.web.metrics import LedgerMetrics
from dispatcher.web.problems import Problem
from dispatcher.web.refusals import Refusals
from dispatcher.web.shield import OwnPages, SecurityHeaders
from dispatcher.web.v1 import (
    accounts,
    agencies,
    approvals,
    areas,
    books,
    bulletins,
    contacts,
    deliveries,
    dispatches,
    grants,
    keys,
    outside,
    personal,
    preapproved,
    reconciliations,
    releases,
    routes,
    searches,
    shifts,
)

#: What the API is made of, in the order of its description.
_PARTS = (
    agencies,
    accounts,
    grants,
    keys,
    areas,
    contacts,
    bulletins,
    approvals,
    preapproved,
    releases,
    shifts,
    outside,
    dispatches,
    deliveries,
    routes,
    books,
    reconciliations,
    searches,
    personal,
)

#: Threads that serve requests; below the sixteen connections of the ledger's pool.
_THREADS = 12


def build(runtime: Runtime) -> FastAPI:
    """API v1, callbacks, device gateway, console and health on a runtime."""
    gateway = create_gateway(runtime.stations, lambda: runtime.gateway_secret, _clock)

    @asynccontextmanager
    async def live(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        async with Live(runtime) as app.state.live:
            yield
        await gateway.close()

    app = FastAPI(
        title="Loa",
        version="1",
        summary="Một bản tin, mọi kênh. One bulletin, every channel.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=live,
    )
    app.state.runtime = runtime
    app.state.gateway = gateway
    app.state.gate = gate(runtime.ledger, lambda: runtime.gateway_secret)
    app.state.pages = Pages()
    app.state.refusals = Refusals()
    app.state.intake = Intake(runtime.ledger, runtime.queue)
    app.state.metrics = CollectorRegistry()
    app.state.metrics.register(LedgerMetrics(runtime.ledger, app.state.refusals))
    problems.install(app)
    for router in (_v1(), callbacks.router, health.router):
        app.include_router(router)
    for page in (signing_in.router, account.router, recovering.router, consoled.router):
        app.include_router(page, dependencies=[Depends(session.own_form)])
    app.add_api_route("/", _home, include_in_schema=False)
    app.mount("/devices", gateway)
    app.mount("/static", StaticFiles(packages=[("dispatcher.web", "static")]))
    app.add_middleware(OwnPages, own=urlsplit(runtime.settings.public_url).netloc)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, https=runtime.settings.public_url.startswith("https://"))
    _describe(app)
    return app


def _v1() -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems.RESPONSES)
    for part in _PARTS:
        router.include_router(part.router)
    return router


def _home() -> RedirectResponse:
    """Who types the bare address is a person."""
    return RedirectResponse("/console", 303)


def _describe(app: FastAPI) -> None:
    """Add the problem's schema, to which every declared error refers, to the description."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        schemas = document["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = described  # type: ignore[method-assign]


def _clock() -> int:
    """Epoch ms for the gateway's nonces, asked on the event loop: not the database's."""
    return time.time_ns() // 1_000_000
