"""The command line at night: prepared by day, released alone, confirmed in the morning."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.sim.credentials import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
from tests.doors.conftest import Loa

AUTHOR, APPROVER, OFFICER = "Nguyễn Thị Mai", "Trần Văn Bình", "Lê Thị Trực"
PEOPLE = (
    f"{AUTHOR}:Công chức văn hóa:author,operator,administrator",
    f"{APPROVER}:Phó Chủ tịch:approver",
    f"{OFFICER}:Trực ban:duty_officer",
)

TEXT = """
kind = "evacuation"
level = "emergency"
title = "Sơ tán các hộ ngoài đê"
body = "Nước sông lên nhanh, khu vực ngoài đê có nguy cơ ngập sâu."
[agency]
name = "Ủy ban nhân dân xã Đức Quang"
short_name = "UBND xã Đức Quang"
hotline = "1022"
[facts]
where = "các hộ ngoài đê"
reason = "nước sông lên nhanh"
action = "mang giấy tờ, thuốc"
[preapproved]
name = "Sơ tán ngoài đê"
channels = ["sms"]
valid_h = 6
[preapproved.blanks]
deadline = { longest = 40 }
shelter = { choices = ["Trường THCS xã", "Nhà văn hóa thôn Đông"] }
"""

SETTINGS = f"""{{"account_sid": "{TWILIO_ACCOUNT_SID}", "auth_token": "{TWILIO_AUTH_TOKEN}",
"sender": "+15005550006", "callback_url": "http://callbacks.invalid/{{route}}"}}"""


@pytest.fixture
def commune(begin: Loa, loa: Loa, tmp_path: Path) -> Loa:
    """A commune with one citizen, a route, and a text that waits for its approval."""
    begin("--kind", "test", accounts=PEOPLE)
    (tmp_path / "ds.csv").write_text("Họ tên,Điện thoại\nLê Thị Na,0912345678\n")
    assert loa("import", "contacts", "ds.csv", "--as", AUTHOR).status == 0
    (tmp_path / "twilio.json").write_text(SETTINGS)
    route = ("--provider", "twilio", "--mode", "test", "--rate", "10")
    made = loa("route", "add", "SMS", *route, "--settings", "twilio.json", "--as", AUTHOR)
    assert made.status == 0, made
    (tmp_path / "so-tan.toml").write_text(TEXT)
    assert loa("preapproved", "propose", "so-tan.toml", "--as", AUTHOR).status == 0
    return loa


FILLED = ("--fact", "deadline=17 giờ ngày 22/11", "--fact", "shelter=Trường THCS xã")


def test_from_a_text_by_day_to_a_confirmation_in_the_morning(commune: Loa) -> None:
    loa = commune
    assert loa("preapproved", "approve", "1", "--as", APPROVER).out == "Đã duyệt.\n"
    refused = loa("release", "text", "1", *FILLED, "--as", OFFICER)
    assert (refused.status, "loa shift open" in refused.err) == (1, True)
    shift = ("--until", "+12h", "--basis", "15/QĐ-UBND", "--as", APPROVER)
    assert loa("shift", "open", OFFICER, *shift).out == "Ca trực số 1.\n"
    made = loa("release", "text", "1", *FILLED, "--as", OFFICER, "--json")
    assert made.told == {"bulletin": 1, "approval": 1, "dispatch": 1}, made
    listed = loa("confirm", "--as", APPROVER, "--json").told
    assert [(each["id"], each["way"]) for each in listed] == [(1, "duty")]
    assert loa("approve", "1", "--symbol", "12/CĐ-UBND", "--as", AUTHOR).status == 0
    assert loa("confirm", "1", "--as", APPROVER).out == "Đã xác nhận.\n"
    assert loa("confirm", "--as", APPROVER).out == "Không có.\n"
    assert loa("audit", "verify").status == 0


def test_editing_and_approving_shows_its_difference(commune: Loa, tmp_path: Path) -> None:
    loa = commune
    body = TEXT.split("[preapproved]", maxsplit=1)[0].replace(
        "[facts]", '[facts]\ndeadline = "17 giờ"'
    )
    body = body.replace('level = "emergency"', 'level = "emergency"\nvalid_until = "+6h"')
    (tmp_path / "tin.toml").write_text(body.replace("[facts]", '[facts]\nshelter = "Trường"'))
    assert loa("send", "tin.toml", "--channels", "sms", "--as", AUTHOR, "--yes").status == 0
    assert [each["id"] for each in loa("approve", "--as", APPROVER, "--json").told] == [1]
    (tmp_path / "sua.toml").write_text('title = "Sơ tán khẩn cấp các hộ ngoài đê"')
    ended = loa("approve", "1", "--revise", "sua.toml", "--as", APPROVER)
    assert ended.out == "Đã sửa và duyệt: yêu cầu số 2.\n", ended
    told = loa("approve", "2", "--difference", "--as", AUTHOR).out
    assert told == "title.vi: Sơ tán [+khẩn cấp +]các hộ ngoài đê\n"


def test_a_request_is_pulled_back_by_who_submitted_it(commune: Loa, tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "water_cut.toml"
    words = ("send", str(example), "--channels", "sms", "--as", AUTHOR, "--yes")
    assert commune(*words).status == 0
    assert commune("approve", "1", "--pull-back", "--as", AUTHOR).out == "Đã rút lại.\n"
    assert commune("approve", "1", "--as", APPROVER).status == 1


@pytest.mark.parametrize("given", ["deadline", "deadline 17 giờ"])
def test_a_fact_without_a_value_is_said(commune: Loa, given: str) -> None:
    ended = commune("release", "text", "1", "--fact", given, "--as", OFFICER)
    assert (ended.status, "--fact" in ended.err) == (1, True)
