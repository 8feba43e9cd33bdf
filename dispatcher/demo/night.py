"""The story the demo plays: an order to leave, a provider that fails, silence named, the end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from dispatcher.approve import approve
from dispatcher.author import author
from dispatcher.bootstrap import Runtime
from dispatcher.demo.world import World
from dispatcher.domain.audience import Audience
from dispatcher.domain.content import Content
from dispatcher.domain.model import Mode
from dispatcher.domain.status import Status
from dispatcher.ledger import audiences, desk, dispatches
from dispatcher.propose import propose
from dispatcher.submit import submit
from dispatcher.terms import Wish

CHANNELS = ("sms", "email", "zalo", "ringback", "loudspeaker")

Counts = dict[str, dict[Status, int]]


@dataclass(frozen=True, slots=True)
class Act:
    """One bulletin on its way. ``sentence`` is read back before anything is sent."""

    bulletin: int
    approval: int
    sentence: str


def prepare_act(runtime: Runtime, world: World, name: str, *, relates_to: int | None = None) -> Act:
    """Write, submit and approve a bulletin of this folder, by two people as the rule wants."""
    text = files("dispatcher.demo").joinpath(f"{name}.toml").read_text("utf-8")
    content = Content.from_toml(text, kinds=runtime.authoring.kinds, now=runtime.now())
    saved = author(
        runtime.ledger, runtime.authoring, world.author, content, CHANNELS, relates_to=relates_to
    )
    wish = Wish(Audience(localities=world.outside), CHANNELS, Mode.TEST)
    approval = propose(runtime.ledger, runtime.traits, world.author, saved.version, wish)
    approve(runtime.ledger, world.approver, approval)
    return Act(saved.bulletin, approval, _sentence(runtime, wish.audience, content))


def _sentence(runtime: Runtime, audience: Audience, content: Content) -> str:
    with runtime.ledger.read() as conn:
        people = audiences.count_contacts(conn, audience)
        clusters = audiences.count_speakers(conn, audience)
    until = time.strftime("%H:%M %d/%m", time.gmtime(content.valid_until / 1000 + 7 * 3600))
    grouped = f"{people:,}".replace(",", ".")
    return (
        f"Phát ngay (diễn tập): {len(audience.localities)} thôn, {grouped} người, "
        f"{clusters} cụm loa, {len(CHANNELS)} kênh, đến {until}."
    )


def start(runtime: Runtime, world: World, act: Act) -> int:
    """Send what was approved; return the dispatch."""
    return submit(runtime.ledger, runtime.queue, runtime.traits, world.author, act.approval)


def counts(runtime: Runtime, dispatch: int) -> Counts:
    """Per channel and status, now."""
    with runtime.ledger.read() as conn:
        place = dispatches.place(conn, dispatch)
        return dispatches.counts(conn, place) if place else {}


def alarms(runtime: Runtime, *numbers: int) -> list[str]:
    """What people are told, oldest first."""
    with runtime.ledger.read() as conn:
        return [row.words for row in desk.alarms(conn, numbers)]


def play(
    runtime: Runtime,
    dispatch: int,
    look: Callable[[Counts], None],
    enough: Callable[[Counts], bool],
    *,
    limit_s: float,
    every_s: float = 0.25,
) -> Counts:
    """Look at a dispatch until it is far enough, or for ``limit_s`` seconds."""
    until = time.monotonic() + limit_s
    while True:
        now = counts(runtime, dispatch)
        look(now)
        if enough(now) or time.monotonic() > until:
            return now
        time.sleep(every_s)


def sent(table: Counts) -> int:
    """Deliveries that a provider has taken, on all channels; only to see that it moves on."""
    taken = (Status.ACCEPTED, Status.DELIVERED, Status.SEEN)
    return sum(row[status] for row in table.values() for status in taken)


def quiet(silent: int) -> Callable[[Counts], bool]:
    """Whether nothing moves any more but ``silent`` clusters that never will."""

    def judge(table: Counts) -> bool:
        if set(table) != set(CHANNELS):
            return False
        waiting = sum(row[Status.PENDING] + row[Status.SENDING] for row in table.values())
        listening = sum(table[name][Status.ACCEPTED] for name in ("sms", "loudspeaker", "ringback"))
        return waiting <= silent and listening == 0

    return judge
