"""Who may do what: the rules of docs/design.md §7 as functions of values.

Every door asks here; the SQL filters use the same path rule.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.domain.model import Mode
from dispatcher.domain.second_factor import WITHHELD

#: What administrators may do with personal data (docs/personal-data.md).
_PERSONAL = ("reveal", "opt_out", "erase", "report", "ask_export", "decide_export")

#: Roles and the acts each allows.
RIGHTS = {
    "author": frozenset({"draft", "submit"}),
    "approver": frozenset({"approve", "decide_export"}),
    "operator": frozenset(
        {"start", "pause", "cancel", "import", "reveal", "opt_out", "ask_export"}
    ),
    "auditor": frozenset({"read", "audit"}),
    "administrator": frozenset({"import", "configure", "grant", "audit", *_PERSONAL}),
    "duty_officer": frozenset({"release"}),
}

#: Roles that their holder may lend while on leave. Not an administrator's: what a substitute
#: granted would outlast the leave.
LENT = frozenset(RIGHTS) - {"administrator"}

#: A delegation is for a leave, not for good: at most half a year, in ms.
LONGEST_LEAVE_MS = 183 * 86_400_000

#: Characters of a basis or an office: the reference of a document, not its text.
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Term:
    """When and why a right holds. Epoch ms; ``until`` None: for good. ``basis``: the document."""

    start: int
    until: int | None
    basis: str


def require(act: str, roles: Iterable[str]) -> None:
    """Raises Forbidden unless one of the roles allows the act. Everybody may read.

    A role that waits for the second factor allows nothing, and says so.
    """
    held = list(roles)
    if act == "read" or any(act in RIGHTS.get(role, ()) for role in held):
        return
    if any(act in RIGHTS.get(role.removeprefix(WITHHELD), ()) for role in held):
        raise Forbidden(
            "second_factor_needed",
            "Thao tác này cần xác thực hai lớp. Hãy đăng ký ứng dụng xác thực trong trang tài "
            "khoản.",
            "This act needs the second factor. Enrol an authenticator on your account's page.",
        )
    raise Forbidden(
        "role_missing",
        f"Vai trò của bạn không cho phép thao tác này ({act}).",
        f"Your role does not allow this act ({act}).",
    )


def below(top: str, path: str) -> bool:
    """Whether an agency's path is that of ``top`` or below it."""
    return path.startswith(top)


def may_decide(decider: int, author: int, submitter: int, principals: Collection[int] = ()) -> None:
    """Raises Forbidden: who wrote or submitted a text does not approve it (bốn mắt).

    ``principals``: whose approver's role the decider holds on loan (``grants.principals``). What
    one of them wrote or submitted would come back to the same hand.
    """
    if set(principals) & {author, submitter}:
        raise Forbidden(
            "principals_bulletin",
            "Người được ủy quyền không được duyệt bản tin do người ủy quyền soạn hoặc trình.",
            "A delegate cannot approve what the person who delegated wrote or submitted.",
        )
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


def may_grant(granter: int, receiver: int) -> None:
    """Raises Forbidden: nobody changes their own rights, up or down."""
    if granter == receiver:
        raise Forbidden(
            "own_rights",
            "Không ai tự thay đổi quyền của mình. Cần một quản trị viên khác, hoặc của cấp trên.",
            "Nobody changes their own rights. Another administrator has to, or one above.",
        )


def check_roles(roles: Iterable[str], *, field: str = "roles") -> None:
    """Raises BadInput for a role that there is not."""
    unknown = ", ".join(role for role in roles if role not in RIGHTS)
    if unknown:
        raise BadInput(
            "unknown_role",
            f"Không có vai trò '{unknown}'. Các vai trò: {', '.join(RIGHTS)}.",
            f"There is no role '{unknown}'. Roles: {', '.join(RIGHTS)}.",
            field=field,
        )


def check_term(term: Term, now: int) -> None:
    """Raises BadInput: a right ends after it begins, in the future, and names a short basis."""
    if term.until is not None and term.until <= max(term.start, now):
        raise BadInput(
            "bad_term",
            "Ngày kết thúc phải sau ngày bắt đầu và sau thời điểm hiện tại.",
            "The end must come after the beginning and lie in the future.",
            field="until",
        )
    if term.start < now:
        raise BadInput(
            "bad_term",
            "Quyền không được bắt đầu trong quá khứ.",
            "A right cannot begin in the past.",
            field="from",
        )
    if len(term.basis) > LONGEST_WORDS:
        raise BadInput(
            "bad_basis",
            f"Chỉ ghi số, ký hiệu văn bản, tối đa {LONGEST_WORDS} ký tự.",
            f"Give the document's number and symbol only, at most {LONGEST_WORDS} characters.",
            field="basis",
        )


def check_loan(role: str, own: Collection[str], term: Term) -> None:
    """Raises what is wrong with lending a role: it must be one's own, with an end and a basis."""
    if role not in LENT:
        raise Forbidden(
            "not_lent",
            "Quyền quản trị không được ủy quyền. Đề nghị quản trị viên cấp trên cấp quyền.",
            "An administrator's role cannot be delegated. Ask the administrator above to grant it.",
            field="role",
        )
    if role not in own:
        raise Forbidden(
            "not_own_role",
            "Chỉ được ủy quyền vai trò được giao trực tiếp cho mình, không ủy quyền lại.",
            "Only a role that is your own may be delegated, not one that was delegated to you.",
            field="role",
        )
    if term.until is None or term.until - term.start > LONGEST_LEAVE_MS:
        raise BadInput(
            "endless_loan",
            "Ủy quyền phải có ngày kết thúc, không quá 183 ngày.",
            "A delegation needs an end, within 183 days.",
            field="until",
        )
    if not term.basis.strip():
        raise BadInput(
            "no_basis",
            "Ghi số, ký hiệu văn bản ủy quyền.",
            "Name the document that delegates.",
            field="basis",
        )
