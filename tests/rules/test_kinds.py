"""Kinds are data: complete, consistent, and described to officials as they are."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from dispatcher.domain.content import Content
from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.kinds import Kind, parse_kinds
from dispatcher.domain.model import Exposure, Level, Relation
from dispatcher.domain.rendering import render
from dispatcher.domain.templates import load_messages

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "templates" / "messages"
KINDS, TEMPLATES = load_messages(MESSAGES)
GUIDE = (ROOT / "docs" / "kinds.md").read_text("utf-8")
NOW = int(dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC).timestamp() * 1000)

LEVELS = {"normal": "thông thường", "priority": "ưu tiên", "emergency": "khẩn cấp"}
CHANNELS = {
    "sms": "SMS",
    "email": "thư điện tử",
    "zalo": "Zalo",
    "ringback": "thông báo chờ cuộc gọi",
    "loudspeaker": "loa",
}


def guide_of(kind: Kind) -> str:
    """The chapter of the guide that officials read about one kind."""
    return f"\n{GUIDE}\n".split(f"\n## {kind.name['vi']} (`{kind.code}`)\n", 1)[1].split("\n## ")[0]


each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@each_kind
def test_a_kind_goes_only_through_channels_that_exist(kind: Kind):
    assert set(kind.channels) <= set(TEMPLATES.forms)
    assert len(set(kind.channels)) == len(kind.channels)


@each_kind
def test_a_kinds_default_level_is_allowed(kind: Kind):
    assert kind.allows(kind.level)
    assert kind.allows(Level.NORMAL)


@each_kind
def test_a_kind_above_normal_has_a_validity_and_no_cap(kind: Kind):
    assert kind.validity_s > 0
    assert (kind.daily_cap == 0) == (kind.highest is Level.EMERGENCY)


@each_kind
def test_a_kind_asks_for_vietnamese_and_for_what_to_do(kind: Kind):
    assert kind.languages == ("vi",)
    assert "action" in {rule.name for rule in kind.facts if rule.required}
    assert all(rule.label[lang] for rule in kind.facts for lang in ("vi", "en"))


@each_kind
def test_what_may_be_named_is_public_by_default(kind: Kind):
    assert kind.exposures[0] is Exposure.PUBLIC


def test_only_the_end_of_an_evacuation_ends_a_kind_that_exists():
    enders = {code: kind.ends for code, kind in KINDS.items() if kind.relation is Relation.ENDS}
    assert enders == {"evacuation_end": ("evacuation",)}
    assert set(enders["evacuation_end"]) <= set(KINDS)


def test_only_a_drill_is_always_a_drill():
    assert [code for code, kind in KINDS.items() if kind.drill] == ["drill"]


def test_emergencies_are_worded_in_english_too():
    english = {kind for kind, lang, _ in TEMPLATES.wordings if lang == "en"}
    assert english == {"storm_flood_warning", "evacuation", "evacuation_end", "drill"}


def test_no_facts_name_hides_another_value_of_a_template():
    taken = {"title", "body", "agency", "hotline", "symbol", "rows", "lang", "recipient", "office"}
    assert not taken & {rule.name for kind in KINDS.values() for rule in kind.facts}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('level = "priority"', 'level = "loud"'),
        ('use = "', 'used = "'),
        ('"hazard", "source"', '"weather", "source"'),
        ("validity_h = 12", "validity_h = 'long'"),
    ],
)
def test_a_wrong_row_is_named(old: str, new: str):
    text = (MESSAGES / "kinds.toml").read_text("utf-8")
    with pytest.raises(Misconfigured) as refused:
        parse_kinds(text.replace(old, new, 1))
    assert refused.value.field == "kinds.storm_flood_warning"


# --- the guide for officials


def test_the_guide_has_every_kind_once_in_the_order_of_the_data():
    assert re.findall(r"^## .* \(`(\w+)`\)$", GUIDE, re.MULTILINE) == list(KINDS)


@each_kind
def test_the_guide_says_when_to_use_a_kind_and_how_high_it_may_go(kind: Kind):
    chapter = guide_of(kind)
    assert kind.use in chapter
    assert f"Mức mặc định: {LEVELS[kind.level]}; cao nhất: {LEVELS[kind.highest]}." in chapter
    assert f"Kênh: {', '.join(CHANNELS[each] for each in kind.channels)}." in chapter


@each_kind
def test_the_guide_lists_exactly_the_facts_of_a_kind(kind: Kind):
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", guide_of(kind), re.MULTILINE)
    assert rows == [
        (rule.name, rule.label["vi"], "bắt buộc" if rule.required else "nếu có", rule.example)
        for rule in kind.facts
    ]


@each_kind
def test_the_guide_shows_the_texts_as_they_are_written(kind: Kind):
    content = Content.from_toml(
        (ROOT / "examples" / f"{kind.code}.toml").read_text("utf-8"), kinds=KINDS, now=NOW
    )
    shown = render(content, kind, TEMPLATES, channels=["sms", "loudspeaker"])
    for each in shown:
        if each.lang == "vi":
            assert "\n".join(f"> {line}" for line in each.sample.text.splitlines()) in guide_of(
                kind
            )
