"""The queue door: one dramatiq actor per verb. Run by ``loa work``, or ``dramatiq workers:setup``."""

import dramatiq

from dispatcher import bootstrap
from dispatcher.domain.model import LANES
from dispatcher.pulse import PulseThread
from dispatcher.queue import queue_of


def setup(runtime: bootstrap.Runtime | None = None) -> dramatiq.Broker:
    """Declare the actors on the runtime's broker, and the pulse that needs no bell."""
    rt = runtime or bootstrap.build()
    queues = {verb: [queue_of(verb, 0)] for verb in rt.verbs}
    queues["deliver"] = [queue_of("deliver", lane) for lane in range(len(LANES))]
    for verb, names in queues.items():
        for name in names:
            rt.broker.declare_queue(name)
        dramatiq.actor(
            rt.verbs[verb], actor_name=verb, queue_name=names[0], broker=rt.broker
        )
    rt.broker.add_middleware(PulseThread(rt))
    return rt.broker
