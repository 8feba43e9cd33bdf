"""What an installation that reaches citizens must not be run with: defaults, open doors."""

from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.config import Settings, root_key
from dispatcher.domain.errors import Misconfigured

#: Keys that stand in documents, tests and demos: anybody has them.
_KNOWN_KEYS = frozenset({bytes(32), bytes(range(32)), b"\xff" * 32, b"0" * 32})


@dataclass(frozen=True, slots=True)
class Danger:
    """A setting, whether it is wrong, and what to do about it."""

    field: str
    code: str
    wrong: Callable[[Settings], bool]
    vi: str
    en: str


def _readable_by_others(settings: Settings) -> bool:
    path = settings.data_dir / "root.key"
    given = bool(settings.root_key.get_secret_value())
    return not given and path.exists() and bool(path.stat().st_mode & 0o077)


DANGERS = (
    Danger(
        "LOA_PUBLIC_URL",
        "not_https",
        lambda it: not it.public_url.startswith("https://"),
        "phải là https://: mật khẩu và phiên đăng nhập không được đi qua đường không mã hóa.",
        "must be https://: passwords and sessions must not travel in the clear.",
    ),
    Danger(
        "LOA_ROOT_KEY",
        "known_root_key",
        lambda it: root_key(it) in _KNOWN_KEYS,
        "là khóa mẫu ai cũng biết. Tạo khóa mới: openssl rand -base64 32",
        "is an example that everybody knows. Make one: openssl rand -base64 32",
    ),
    Danger(
        "LOA_DATA_DIR",
        "open_root_key",
        _readable_by_others,
        "chứa root.key mà người khác đọc được. Chạy: chmod 600 root.key",
        "holds a root.key that others can read. Run: chmod 600 root.key",
    ),
    Danger(
        "LOA_ORIGIN",
        "default_origin",
        lambda it: it.origin == Settings.model_fields["origin"].default,
        "là tên mặc định; điểm kiểm của sổ phải mang tên của cơ quan, ví dụ "
        "loa.ninhbinh.gov.vn/log.",
        "is the default; checkpoints must carry your log's name, e.g. loa.ninhbinh.gov.vn/log.",
    ),
    Danger(
        "LOA_LOOPBACK_ROUTES",
        "loopback_routes",
        lambda it: it.loopback_routes,
        "chỉ dùng để thử: kết nối không được tới mạng nội bộ. Bỏ biến này.",
        "is for trials: routes must not reach private networks. Unset it.",
    ),
)


def dangers(settings: Settings) -> list[Misconfigured]:
    """Everything that is wrong for an installation marked ``production``."""
    return [
        Misconfigured(
            each.code, f"{each.field} {each.vi}", f"{each.field} {each.en}", field=each.field
        )
        for each in DANGERS
        if each.wrong(settings)
    ]


def refuse_dangers(settings: Settings, mark: str | None) -> None:
    """Raises Misconfigured before anything is served from a database marked ``production``."""
    if mark == "production":
        for danger in dangers(settings):
            raise danger
