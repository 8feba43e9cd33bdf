"""Settings: one frozen object, parsed once, loudly. ``LOA_*`` variables or a file of them.

Secrets also come as files: ``LOA_SECRETS_DIR`` names a folder of ``loa_root_key`` and the like, as
containers mount them; systemd names its own (``LoadCredential=``, ``CREDENTIALS_DIRECTORY``).
"""

import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.retention import DEFAULTS, Periods
from dispatcher.ledger.keyring import Roots


def _days(name: str, what: str) -> Any:
    """A setting of ``domain.retention``."""
    return Field(DEFAULTS[name], ge=0, description=f"days to keep {what}; 0: for ever")


class Settings(BaseSettings):
    """What an installation can set. Every field has a default that works for trying it."""

    model_config = SettingsConfigDict(
        env_prefix="LOA_", env_file="loa.env", frozen=True, extra="forbid"
    )

    data_dir: Path = Field(Path("loa-data"), description="where an embedded installation keeps all")
    database_url: str = Field("", description="empty: SQLite in data_dir")
    app_role: str = Field(
        "", description="PostgreSQL role of `loa serve` and `loa work`; `loa migrate` grants to it"
    )
    auditor_role: str = Field(
        "", description="PostgreSQL role that reads what is not sealed; the same"
    )
    redis_url: str = Field("", description="empty: the bell rings inside the process")
    public_url: str = Field(
        "http://127.0.0.1:8080", description="how providers and devices reach this installation"
    )
    host: str = Field("127.0.0.1", description="address that `loa serve` listens on")
    port: int = Field(8080, ge=0, le=65535, description="port that `loa serve` listens on")
    root_key: SecretStr = Field(
        SecretStr(""), description="32 bytes, base64; empty: made in data_dir at first start"
    )
    root_key_old: SecretStr = Field(
        SecretStr(""), description="the root key before, while it is being exchanged"
    )
    origin: str = Field("loa.local/log", description="the log's name in checkpoints")
    checkpoint_dir: str = Field(
        "", description="where the newest checkpoint is kept; empty: checkpoints in data_dir"
    )
    anchor_dir: str = Field("", description="folder for a checkpoint a day, such as a WORM mount")
    anchor_mail: str = Field("", description="who is mailed a checkpoint a day; commas between")
    anchor_smtp: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587 or smtps://… for that mail"
    )
    anchor_from: str = Field("", description="sender of that mail")
    anchor_age_h: float = Field(26.0, gt=0, description="an older last anchor raises an alarm")
    lease_s: float = Field(15.0, ge=2.0, description="how long a vanished worker holds its batch")
    speaker_silence_s: float = Field(130.0, gt=0, description="a cluster silent longer is named")
    answer_wait_s: float = Field(600.0, gt=0, description="when an unanswered call is named")
    session_s: int = Field(
        43_200, ge=300, le=604_800, description="after so long everybody signs in again"
    )
    session_idle_s: int = Field(
        7_200, ge=300, le=604_800, description="a session unused for so long is over"
    )
    merge_delay_s: float = Field(
        10.0, ge=1.0, le=3600.0, description="a page is in a signed checkpoint within so long"
    )
    keep_receipts_d: int = _days("receipts", "raw words of providers")
    keep_alarms_d: int = _days("alarms", "names in alarms about people")
    keep_removed_d: int = _days("removed", "names of contacts taken from the lists")
    keep_addresses_d: int = _days("addresses", "addresses no contact refers to")
    keep_sessions_d: int = _days("sessions", "sessions that are over, counted tries")
    keep_answers_d: int = _days("answers", "answers for repeated requests")
    keep_manifests_d: int = _days("manifests", "replaced manifests of loudspeakers")
    keep_media_d: int = _days("media", "sounds that no rendition names")
    tick_s: float = Field(1.0, gt=0, le=10.0, description="seconds between two beats")
    loopback_routes: bool = Field(
        False, description="test routes may reach this machine and private networks (simulators)"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, the environment, a folder of secrets, a file of settings: in this order.

        Raises Misconfigured when the folder that is named does not exist.
        """
        folder = _secrets_dir()
        if folder is None:
            return init_settings, env_settings, dotenv_settings
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder)
        return init_settings, env_settings, files, dotenv_settings

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            return value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must be sqlite:///… or postgresql://…")
        return value

    @property
    def checkpoints(self) -> Path:
        """The folder of kept checkpoints with the default filled in."""
        return Path(self.checkpoint_dir) if self.checkpoint_dir else self.data_dir / "checkpoints"

    @property
    def database(self) -> str:
        """The database's URL with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'loa.db'}"


def _secrets_dir() -> Path | None:
    named = os.environ.get("LOA_SECRETS_DIR") or os.environ.get("CREDENTIALS_DIRECTORY")
    if named and not Path(named).is_dir():
        raise Misconfigured(
            "no_secrets_dir",
            f"Không có thư mục bí mật {named}. Kiểm tra LOA_SECRETS_DIR.",
            f"There is no folder of secrets {named}. Check LOA_SECRETS_DIR.",
            field="LOA_SECRETS_DIR",
        )
    return Path(named) if named else None


def periods(settings: Settings) -> Periods:
    """How long each class of data is kept."""
    return Periods({name: getattr(settings, f"keep_{name}_d") for name in DEFAULTS})


def roots(settings: Settings) -> Roots:
    """The key that wraps all others, and its forerunner while it is being exchanged.

    Raises Misconfigured as ``root_key`` does.
    """
    former = settings.root_key_old.get_secret_value()
    return Roots(root_key(settings), _decoded(former, "LOA_ROOT_KEY_OLD") if former else None)


def root_key(settings: Settings) -> bytes:
    """The 32 bytes that wrap all other keys.

    An embedded installation makes its own once, readable by its owner alone. Raises
    Misconfigured when the key has the wrong length, or is missing beside a database server.
    """
    given = settings.root_key.get_secret_value()
    if given:
        return _decoded(given, "LOA_ROOT_KEY")
    if not settings.database.startswith("sqlite"):
        raise Misconfigured(
            "no_root_key",
            "Chưa đặt LOA_ROOT_KEY. Tạo khóa bằng lệnh: openssl rand -base64 32",
            "LOA_ROOT_KEY is not set. Make one with: openssl rand -base64 32",
            field="LOA_ROOT_KEY",
        )
    path = settings.data_dir / "root.key"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_bytes(b64encode(secrets.token_bytes(32)))
    return _decoded(path.read_text(), str(path))


def _decoded(text: str, field: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Misconfigured(
            "bad_root_key",
            f"{field} phải là 32 byte viết dạng base64.",
            f"{field} must be 32 bytes in base64.",
            field=field,
        )
    return key
