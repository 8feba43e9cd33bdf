"""An office at work: people, routes to simulated providers, and the verbs wired around a ledger.

Everything goes through the real verbs; what stands at the other end is a socket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, select

from channels.base import Channel
from dispatcher.approve import approve
from dispatcher.author import Desk, author
from dispatcher.deliver import Means, deliver
from dispatcher.domain.audience import Audience
from dispatcher.domain.content import Content, Issuer, Related
from dispatcher.domain.model import Level, Mode, Relation, StatusEvent, Traits
from dispatcher.domain.status import Reason, Status
from dispatcher.expand import expand
from dispatcher.holding import Holding
from dispatcher.ledger import batches, dispatches, leaves, receipts, routes
from dispatcher.ledger import desk as rows_of
from dispatcher.ledger.batches import Claim
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.routes import NewRoute, Route
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import alarm, batch
from dispatcher.ledger.transition import Place
from dispatcher.press import Press
from dispatcher.propose import propose
from dispatcher.queue import InlineQueue
from dispatcher.settle import Settling
from dispatcher.sim.credentials import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
from dispatcher.submit import submit
from dispatcher.switchboard import Switchboard, traits_table
from dispatcher.terms import Wish
from dispatcher.tick import Pulse, tick
from dispatcher.track import track
from dispatcher.watch import Patience
from tests.ledger import world as worlds
from tests.ledger.world import COMMUNE, World

#: Where our providers would call us back; nobody listens unless a test does.
CALLBACKS = "http://callbacks.invalid/callbacks/{route}"

HOUR_MS = 3_600_000

_FACTS = {
    "general_notice": ("what", "action"),
    "storm_flood_warning": ("hazard", "source", "where", "when", "action"),
    "evacuation": ("where", "reason", "deadline", "shelter", "action"),
    "evacuation_end": ("where", "when", "action"),
}


class Unpublished:
    """No loudspeakers in this office."""

    def publish(self, items: Sequence[Any]) -> Sequence[str | None]:
        raise AssertionError("nothing to publish")

    def withdraw(self, items: Sequence[Any]) -> Sequence[bool]:
        raise AssertionError("nothing to withdraw")


@dataclass
class Office:
    """A commune's office. ``size``: deliveries per batch."""

    ledger: Ledger
    desk: Desk
    world: World
    size: int = 100
    publisher: Any = field(default_factory=Unpublished)
    queue: InlineQueue = field(default_factory=InlineQueue)
    traits: dict[str, Traits] = field(default_factory=traits_table)
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self.board = Switchboard(self.ledger, self.publisher, self.now, loopback=True)
        self.press = Press(self.ledger)
        self.author = replace(self.world.author, mode="test")
        self.approver = replace(self.world.approver, mode="test")
        self.operator = replace(self.world.operator, mode="test")

    def now(self) -> int:
        with self.ledger.read() as conn:
            return rows_of.now(conn)

    # -- what there is ------------------------------------------------------------------------

    def people(self, count: int, *, first: int = 0, area: str = COMMUNE, **more: Any) -> None:
        citizens = [
            replace(worlds.person(self.world, first + n, **more), area=area) for n in range(count)
        ]
        worlds.add_people(self.ledger, citizens)

    def route(self, url: str, *, rate: float = 1000.0, **more: Any) -> int:
        """A Twilio account at ``url``; ``settings`` in ``more`` are added to its own."""
        settings = {
            "account_sid": TWILIO_ACCOUNT_SID,
            "auth_token": TWILIO_AUTH_TOKEN,
            "sender": "+15005550006",
            "base_url": url,
            "callback_url": CALLBACKS,
            **more.pop("settings", {}),
        }
        new = {"agency": self.world.commune, "channel": "sms", "provider": "twilio", "mode": "test"}
        new |= {"name": f"SMS {url} {len(more)}", "unaccent": True, **more}
        with self.ledger.begin() as conn:
            made = NewRoute(**new, settings=settings, rate=rate)
            return routes.add(conn, self.ledger.vault, made)

    # -- from a text to a dispatch ------------------------------------------------------------

    def content(
        self, level: Level = Level.NORMAL, *, kind: str = "", valid_ms: int = 0, **more: Any
    ) -> Content:
        """A short text of one SMS part. Above normal it is valid for an hour unless told."""
        chosen = kind or ("general_notice" if level is Level.NORMAL else "storm_flood_warning")
        if not valid_ms and level is not Level.NORMAL:
            valid_ms = HOUR_MS
        facts = {name: {"vi": "nước sông Hoàng Long lên nhanh"} for name in _FACTS[chosen]}
        fields = {
            "kind": chosen,
            "agency": Issuer({"vi": "Ủy ban nhân dân xã Gia Viễn"}, "UBND xã Gia Viễn", "1022"),
            "title": {"vi": "Thông báo"},
            "body": {"vi": "Đề nghị bà con theo dõi loa truyền thanh của xã."},
            "level": level,
            "facts": facts,
            "overrides": {"sms": {"vi": "De nghi ba con theo doi loa."}},
            "valid_until": self.now() + valid_ms if valid_ms else 0,
        }
        return Content(**{**fields, **more})

    def proposed(
        self,
        content: Content | None = None,
        *,
        channels: Sequence[str] = ("sms",),
        audience: Audience | None = None,
        mode: Mode = Mode.TEST,
        start_at: int = 0,
        relates_to: int | None = None,
        by: Actor | None = None,
    ) -> tuple[int, int, int]:
        """(bulletin, version, approval waiting for a decision)."""
        writer = by or self.author
        saved = author(
            self.ledger,
            self.desk,
            writer,
            content or self.content(),
            channels,
            relates_to=relates_to,
        )
        wish = Wish(audience or Audience(areas=(COMMUNE,)), channels, mode, start_at)
        return (
            saved.bulletin,
            saved.version,
            propose(self.ledger, self.traits, writer, saved.version, wish),
        )

    def approved(self, content: Content | None = None, **more: Any) -> int:
        _, _, approval = self.proposed(content, **more)
        approve(self.ledger, self.approver, approval)
        return approval

    def submit(self, approval: int, actor: Actor | None = None) -> int:
        return submit(self.ledger, self.queue, self.traits, actor or self.operator, approval)

    def start(self, content: Content | None = None, **more: Any) -> Place:
        """Write, propose, approve and start; nothing is expanded yet."""
        return self.place(self.submit(self.approved(content, **more)))

    def started(self, content: Content | None = None, **more: Any) -> Place:
        """The same, expanded."""
        place = self.start(content, **more)
        self.expand()
        return place

    # -- work ---------------------------------------------------------------------------------

    def means(self, holder: str = "worker-1", lease_ms: int = 15_000) -> Means:
        return Means(
            self.ledger,
            self.traits,
            self.board.connect,
            self.queue,
            self.press,
            holder,
            jitter=lambda: 0.0,
            lease_ms=lease_ms,
        )

    def expand(self) -> int:
        return expand(self.ledger, self.queue, self.traits, lambda lot, channel: self.size)

    def deliver(self, lane: int = 2, **more: Any) -> int:
        return deliver(self.means(**more), lane)

    def track(self) -> int:
        return track(self.ledger)

    def holding(self, claimed: Claim, holder: str = "worker-1", lease_ms: int = 15_000) -> Holding:
        """A claimed batch in the hands of a worker."""
        route = self.route_of(claimed.route)
        return Holding(self.ledger, claimed, route, holder, lambda: 0.0, lease_ms)

    def route_of(self, number: int) -> Route:
        with self.ledger.read() as conn:
            route = routes.load(conn, self.ledger.vault, number)
        assert route is not None
        return route

    def channel(self, number: int) -> Channel:
        return self.board.connect(self.route_of(number))

    def settling(self) -> Settling:
        return Settling(self.ledger, self.traits, self.board.connect)

    def tick(self, holder: str = "clock-1") -> None:
        tick(Pulse(self.settling(), self.queue, self.patience, holder))

    def tell(self, events: Sequence[StatusEvent], route: int | None = None) -> int:
        """Later words, as the callback door stores them."""
        with self.ledger.begin() as conn:
            now = rows_of.now(conn)
            return receipts.store(conn, self.ledger.vault, route, events, b"raw", now)

    # -- what became of it --------------------------------------------------------------------

    def place(self, dispatch: int) -> Place:
        with self.ledger.read() as conn:
            found = dispatches.place(conn, dispatch)
        assert found is not None
        return found

    def state(self, place: Place) -> str:
        return str(self.dispatch(place).state)

    def dispatch(self, place: Place) -> Row[Any]:
        with self.ledger.read() as conn:
            row = dispatches.load(conn, place.dispatch)
        assert row is not None
        return row

    def rows(self, place: Place) -> list[Row[Any]]:
        """Deliveries in id order."""
        with self.ledger.read() as conn:
            leaf = leaves.delivery_leaf(conn, place.part)
            query = select(leaf).where(leaf.c.dispatch_id == place.dispatch).order_by(leaf.c.id)
            return list(conn.execute(query))

    def statuses(self, place: Place) -> dict[Status, int]:
        return dict(Counter(Status(row.status) for row in self.rows(place)))

    def reasons(self, place: Place) -> dict[Reason, int]:
        return dict(Counter(Reason(row.reason) for row in self.rows(place)))

    def cut(self, place: Place) -> list[Row[Any]]:
        with self.ledger.read() as conn:
            query = select(batch).where(batch.c.dispatch_id == place.dispatch)
            return list(conn.execute(query.order_by(batch.c.id)))

    def alarms(self, place: Place, *, cleared: bool = False) -> list[str]:
        """Codes of what people were told, oldest first."""
        with self.ledger.read() as conn:
            query = select(alarm.c.code).where(alarm.c.dispatch_id == place.dispatch)
            wanted = alarm.c.cleared_at.is_not(None) if cleared else alarm.c.cleared_at.is_(None)
            return list(conn.scalars(query.where(wanted).order_by(alarm.c.id)))

    def counts(self, place: Place) -> dict[str, dict[Status, int]]:
        """What screens show: per channel and status, zeros left out."""
        with self.ledger.read() as conn:
            table = dispatches.counts(conn, place)
        return {
            channel: {status: n for status, n in row.items() if n} for channel, row in table.items()
        }


def another_commune(office: Office, area: str, name: str) -> Office:
    """An office like this one in another commune of the province, on the same ledger."""
    world = office.world
    with office.ledger.begin() as conn:
        agency = worlds.add_agency(conn, name, area, world.province, "1022")
        actors = {
            role: worlds.add_actor(conn, agency, f"Cán bộ {role}", role, role)
            for role in ("author", "approver", "operator")
        }
    there = replace(world, commune=agency, **actors)
    made = Office(office.ledger, office.desk, there, size=office.size, queue=office.queue)
    # One switchboard, which hangs up when the test ends.
    made.board = office.board
    return made


def ending(symbol: str = "12/CĐ-UBND") -> Related:
    """What the bulletin that ends an evacuation says it ends."""
    return Related(Relation.ENDS, symbol, "Sơ tán các hộ dân ngoài đê")


def claim_of(office: Office, lane: int = 2, holder: str = "worker-1", lease_ms: int = 100) -> Claim:
    """A batch taken by somebody who will do nothing with it."""
    with office.ledger.begin() as conn:
        taken = batches.claim(conn, lane, holder, lease_ms)
    assert taken is not None
    return taken
