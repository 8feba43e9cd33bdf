"""The tables, as SQLAlchemy sees them on SQLite and PostgreSQL alike.

Times are epoch milliseconds UTC. Codes of status, reason, evidence and target kind are those of
``domain.status`` and ``domain.model``. Deliveries and attempts are partitioned on PostgreSQL by
``part``: a large dispatch has a leaf of its own, the small ones of a month share one, so that a
country's daily notices do not make ten thousand tables; every key contains it.
"""

from dispatcher.ledger.tables.base import metadata
from dispatcher.ledger.tables.bulletins import (
    approval,
    bulletin,
    duty_shift,
    kind,
    media,
    outside_approval,
    preapproved,
    rendition,
    version,
)
from dispatcher.ledger.tables.contacts import (
    address,
    contact,
    contact_list,
    daily_count,
    data_request,
    list_member,
    opt_out,
    suppression,
)
from dispatcher.ledger.tables.desk import alarm, key_ring, lease, meta, stop
from dispatcher.ledger.tables.dispatches import (
    attempt,
    batch,
    delivery,
    dispatch,
    expansion,
    receipt,
    tally,
    tally_delta,
)
from dispatcher.ledger.tables.log import (
    act,
    anchor,
    checkpoint,
    generation,
    leaf,
    page,
    page_open,
    retirement,
    seal,
    tile,
)
from dispatcher.ledger.tables.people import (
    account,
    agency,
    api_key,
    area,
    credential,
    idempotency,
    locality,
    role_grant,
    session,
    throttle,
)
from dispatcher.ledger.tables.routes import (
    carrier_order,
    route,
    route_health,
    route_price,
    route_token,
)
from dispatcher.ledger.tables.search import dispatch_area, document_symbol
from dispatcher.ledger.tables.stations import device_event, manifest, play_item, speaker, station

#: Rows that explain the past: the database itself refuses UPDATE, DELETE and REPLACE on them.
APPEND_ONLY = (
    page,
    act,
    leaf,
    tile,
    checkpoint,
    seal,
    version,
    rendition,
    anchor,
    generation,
    retirement,
    route_price,
)

__all__ = [
    "APPEND_ONLY",
    "account",
    "act",
    "address",
    "agency",
    "alarm",
    "anchor",
    "api_key",
    "approval",
    "area",
    "attempt",
    "batch",
    "bulletin",
    "carrier_order",
    "checkpoint",
    "contact",
    "contact_list",
    "credential",
    "daily_count",
    "data_request",
    "delivery",
    "device_event",
    "dispatch",
    "dispatch_area",
    "document_symbol",
    "duty_shift",
    "expansion",
    "generation",
    "idempotency",
    "key_ring",
    "kind",
    "leaf",
    "lease",
    "list_member",
    "locality",
    "manifest",
    "media",
    "meta",
    "metadata",
    "opt_out",
    "outside_approval",
    "page",
    "page_open",
    "play_item",
    "preapproved",
    "receipt",
    "rendition",
    "retirement",
    "role_grant",
    "route",
    "route_health",
    "route_price",
    "route_token",
    "seal",
    "session",
    "speaker",
    "station",
    "stop",
    "suppression",
    "tally",
    "tally_delta",
    "throttle",
    "tile",
    "version",
]
