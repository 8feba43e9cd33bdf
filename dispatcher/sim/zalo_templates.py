"""Zalo message templates and the check of parameters that the platform makes before sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .zalo_codes import PARAM_MISSING, PARAM_TOO_LONG

# The longest allowed for the parameter type "address, organisation".
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template: parameter names with their greatest length in characters."""

    id: str
    name: str
    params: Mapping[str, int]

    def fault(self, data: Mapping[str, object]) -> int:
        """The error code for these parameters, 0 when they fit."""
        if any(not data.get(name) for name in self.params):
            return PARAM_MISSING
        if any(len(str(data[name])) > longest for name, longest in self.params.items()):
            return PARAM_TOO_LONG
        return 0

    def info(self) -> dict[str, object]:
        """As GET /template/info/v2 shows it; prices in đồng, as strings."""
        return {
            "templateId": self.id,
            "templateName": self.name,
            "status": "ENABLE",
            "reason": "",
            "listParams": [_param(name, longest) for name, longest in self.params.items()],
            "listButtons": [],
            "timeout": "7200000",
            "previewUrl": "",
            "templateQuality": "HIGH",
            "templateTag": "IN_TRANSACTION",
            "price": "200",
            "price_sdt": "200",
            "price_uid": "165",
            "applyTemplateQuota": False,
        }


def _param(name: str, longest: int) -> dict[str, object]:
    return {
        "name": name,
        "require": True,
        "type": "STRING",
        "maxLength": longest,
        "minLength": 0,
        "acceptNull": False,
    }


#: A warning and a reminder, enough to try every way a parameter can be wrong.
TEMPLATES = (
    Template(
        "300001",
        "Cảnh báo thiên tai",
        {"dia_ban": 200, "noi_dung": 200, "thoi_gian": 20, "co_quan": 200},
    ),
    Template("300002", "Thông báo lịch tiêm chủng", {"ho_ten": 30, "ngay": 20, "dia_diem": 200}),
)


def parse_template(argument: str) -> Template:
    """`300009=ho_ten:30,noi_dung:200` as a template; a length left out is 200."""
    identity, _, listed = argument.partition("=")
    params = {}
    for item in filter(None, listed.split(",")):
        name, _, longest = item.partition(":")
        params[name] = int(longest or LONGEST)
    return Template(identity, identity, params)
