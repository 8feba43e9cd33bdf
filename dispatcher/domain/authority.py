"""Who may do what: the rules of docs/design.md §7 as functions of values.

Every door asks here; the SQL filters use the same path rule.
"""

from collections.abc import Iterable

from dispatcher.domain.errors import Conflict, Forbidden
from dispatcher.domain.model import Mode

#: Roles and the acts each allows.
RIGHTS = {
    "author": frozenset({"draft", "submit"}),
    "approver": frozenset({"approve"}),
    "operator": frozenset({"start", "pause", "cancel", "import"}),
    "auditor": frozenset({"read"}),
    "administrator": frozenset({"import", "configure"}),
}


def require(act: str, roles: Iterable[str]) -> None:
    """Raises Forbidden unless one of the roles allows the act. Everybody may read."""
    if act == "read" or any(act in RIGHTS.get(role, ()) for role in roles):
        return
    raise Forbidden(
        "role_missing",
        f"Vai trò của bạn không cho phép thao tác này ({act}).",
        f"Your role does not allow this act ({act}).",
    )


def below(top: str, path: str) -> bool:
    """Whether an agency's path is that of ``top`` or below it."""
    return path.startswith(top)


def may_decide(decider: int, author: int, submitter: int) -> None:
    """Raises Forbidden: who wrote or submitted a text does not approve it (bốn mắt)."""
    if decider in (author, submitter):
        raise Forbidden(
            "own_bulletin",
            "Người soạn và người trình không được tự duyệt. Cần một người khác có quyền duyệt.",
            "Author and submitter cannot approve. Another approver has to.",
        )


def require_mode(key_mode: str, mode: Mode) -> None:
    """Raises Conflict when a test key starts something live, or the other way round."""
    if key_mode != mode.value:
        raise Conflict(
            "wrong_mode",
            f"Khóa này chỉ dùng cho chế độ '{key_mode}'.",
            f"This key is for mode '{key_mode}' only.",
            field="mode",
        )
