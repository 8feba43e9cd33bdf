"""The verb that shows one masked value to a person who needs it: entered before it is shown."""

from enum import StrEnum
from typing import Any

from dispatcher.domain import authority, personal
from dispatcher.domain.errors import Conflict, NotFound, TooMany
from dispatcher.ledger import desk, pages, sealed, subjects
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger

_HOUR_MS = 3_600_000


class Field(StrEnum):
    """What of a contact can be shown."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ZALO = "zalo"
    LANGUAGE = "lang"


def reveal(ledger: Ledger, actor: Actor, contact_id: int, field: Field, why: str) -> str:
    """One value of one contact of the actor's part of the tree.

    The act is committed before the value is opened: whoever sees it has been written down.
    Raises NotFound for a contact that is not theirs, Forbidden without the role, TooMany beyond
    ``personal.REVEALS_AN_HOUR``, Conflict when there is no such value, BadInput for a bad reason.
    """
    with ledger.begin() as conn:
        person = subjects.contact_row(conn, contact_id)
        if person is None or not authority.below(actor.path, person.path):
            raise NotFound("not_found", "Không có ở đây.", "There is nothing here.")
        authority.require("reveal", actor.roles)
        reason = personal.check_reason(why)
        now = desk.now(conn)
        _check_rate(conn, actor, now)
        source = _source(conn, person, field)
        facts = {"contact": contact_id, "field": field.value, "why": reason}
        pages.record(
            conn, "reveal", _subject(person, field), actor=actor.account, at=now, facts=facts
        )
    return _opened(ledger, person, field, source)


def _check_rate(conn: Connection, actor: Actor, now: int) -> None:
    if subjects.reveals_since(conn, actor.account, now - _HOUR_MS) >= personal.REVEALS_AN_HOUR:
        raise TooMany(
            "too_many_reveals",
            f"Mỗi tài khoản được xem tối đa {personal.REVEALS_AN_HOUR} mục mỗi giờ. Nếu cần cả "
            "danh sách, hãy đề nghị xuất danh bạ.",
            f"An account may see {personal.REVEALS_AN_HOUR} values an hour. For a list, ask for an "
            "export.",
        )


def _source(conn: Connection, person: Row[Any], field: Field) -> Row[Any] | None:
    """The address row that has the value; None for what stands in the contact itself."""
    if field in (Field.NAME, Field.LANGUAGE):
        return None
    number = _address_id(person, field)
    row = subjects.address_row(conn, number) if number else None
    if row is None or row.sealed is None:
        raise Conflict(
            "no_value",
            "Người nhận này không có thông tin đó, hoặc đã được xóa.",
            "This contact has no such value, or it has been erased.",
            field="field",
        )
    return row


def _address_id(person: Row[Any], field: Field) -> int | None:
    found: int | None = getattr(person, f"{field.value}_id")
    return found


def _subject(person: Row[Any], field: Field) -> str:
    if field in (Field.NAME, Field.LANGUAGE):
        return f"contact:{person.id}"
    return f"address:{_address_id(person, field)}"


def _opened(ledger: Ledger, person: Row[Any], field: Field, source: Row[Any] | None) -> str:
    if field is Field.LANGUAGE:
        return str(person.lang)
    if source is None:
        return sealed.name_of(ledger.vault, person)
    place = sealed.address(source.kind, source.digest)
    return ledger.vault.open(place, source.sealed).decode()
