"""A bulletin that corrects, withdraws or ends another silences it, once it goes out itself."""

from dispatcher.domain.model import DispatchState
from dispatcher.ledger import bulletins, dispatches
from dispatcher.ledger.handles import Connection

_REPLACEABLE = tuple(state for state in DispatchState if state is not DispatchState.CANCELLED)


def replace_earlier(conn: Connection, dispatch_id: int) -> None:
    """Call off the dispatches of the related bulletin, now that this one starts.

    Only those of the same mode and kind: what ends a drill does not end the storm.
    """
    new = dispatches.load(conn, dispatch_id)
    version = bulletins.load_version(conn, new.version_id) if new else None
    if new is None or version is None or version.relates_to is None:
        return
    for earlier in dispatches.of_bulletin(conn, version.relates_to):
        if (earlier.mode, earlier.drill) != (new.mode, new.drill):
            continue
        why = f"replaced:{version.relation}:dispatch:{dispatch_id}"
        dispatches.set_state(conn, earlier.id, DispatchState.CANCELLED, was=_REPLACEABLE, why=why)
