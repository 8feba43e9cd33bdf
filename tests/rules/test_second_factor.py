"""Codes of an authenticator, spare codes, and which roles wait for them."""

from __future__ import annotations

import random

import pytest

from dispatcher.domain import second_factor
from dispatcher.domain.authority import RIGHTS, require
from dispatcher.domain.errors import Forbidden

#: The shared secret of RFC 6238, appendix B, in base32.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert second_factor.step(RFC_SECRET, code, seconds * 1000) == seconds // 30


@pytest.mark.parametrize(
    ("late", "good"), [(-31, False), (-30, True), (-1, True), (29, True), (59, True), (60, False)]
)
def test_a_code_is_good_for_one_step_either_way(late: int, good: bool) -> None:
    now = (1_111_111_080 + late) * 1000
    assert (second_factor.step(RFC_SECRET, "08 1804", now) is not None) == good


@pytest.mark.parametrize("code", ["", "081805", "8 1804", "081804081804"])
def test_other_codes_are_not(code: str) -> None:
    assert second_factor.step(RFC_SECRET, code, 1_111_111_109_000) is None


def test_spare_codes_are_ten_different_ones_in_groups_of_four() -> None:
    codes = second_factor.spare_codes(random.Random(1).choice)
    assert len(set(codes)) == 10
    assert all(second_factor.spare(each.lower().replace("-", " ")) == each for each in codes)


@pytest.mark.parametrize(
    "given", ["", "081804", "ABCD-EFGH-JKL", "ABCD-EFGH-JKL0", "ABCD-EFGH-JKLMN"]
)
def test_what_cannot_be_a_spare_code_is_none(given: str) -> None:
    assert second_factor.spare(given) is None


@pytest.mark.parametrize("role", sorted(RIGHTS))
def test_strong_roles_are_withheld_until_the_second_factor(role: str) -> None:
    weak = second_factor.withheld([role])
    assert second_factor.lacking(weak) == (role in {"approver", "administrator", "duty_officer"})
    for act in RIGHTS[role] - {"read"}:
        require(act, [role])
        if second_factor.lacking(weak):
            with pytest.raises(Forbidden) as refused:
                require(act, weak)
            assert refused.value.code == "second_factor_needed"
        else:
            require(act, weak)
