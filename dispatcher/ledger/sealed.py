"""The places of sealed values: table, column, and what tells the row for as long as it lives.

A value copied to another row does not open there. Where a row's number is not known before it is
written, the row is told by its other key.
"""

from typing import Any

from sqlalchemy import Row

from dispatcher.domain.model import AddressKind
from dispatcher.ledger.vault import Vault


def address(kind: AddressKind | str, digest: bytes) -> str:
    """By the keyed hash, to which the log is committed."""
    return f"address|{AddressKind(kind).value}|{bytes(digest).hex()}"


def contact_name(agency: int, external_id: str | None) -> str:
    """Who has no external id is told by the agency alone; the import gives everybody one."""
    return f"contact|name|{agency}|{external_id or ''}"


def receipt(digest: bytes) -> str:
    return f"receipt|raw|{bytes(digest).hex()}"


def route_settings(route: int) -> str:
    return f"route|settings|{route}"


def route_tokens(route: int) -> str:
    return f"route|tokens|{route}"


def speaker_key(device: str) -> str:
    return f"speaker|key|{device}"


def name_of(vault: Vault, row: Row[Any]) -> str:
    """The name in a row with ``name``, ``agency_id`` and ``external_id`` of a contact.

    Empty when it was erased.
    """
    if not row.name:
        return ""
    return vault.open(contact_name(row.agency_id, row.external_id), row.name).decode()
