"""What the machine around Loa refuses, as an error made for people."""

from collections.abc import Callable
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import SettingsError

from dispatcher.config import Settings
from dispatcher.domain.errors import BadInput, LoaError, Misconfigured
from dispatcher.ledger.handles import SQLAlchemyError
from dispatcher.speech.errors import SpeechError

#: What SQLite and psycopg say of a table or column that is not there yet.
_UNSHAPED = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")


def told(error: BaseException) -> LoaError | None:
    """The error in two sentences and whose setting it is; None for a defect of ours."""
    for family, words in _WORDS:
        if isinstance(error, family):
            return words(error)
    return None


def _of_database(error: BaseException) -> LoaError:
    cause = getattr(error, "orig", None) or error
    said = f"{type(cause).__name__}: {cause}"
    if any(sign in said for sign in _UNSHAPED):
        return Misconfigured(
            "no_tables",
            "Cơ sở dữ liệu còn trống hoặc chưa nâng cấp. Chạy: loa init (lần đầu) hoặc loa migrate",
            "The database is empty or of an older shape. Run: loa init (first time) or loa migrate",
        )
    if type(error).__name__ == "OperationalError":
        place = _without_password(Settings().database)
        return Misconfigured(
            "no_database",
            f"Không kết nối được cơ sở dữ liệu {place}. Kiểm tra LOA_DATABASE_URL, và máy chủ có "
            "đang chạy không.",
            f"The database {place} cannot be reached. Check LOA_DATABASE_URL, and whether the "
            "server is running.",
            field="LOA_DATABASE_URL",
        )
    kind = type(cause).__name__
    return Misconfigured(
        "database_refused",
        f"Cơ sở dữ liệu từ chối ({kind}). Chạy lại với LOA_DEBUG=1 để xem chi tiết.",
        f"The database refused ({kind}). Run again with LOA_DEBUG=1 for the details.",
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _of_settings(error: BaseException) -> LoaError:
    """Names the variable and never its value: it may be a key."""
    assert isinstance(error, ValidationError)  # noqa: S101 - registered for this type alone
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = "_".join(str(part) for part in first["loc"]).upper().removeprefix("LOA_")
    return Misconfigured(
        "bad_setting",
        f"Thiết lập LOA_{name} không đúng. Sửa biến môi trường hoặc tệp loa.env rồi thử lại.",
        f"The setting LOA_{name} is wrong: {first['msg']}. Correct the variable or loa.env.",
        field=f"LOA_{name}",
    )


def _of_settings_source(error: BaseException) -> LoaError:
    return Misconfigured(
        "bad_setting",
        "Không đọc được các thiết lập LOA_*. Kiểm tra tệp loa.env rồi thử lại.",
        f"The LOA_* settings cannot be read: {error}. Check loa.env and try again.",
    )


def _of_system(error: BaseException) -> LoaError:
    assert isinstance(error, OSError)  # noqa: S101 - registered for this type alone
    name = f" {error.filename}" if error.filename else ""
    said = error.strerror or str(error)
    return Misconfigured(
        "system_refused",
        f"Máy không cho phép hoặc không tìm thấy:{name} ({said}). Kiểm tra đường dẫn, quyền truy "
        "cập hoặc cổng rồi thử lại.",
        f"The system refused:{name} ({said}). Check the path, its permissions or the port.",
    )


def _of_speech(_error: BaseException) -> LoaError:
    return BadInput(
        "speech_failed",
        "Không tạo được lời đọc từ văn bản này. Viết lại cho có chữ đọc được rồi thử lại.",
        "No speech could be made of this text. Reword it so that there is something to say.",
        field="text",
    )


def _of_encoding(_error: BaseException) -> LoaError:
    return Misconfigured(
        "not_utf8",
        "Tệp không phải văn bản UTF-8. Lưu lại tệp với bảng mã UTF-8.",
        "The file is not UTF-8 text. Save it as UTF-8.",
    )


_WORDS: tuple[tuple[type[BaseException], Callable[[BaseException], LoaError]], ...] = (
    (SQLAlchemyError, _of_database),
    (SettingsError, _of_settings_source),
    (ValidationError, _of_settings),
    (UnicodeDecodeError, _of_encoding),
    (SpeechError, _of_speech),
    (OSError, _of_system),
)
