"""The HTTP door. Run by ``loa serve``, or ``uvicorn --factory api:create_app``."""

from fastapi import FastAPI

from dispatcher import bootstrap
from dispatcher.web import app


def create_app(runtime: bootstrap.Runtime | None = None) -> FastAPI:
    """The application on a runtime: API v1, callbacks, device gateway and console."""
    return app.build(runtime or bootstrap.build())
