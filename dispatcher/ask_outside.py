"""The verb that says who else must agree: a platform to its template, a carrier to a text."""

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.ledger import approvals, bulletins, desk, outside, pages
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger

#: Longer than any template id or brandname with its carrier.
_LONGEST = 200


def ask_outside(ledger: Ledger, actor: Actor, version: int, channel: str, subject: str) -> int:
    """Hold one channel of a version until somebody outside has approved ``subject``.

    ``subject``: what they approve, e.g. ``Mẫu ZBS 372018`` or ``Nội dung brandname UBND-DQ``. The
    other channels go on, in an emergency as ever. Returns its number.
    """
    with ledger.begin() as conn:
        row = bulletins.load_version(conn, version)
        if row is None or row.agency_id != actor.agency:
            raise NotFound("no_version", "Không có bản tin này.", "There is no such version.")
        # What is approved may be on its way: to hold it is an operator's act, not its author's.
        approved = approvals.is_approved(conn, version, bytes(row.digest))
        authority.require("pause" if approved else "submit", actor.roles)
        worded = {each.channel for each in bulletins.renditions_of(conn, version)}
        if channel not in worded:
            raise BadInput(
                "not_rendered",
                f"Bản tin không có nội dung cho kênh '{channel}'. Các kênh: "
                f"{', '.join(sorted(worded))}.",
                f"The version has no rendition for '{channel}'. Channels: "
                f"{', '.join(sorted(worded))}.",
                field="channel",
            )
        if not 0 < len(subject.strip()) <= _LONGEST:
            raise BadInput(
                "no_subject",
                f"Ghi rõ nội dung cần duyệt, từ 1 đến {_LONGEST} ký tự.",
                f"Say what is to be approved, in 1 to {_LONGEST} characters.",
                field="subject",
            )
        now = desk.now(conn)
        number = outside.ask(
            conn, row.agency_id, version, channel, subject.strip(), actor.account, now
        )
        pages.record(
            conn,
            "ask_outside",
            f"outside:{number}",
            actor=actor.account,
            at=now,
            facts={"version": version, "channel": channel, "subject": subject.strip()},
        )
    return number
