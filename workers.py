"""The queue door: an actor per verb. Run by ``loa work``, or ``dramatiq workers:setup``."""

from collections.abc import Callable
from functools import partial

import dramatiq

from dispatcher import bootstrap, logs
from dispatcher.domain.model import LANES
from dispatcher.pulse import PulseThread
from dispatcher.queue import queue_of


def setup(runtime: bootstrap.Runtime | None = None) -> dramatiq.Broker:
    """Declare the actors on the runtime's broker, and the pulse that needs no bell.

    Without a runtime it is a worker process of its own.
    """
    if runtime is None:
        logs.configure()
    rt = runtime or bootstrap.build()
    queues = {verb: [queue_of(verb, 0)] for verb in rt.verbs}
    queues["deliver"] = [queue_of("deliver", lane) for lane in range(len(LANES))]
    for verb, names in queues.items():
        for name in names:
            rt.broker.declare_queue(name)
        answer = partial(_answer, rt.verbs[verb])
        dramatiq.actor(actor_name=verb, queue_name=names[0], broker=rt.broker)(answer)
    rt.broker.add_middleware(PulseThread(rt))
    # The command line of dramatiq calls us and then asks for the global broker.
    dramatiq.set_broker(rt.broker)
    return rt.broker


def _answer(verb: Callable[[int], object], lane: int) -> None:
    """A bell has no result: what came of it is in the rows."""
    verb(lane)
