"""An embedded installation: the web door and the workers in this one process."""

import threading
import time
from types import TracebackType
from typing import Self

import dramatiq
import uvicorn

import api
import workers
from dispatcher.bootstrap import Runtime
from dispatcher.web.server import Server

#: Threads that send: enough for three lanes and the errands between them.
_WORKERS = 4


class Embedded:
    """Serves and works until it is left. Raises OSError when the port is taken."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        settings = runtime.settings
        app = api.create_app(runtime)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        self._server = Server(config)
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)
        self._worker: dramatiq.Worker | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise OSError(f"cannot listen on {self._runtime.settings.port}")
            time.sleep(0.02)
        broker = workers.setup(self._runtime)
        self._worker = dramatiq.Worker(broker, worker_threads=_WORKERS, worker_timeout=100)
        self._worker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._worker:
            self._worker.stop(timeout=20_000)
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._runtime.close()
