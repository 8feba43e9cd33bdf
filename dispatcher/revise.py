"""The verb of *sửa và duyệt*: an approver rewords what others drafted and approves it, in one."""

from collections.abc import Sequence

from dispatcher.author import Desk, Draft, preview, store
from dispatcher.domain import authority, difference
from dispatcher.domain.approvals import State, Unproven
from dispatcher.domain.content import Content
from dispatcher.domain.difference import Change
from dispatcher.domain.errors import Conflict
from dispatcher.ledger import approvals, bulletins, desk, pages, refusals
from dispatcher.ledger.approvals import Decision
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.request import Request, check_eyes, take_waiting


def revise(
    ledger: Ledger, desk_: Desk, actor: Actor, approval: int, written: Content, *, note: str = ""
) -> int:
    """Approve a request in other words; return the number of the approval that takes its place.

    The new version is the approver's; the terms stay as submitted. Raises Conflict when anything
    but wording differs, or nothing does. The log has the digests of both texts of each field that
    changed; the texts themselves are in the two versions.
    """
    authority.require("approve", actor.roles)
    try:
        with ledger.begin() as conn:
            request = _open(conn, actor, approval)
            _changes(conn, request, written)
            worded = bulletins.renditions_of(conn, request.version.id)
            now = desk.now(conn)
        channels = list(dict.fromkeys(each.channel for each in worded))
        draft = preview(desk_, written, channels, now)
        with ledger.begin() as conn:
            request = _open(conn, actor, approval)
            return _approve(conn, actor, request, draft, note)
    except Unproven as error:
        refusals.note(ledger, "approval", f"approval:{approval}", error.code, actor=actor.account)
        raise


def _open(conn: Connection, actor: Actor, approval: int) -> Request:
    request = take_waiting(conn, actor, approval)
    check_eyes(conn, actor, request)
    return request


def _changes(conn: Connection, request: Request, written: Content) -> Sequence[Change]:
    """What would change. Raises Conflict unless it is wording, in the languages there are."""
    before = bulletins.content_of(conn, request.version.id)
    changes = difference.between(before, written)
    beyond = [each.field for each in changes if not each.wording]
    if before.languages != written.languages:
        beyond.append("title")
    if beyond:
        raise Conflict(
            "not_wording",
            f"Sửa và duyệt chỉ sửa câu chữ. Mục '{beyond[0]}' thay đổi thì phải trình lại.",
            f"Editing and approving is for wording. With another '{beyond[0]}', submit it anew.",
            field=beyond[0],
        )
    if not changes:
        raise Conflict(
            "nothing_changed",
            "Chưa sửa chữ nào. Nếu đồng ý với nội dung, hãy duyệt.",
            "No word was changed. If it is right as it stands, approve it.",
        )
    return changes


def _approve(conn: Connection, actor: Actor, request: Request, draft: Draft, note: str) -> int:
    now, former = desk.now(conn), request.approval
    changes = _changes(conn, request, draft.content)
    saved = store(conn, request.version.bulletin_id, draft, actor.account, now)
    approvals.supersede(conn, former.id, [State.SUBMITTED])
    made = Decision(State.APPROVED, actor.account, now, note, edited_from=request.version.id)
    terms = approvals.facts(former)["plan"]
    approval = approvals.add_decided(conn, saved, terms, former.submitted_by, made)
    facts = {
        "version": saved.version,
        "digest": saved.digest.hex(),
        "plan": terms,
        **made.facts(),
        "asked_by": former.submitted_by,
        "supersedes": former.id,
        "changes": [each.to_facts() for each in changes],
    }
    pages.record(conn, "revise", f"approval:{approval}", actor=actor.account, at=now, facts=facts)
    gone = {"by": approval}
    pages.record(
        conn, "supersede", f"approval:{former.id}", actor=actor.account, at=now, facts=gone
    )
    return approval
