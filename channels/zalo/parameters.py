"""What a template's parameters may hold, by the type number that Zalo gives each of them."""

from typing import NamedTuple


class ParameterLimit(NamedTuple):
    """``longest`` counts characters after NFC."""

    meaning: str
    longest: int


#: Types of parameters in POST /template/create and their limits.
PARAMETER_LIMITS = {
    1: ParameterLimit("name", 30),
    2: ParameterLimit("phone", 15),
    3: ParameterLimit("address", 200),
    4: ParameterLimit("code", 30),
    5: ParameterLimit("label", 30),
    6: ParameterLimit("status", 30),
    7: ParameterLimit("contact", 50),
    8: ParameterLimit("title", 5),
    9: ParameterLimit("product or organisation", 200),
    10: ParameterLimit("quantity", 20),
    11: ParameterLimit("date or time", 20),
    12: ParameterLimit("one-time password", 10),
    13: ParameterLimit("URL", 200),
    14: ParameterLimit("amount in đồng", 12),
    15: ParameterLimit("bank transfer note", 90),
}
