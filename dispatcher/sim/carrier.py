"""A telephone carrier's order desk: announcements for an area and a period, told by reports.

There is no public protocol for this; ours is written down in docs/carrier-orders.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from .carrier_keys import Key, default_keys, signer
from .carrier_orders import BadOrderError, Order, check, moment
from .clock import HANOI, Clock
from .credentials import CARRIER_CALLBACK_SECRET
from .fates import Fates
from .receipts import Compose, Receipt, Receipts
from .wire import Reply, Request, compact, reply_json

RETRY_WAITS = (1.0, 5.0, 30.0, 300.0)
FINAL = frozenset({"rejected", "ended", "withdrawn"})
# Between four and five in the afternoon, one commune's worth of calls on one carrier.
CALLS_PER_HOUR = (200, 900)
DRILL_CALLS_PER_HOUR = (1, 3)
# Of the calls started, the share that rings long enough for the announcement to begin.
PLAYED = 0.8

HOUR = timedelta(hours=1)


class Carrier:
    """One carrier. Fates go by area code and name the reason why an order for it is rejected.

    `keys` are the customers' public keys by id, `callback_url` where states and reports go.
    """

    def __init__(
        self,
        receipts: Receipts,
        clock: Clock,
        *,
        callback_url: str = "",
        callback_secret: str = CARRIER_CALLBACK_SECRET,
        keys: Mapping[str, Key] | None = None,
        fates: Fates | None = None,
        seed: int = 0,
    ) -> None:
        self._receipts = receipts
        self._clock = clock
        self._callback_url = callback_url
        self._secret = callback_secret.encode()
        self._keys = keys or default_keys()
        self._fates = fates or Fates()
        self._random = Random(seed)
        self._orders: dict[str, Order] = {}
        self._calls: Mapping[tuple[str, str], Callable[[Order, Request], Reply]] = {
            ("GET", ""): lambda order, _: reply_json(200, _shown(order)),
            ("PUT", "audio"): self._take_audio,
            ("POST", "withdraw"): self._withdraw,
        }

    def answer(self, request: Request) -> Reply:
        """/orders, /orders/{id}, /orders/{id}/audio, /orders/{id}/withdraw."""
        root, _, rest = request.path.removeprefix("/").partition("/")
        if root != "orders":
            return refusal(404, "no_such_path")
        if not rest and request.method == "POST":
            return self._place(request)
        order_id, _, verb = rest.partition("/")
        order = self._orders.get(order_id)
        call = self._calls.get((request.method, verb))
        if order is None or call is None:
            return refusal(404, "no_such_order")
        return call(order, request)

    def unavailable(self, status: int) -> Reply:
        """The desk is closed."""
        return refusal(status, "unavailable")

    def too_many(self, retry_after: int) -> Reply:
        """429 with Retry-After."""
        reply = refusal(429, "too_many_orders")
        reply.headers["Retry-After"] = str(retry_after)
        return reply

    def reset(self) -> None:
        """Forget all orders."""
        for order in self._orders.values():
            order.state = "withdrawn"
        self._orders.clear()

    def _place(self, request: Request) -> Reply:
        key = signer(request.header("loa-signature"), request.body, self._keys)
        if key is None:
            return refusal(401, "bad_signature")
        body = request.json()
        known = self._orders.get(str(body.get("order")))
        if known is not None:
            return self._repeat(known, request.body)
        try:
            check(body, self._clock.now())
        except BadOrderError as error:
            return refusal(422, "bad_order", field=str(error))
        if body["drill"] != key.drill:
            return refusal(403, "key_not_for_this", field="drill")
        order = self._open(body, request.body)
        if not order.audio:
            self._decide(order)
        return reply_json(202, _shown(order))

    def _repeat(self, known: Order, body: bytes) -> Reply:
        if known.body != body:
            return refusal(409, "order_differs")
        return reply_json(202, _shown(known))

    def _open(self, body: Mapping[str, Any], raw: bytes) -> Order:
        order = Order(
            id=body["order"],
            carrier_ref=f"CR{self._random.getrandbits(40):010X}",
            body=raw,
            areas=body["areas"],
            starts=moment(body["period"]["from"]),
            ends=moment(body["period"]["until"]),
            audio=body.get("audio") or {},
            drill=body["drill"],
        )
        self._orders[order.id] = order
        names = {"sid": order.carrier_ref, "to": ",".join(order.areas), "order": order.id}
        self._receipts.took(names | {"text": body["text"]})
        return order

    def _take_audio(self, order: Order, request: Request) -> Reply:
        sound = request.body
        if not order.audio:
            return refusal(409, "no_audio_in_this_medium")
        if len(sound) != order.audio["bytes"] or sha256(sound).hexdigest() != order.audio["sha256"]:
            return refusal(422, "audio_differs")
        if not order.audio_held:
            order.audio_held = True
            self._decide(order)
        return reply_json(202, _shown(order))

    def _withdraw(self, order: Order, request: Request) -> Reply:
        if signer(request.header("loa-signature"), request.body, self._keys) is None:
            return refusal(401, "bad_signature")
        if request.json().get("order") != order.id:
            return refusal(422, "bad_order", field="order")
        if order.state in ("rejected", "ended"):
            return refusal(409, "order_is_over", field=order.state)
        if order.state != "withdrawn":
            self._report_calls(order, self._clock.now())
            self._change(order, "withdrawn")
            self._tell(order, self._state_body(order))
        return reply_json(202, _shown(order))

    def _decide(self, order: Order) -> None:
        """Everything is here: install it, or reject it for one of its areas."""
        reason = next(filter(None, map(self._fates.of, order.areas)), "")
        order.reason = reason
        wait = self._receipts.temper.receipt_delay()
        if reason:
            self._later(order, "rejected", wait, None)
        else:
            self._later(order, "installed", wait, self._await_start)

    def _await_start(self, order: Order) -> None:
        self._later(order, "active", self._clock.until(order.starts), self._begin)

    def _begin(self, order: Order) -> None:
        # Timers may fire a little early, which at a fast pace is minutes.
        order.reported = max(self._clock.now(), order.starts)
        self._await_hour(order, order.reported)

    def _await_hour(self, order: Order, since: datetime) -> None:
        """Report at every full hour, and at the end."""
        next_hour = since.replace(minute=0, second=0, microsecond=0) + HOUR
        due = min(next_hour, order.ends)

        def report() -> None:
            self._report_calls(order, due)
            if due < order.ends and order.state == "active":
                self._await_hour(order, due)

        self._receipts.after(self._clock.until(due), report)
        if due == order.ends:
            self._later(order, "ended", self._clock.until(due), None)

    def _later(
        self, order: Order, state: str, wait: float, then: Callable[[Order], None] | None
    ) -> None:
        def happens() -> bool:
            if order.state in FINAL:
                return False
            self._change(order, state)
            if then:
                then(order)
            return bool(self._callback_url)

        def compose() -> tuple[str, Mapping[str, str], bytes]:
            return self._signed(body | {"at": _local(self._clock.now())})

        body = {"event": self._event_id(), "order": order.id, "carrier_ref": order.carrier_ref}
        body |= {"type": "state", "state": state}
        body |= {"reason": order.reason} if state == "rejected" else {}
        body |= {"from": _local(order.starts)} if state == "active" else {}
        stranger = self._stranger() if state == "installed" and self._callback_url else None
        self._receipts.schedule([Receipt(compose, happens, wait)], stranger)

    def _change(self, order: Order, state: str) -> None:
        order.state = state
        order.history.append((state, self._clock.now()))

    def _state_body(self, order: Order) -> dict[str, object]:
        return {"type": "state", "state": order.state, "at": _local(self._clock.now())}

    def _report_calls(self, order: Order, until: datetime) -> None:
        """Calls started and announcements begun, by area, in the hour that ends at `until`."""
        if order.state != "active" or order.reported is None:
            return
        hour = order.reported.replace(minute=0, second=0, microsecond=0)
        share = (until - order.reported) / HOUR
        rows = [self._row(order, area, hour, share) for area in order.areas]
        order.reported = until
        self._tell(order, {"type": "report", "rows": rows, "at": _local(self._clock.now())})

    def _row(self, order: Order, area: str, hour: datetime, share: float) -> dict[str, object]:
        limits = DRILL_CALLS_PER_HOUR if order.drill else CALLS_PER_HOUR
        calls = round(self._random.randint(*limits) * share)
        plays = round(calls * PLAYED)
        return {"area": area, "hour": _local(hour), "calls": calls, "plays": plays}

    def _tell(self, order: Order, body: Mapping[str, object]) -> None:
        if not self._callback_url:
            return
        names = {"event": self._event_id(), "order": order.id, "carrier_ref": order.carrier_ref}
        message = names | dict(body)
        self._receipts.schedule([Receipt(lambda: self._signed(message), lambda: True, 0.0)])

    def _stranger(self) -> Compose:
        body = {"event": self._event_id(), "order": "unknown", "carrier_ref": "CR0000000000"}
        body |= {"type": "state", "state": "installed", "at": _local(self._clock.now())}
        return lambda: self._signed(body)

    def _signed(self, body: Mapping[str, object]) -> tuple[str, Mapping[str, str], bytes]:
        raw = compact(body)
        stamp = str(int(self._clock.now().timestamp()))
        mac = hmac.new(self._secret, f"{stamp}.".encode() + raw, sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Carrier-Signature": f"t={stamp};v1={mac}",
        }
        return self._callback_url, headers, raw

    def _event_id(self) -> str:
        return f"ev_{self._random.getrandbits(64):016x}"


def refusal(status: int, code: str, **details: str) -> Reply:
    """The desk's error body."""
    return reply_json(status, {"error": code} | details)


def _shown(order: Order) -> dict[str, object]:
    shown: dict[str, object] = {
        "order": order.id,
        "carrier_ref": order.carrier_ref,
        "state": order.state,
        "history": [{"state": state, "at": _local(at)} for state, at in order.history],
    }
    if order.audio:
        shown["audio"] = "held" if order.audio_held else "missing"
    return shown | ({"reason": order.reason} if order.state == "rejected" else {})


def _local(at: datetime) -> str:
    return at.astimezone(HANOI).isoformat(timespec="seconds")
