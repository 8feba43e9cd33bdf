"""What citizens receive on every channel, and what an author is told when it is wrong."""

from __future__ import annotations

import datetime as dt
import html
import re
import tomllib
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.domain.authoring import coming, instant
from dispatcher.domain.compiling import NAME_LIMIT, SAMPLE_RECIPIENT, compile_rendition
from dispatcher.domain.content import Content, Issuer, remarks
from dispatcher.domain.counting import check_text
from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Exposure, Media, Shape
from dispatcher.domain.rendering import render
from dispatcher.domain.rendition import Reading, Recipient, Rendition
from dispatcher.domain.sandbox import SOURCE_LIMIT
from dispatcher.domain.templates import load_messages
from dispatcher.speech.lint import lint
from dispatcher.speech.verbalise import verbalise

ROOT = Path(__file__).parents[2]
KINDS, TEMPLATES = load_messages(ROOT / "templates" / "messages")
EXAMPLES = {path.stem: path.read_text("utf-8") for path in (ROOT / "examples").glob("*.toml")}
NOW = int(dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC).timestamp() * 1000)
CHANNELS = tuple(TEMPLATES.forms)


def aloud(text: str) -> Reading:
    spoken = verbalise(text)
    return Reading(spoken, tuple(f"{each.text}: {each.reason}" for each in lint(spoken)))


def content_of(name: str, more: str = "") -> Content:
    return Content.from_toml(EXAMPLES[name] + more, kinds=KINDS, now=NOW)


def renditions(content: Content, *channels: str) -> tuple[Rendition, ...]:
    return render(content, KINDS[content.kind], TEMPLATES, channels=channels, readers={"vi": aloud})


def texts(rendition: Rendition) -> list[str]:
    """Everything of a rendition that a person reads or hears."""
    sample = rendition.sample
    visible = html.unescape(re.sub(r"<[^>]*>", " ", sample.html.partition("<body")[2]))
    shown = [sample.text, sample.subject, visible.partition(">")[2], *sample.params.values()]
    return [each for each in shown if each.strip()]


def called(number: str) -> str:
    """A telephone number as the end of an announcement."""
    return verbalise(f"Điện thoại {number}.").removeprefix("Điện thoại ")


EVERY = [
    pytest.param(name, each, id=f"{name}-{each.channel}-{each.lang}")
    for name in sorted(EXAMPLES)
    for each in renditions(content_of(name), *CHANNELS)
]
DRILLS = [
    pytest.param(each, id=f"{name}-{each.channel}-{each.lang}")
    for name in sorted(EXAMPLES)
    for each in renditions(replace(content_of(name), drill=True), *CHANNELS)
]


# --- every kind, every channel, every language


def test_every_kind_has_an_example_on_every_channel_in_every_language_it_is_worded_in():
    worded = {key for key in TEMPLATES.wordings if key[0] != "_base"}
    shown = {(each.values[0], each.values[1].lang, each.values[1].channel) for each in EVERY}
    assert shown == worded
    assert {(kind, "vi", channel) for kind in KINDS for channel in CHANNELS} <= worded


@pytest.mark.parametrize(("name", "rendition"), EVERY)
def test_an_example_renders_without_a_warning(name: str, rendition: Rendition):
    assert rendition.remarks == ()


@pytest.mark.parametrize(("name", "rendition"), EVERY)
def test_a_text_is_clean_nfc_without_holes(name: str, rendition: Rendition):
    for text in texts(rendition):
        assert unicodedata.is_normalized("NFC", text)
        assert not re.search(r"\{\{|\{%|\{#|None|\.\.|\( ?\)| ,|\.[A-ZĐ]", text), text


@pytest.mark.parametrize(("name", "rendition"), EVERY)
def test_a_text_says_who_says_it_its_symbol_and_the_contact(name: str, rendition: Rendition):
    content = content_of(name)
    if rendition.shape is Shape.AUDIO and rendition.lang == "vi":
        assert verbalise(f"theo {content.symbol}") in rendition.sample.text.replace(
            " Theo ", " theo "
        )
        assert rendition.sample.text.endswith(called(content.agency.hotline))
        return
    ends = " ".join(texts(rendition))
    assert content.symbol in ends
    assert content.agency.hotline in ends
    assert content.agency.short_name in ends or content.agency.name[rendition.lang] in ends


@pytest.mark.parametrize(("name", "rendition"), EVERY)
def test_no_text_has_a_link_to_pay_or_to_open(name: str, rendition: Rendition):
    assert not any(re.search(r"https?:|www\.|\.vn/", text) for text in texts(rendition))


@pytest.mark.parametrize(("name", "rendition"), EVERY)
def test_a_rendition_survives_its_bytes(name: str, rendition: Rendition):
    again = Rendition.from_bytes(rendition.to_bytes())
    assert again == rendition
    assert (
        compile_rendition(again)(replace(SAMPLE_RECIPIENT, lang=rendition.lang)) == rendition.sample
    )


@pytest.mark.parametrize("rendition", DRILLS)
def test_every_rendition_of_a_drill_begins_with_the_mark(rendition: Rendition):
    mark = {"vi": "diễn tập", "en": "exercise"}[rendition.lang]
    shown = [
        text for text in texts(rendition) if text not in list(rendition.sample.params.values())[1:]
    ]
    assert shown
    for text in shown:
        assert text.lower().lstrip(" \n[").startswith(mark), text


@pytest.mark.parametrize(
    "channel", [name for name, form in TEMPLATES.forms.items() if form.override]
)
def test_an_override_cannot_leave_out_the_drill_mark_or_the_contact(channel: str):
    own = f'\n[overrides.{channel}]\nvi = "Mời bà con ra xem."\n'
    rendition = renditions(replace(content_of("water_cut", own), drill=True), channel)[0]
    assert "Mời bà con ra xem" in rendition.sample.text
    assert rendition.sample.text.lower().startswith("diễn tập")
    assert rendition.sample.text.endswith((called("1022"), "LH 1022", "Liên hệ: 1022"))


def test_the_announcement_on_calls_is_short():
    spoken = [each.values[1] for each in EVERY if each.values[1].channel == "ringback"]
    assert max(int(each.facts["seconds"]) for each in spoken) <= 30


# --- languages


def test_a_language_without_wording_shows_the_authors_own_title_and_body():
    content = content_of("general_notice")
    khmer = replace(
        content,
        title={**content.title, "km": "សម្អាតបរិស្ថាន"},
        body={**content.body, "km": "សូមចូលរួម"},
    )
    found = {each.channel: each for each in renditions(khmer, *CHANNELS) if each.lang == "km"}
    assert set(found) == {"sms", "email", "ringback", "loudspeaker"}
    assert found["sms"].sample.text.startswith("សម្អាតបរិស្ថាន")
    assert '<html lang="km">' in found["email"].sample.html


def test_a_recorded_voice_goes_with_its_channel_and_language():
    voice = Media("a" * 64, "audio/mpeg", 1000, 30_000)
    found = render(
        content_of("evacuation"),
        KINDS["evacuation"],
        TEMPLATES,
        channels=["loudspeaker"],
        media={("loudspeaker", "vi"): voice},
    )
    assert [each.sample.media for each in found] == [voice, None]


# --- short messages


def test_parts_are_counted_accented_and_unaccented():
    facts = renditions(content_of("evacuation"), "sms")[0].facts
    assert (facts["encoding"], facts["parts"]) == ("ucs2", 3)
    assert (facts["unaccented_encoding"], facts["unaccented_parts"]) == ("gsm7", 2)


@pytest.mark.parametrize(
    ("text", "limit", "fits"),
    [
        ("a" * 459, 3, True),
        ("a" * 460, 3, False),
        ("ế" * 201, 3, True),
        ("ế" * 202, 3, False),
        ("ế" * 202, 4, True),
        ("", 1, True),
    ],
)
def test_a_text_keeps_the_limit_of_parts(text: str, limit: int, fits: bool):
    if fits:
        assert check_text(text, limit=limit).parts <= limit
        return
    with pytest.raises(BadInput, match="parts") as refused:
        check_text(text, limit=limit)
    assert str(len(text)) in refused.value.vi
    assert "Rút gọn" in refused.value.vi


def test_blanks_from_a_word_processor_cost_nothing():
    plain, pasted = (
        renditions(content_of("water_cut", f'\n[overrides.sms]\nvi = "{own}"\n'), "sms")[0]
        for own in ("Mời bà con", "Mời\u00a0bà\u200b con")
    )
    assert pasted.sample == plain.sample


def test_a_text_that_fits_only_unaccented_says_so():
    own = f'\n[overrides.sms]\nvi = "{"Đề nghị. " * 20}"\n'
    rendition = renditions(content_of("water_cut", own), "sms")[0]
    assert [each.code for each in rendition.remarks] == ["unaccented_only"]
    assert rendition.facts["parts"] == 4


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ("Xem https://vi-du.example/x", "foreign_link"),
        ("Xem https://quangninh.gov.vn/tin", None),
        ("Điện & nước", "disliked_sign"),
    ],
)
def test_what_carriers_or_citizens_distrust_is_remarked(own: str, code: str | None):
    found = renditions(content_of("water_cut", f'\n[overrides.sms]\nvi = "{own}"\n'), "sms")[0]
    assert [each.code for each in found.remarks] == ([code] if code else [])


# --- each recipient


def personal(
    text: str = "Kính gửi {{ recipient.name or 'ông, bà' }}: ngừng cấp nước.",
) -> Rendition:
    return renditions(content_of("water_cut", f'\n[overrides.sms]\nvi = "{text}"\n'), "sms")[0]


def test_each_recipient_gets_their_own_name():
    payload = compile_rendition(personal())
    assert payload(Recipient("Lò Thị Mẫu")).text.startswith("Kính gửi Lò Thị Mẫu: ngừng")
    assert payload(Recipient()).text.startswith("Kính gửi ông, bà: ngừng")


def test_a_text_without_a_name_is_rendered_once():
    payload = compile_rendition(renditions(content_of("water_cut"), "sms")[0])
    assert payload(Recipient("A")) is payload(Recipient("B"))


def test_no_recipient_gets_a_longer_text_than_the_approved_sample():
    rendition = personal()
    payload = compile_rendition(rendition)
    for length in (NAME_LIMIT, NAME_LIMIT + 1, 5000):
        assert len(payload(Recipient("Ả" * length)).text) <= len(rendition.sample.text)


def test_html_is_escaped_and_text_is_not():
    content = content_of("water_cut")
    risky = replace(content, title={"vi": "<script>alert(1)</script> & nước"})
    sample = renditions(risky, "email")[0].sample
    assert "<script>" not in sample.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; nước" in sample.html
    assert "<script>alert(1)</script> & nước" in sample.text
    name = compile_rendition(renditions(content, "email")[0])(Recipient("<b>Mẫu</b>"))
    assert "&lt;b&gt;Mẫu" in name.html


def test_an_override_is_escaped_in_html_but_keeps_its_variables():
    own = '\n[overrides.email]\nvi = "<i>Mời</i> {{ recipient.name }}"\n'
    sample = renditions(content_of("water_cut", own), "email")[0].sample
    assert f"<p>&lt;i&gt;Mời&lt;/i&gt; {SAMPLE_RECIPIENT.name}</p>" in sample.html
    assert f"<i>Mời</i> {SAMPLE_RECIPIENT.name}" in sample.text


def test_a_fact_is_never_run_as_a_template():
    content = content_of("water_cut")
    sly = replace(
        content, facts={**content.facts, "where": {"und": "{{ recipient.name }}{% if %}"}}
    )
    for each in renditions(sly, "sms", "email", "loudspeaker"):
        assert SAMPLE_RECIPIENT.name not in each.sample.text.replace(
            "Kính gửi: " + SAMPLE_RECIPIENT.name, ""
        )


def test_an_email_page_is_accessible():
    page = renditions(content_of("evacuation"), "email")[1].sample.html
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert page.count('<th scope="row"') >= 5
    assert "<img" not in page


# --- what a template may not say


@pytest.mark.parametrize(
    "own",
    [
        "{{ recipient.__class__ }}",
        "{{ title.__class__.__mro__ }}",
        "{{ title.upper() }}",
        "{{ recipient['name'] }}",
        "{{ title|attr('__class__') }}",
        "{{ title|format(1) }}",
        "{{ 'a' * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ range(10) }}",
        "{{ self }}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% set x = title %}{{ x }}",
        "{% macro f() %}{% endmacro %}",
        "{% for a in rows %}{% for b in rows %}x{% endfor %}{% endfor %}",
        "{% for a in 'abc' %}x{% endfor %}",
        "{{ title is defined }}",
        "{{ title",
        "{% if %}",
        "{{ lipsum }}",
        "{% if title %}" * 60 + "x" + "{% endif %}" * 60,
        "{{ " + "(" * 9000 + "title" + ")" * 9000 + " }}",
        "{{ title" + "|clause" * 2000 + " }}",
        "{{ " + "not " * 4000 + "title }}",
        "x" * (SOURCE_LIMIT + 1),
    ],
)
def test_a_template_cannot_escape(own: str):
    with pytest.raises(BadInput) as refused:
        personal(own)
    assert refused.value.field == "overrides.sms.vi"


def test_an_unknown_variable_is_named_with_line_and_channel():
    content = content_of("water_cut")
    odd = replace(content, overrides={"sms": {"vi": "Mời bà con\nđến {{ noi_hop }}"}})
    with pytest.raises(BadInput, match="noi_hop") as refused:
        renditions(odd, "sms")
    assert (refused.value.code, refused.value.field) == ("unknown_variable", "overrides.sms.vi")
    assert "'sms', dòng 2" in refused.value.vi


def test_a_spoken_text_cannot_mention_a_person():
    own = '\n[overrides.loudspeaker]\nvi = "Mời {{ recipient.name }}"\n'
    with pytest.raises(BadInput, match="recipient"):
        renditions(content_of("water_cut", own), "loudspeaker")


@pytest.mark.parametrize("channel", ["loudspeaker", "ringback"])
def test_a_named_bulletin_is_never_public(channel: str):
    named = replace(content_of("vaccination"), exposure=Exposure.NAMED)
    with pytest.raises(BadInput) as refused:
        renditions(named, channel)
    assert refused.value.field == "exposure"
    assert renditions(named, "sms", "zalo", "email")


@pytest.mark.parametrize(
    ("where", "words"), [("x" * 201, "1 ký tự"), ("x" * 250, "50 ký tự"), (" ", "trống")]
)
def test_a_parameter_out_of_bounds_is_named_with_by_how_much(where: str, words: str):
    content = content_of("water_cut")
    wrong = replace(content, facts={**content.facts, "where": {"und": where}})
    with pytest.raises(BadInput, match="dia_ban") as refused:
        renditions(wrong, "zalo")
    assert refused.value.field == "zalo.vi.params.dia_ban"
    assert words in refused.value.vi


@pytest.mark.parametrize("channel", ["fax", "zalo"])
def test_an_override_for_a_channel_that_takes_none_is_refused(channel: str):
    with pytest.raises(BadInput) as refused:
        renditions(content_of("water_cut", f'\n[overrides.{channel}]\nvi = "x"\n'), "sms")
    assert refused.value.field == f"overrides.{channel}"


# --- reading what people write


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('kind = "evacuation"', 'kind = "party"', "unknown_kind", "kind"),
        ('kind = "evacuation"', "", "unknown_kind", "kind"),
        ('symbol = "12', 'simbol = "12', "unknown_field", "simbol"),
        ('short_name = "UBND', 'brand = "UBND', "missing_field", "agency.short_name"),
        ('hotline = "1022"', 'hotline = ""', "missing_field", "agency.hotline"),
        ('office = "', 'rank = "', "unknown_field", "responsible.rank"),
        ("shelter = {", "shelters = {", "unknown_field", "facts.shelters"),
        ("shelter = {", "#", "missing_fact", "facts.shelter"),
        ('action = { vi = "Mang', 'action = "Mang', "unreadable", ""),
        (', en = "Bring ID and medicine"', "", "missing_language", "facts.action.en"),
        ('en = "Evacuation of', 'km = "Evacuation of', "missing_language", "body.km"),
        ('en = "Evacuation of', '# en = "', "missing_language", "title.en"),
        ('level = "emergency"', 'level = "urgent"', "bad_choice", "level"),
        ('valid_until = "+6h"', "", "valid_until_missing", "valid_until"),
        (
            'valid_until = "+6h"',
            "valid_until = 2026-11-22T09:59:00",
            "valid_until_past",
            "valid_until",
        ),
        ('valid_until = "+6h"', 'valid_until = "soon"', "wrong_type", "valid_until"),
        (
            'valid_until = "+6h"',
            'valid_until = "+6h"\nexposure = "named"',
            "bad_exposure",
            "exposure",
        ),
        ('valid_until = "+6h"', 'valid_until = "+6h"\ndrill = "no"', "wrong_type", "drill"),
        ('symbol = "12/CĐ-UBND"', "symbol = 12", "wrong_type", "symbol"),
        (
            "[agency]",
            '[[attachments]]\nname = "x.pdf"\nsha256 = "zz"\n[agency]',
            "wrong_type",
            "attachments.0.sha256",
        ),
    ],
)
def test_a_bad_bulletin_names_its_field(old: str, new: str, code: str, field: str):
    assert old in EXAMPLES["evacuation"]
    text = EXAMPLES["evacuation"].replace(old, new, 1)
    with pytest.raises(BadInput) as refused:
        Content.from_toml(text, kinds=KINDS, now=NOW)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.vi
    assert refused.value.en


def test_a_bulletin_without_vietnamese_is_refused():
    text = EXAMPLES["drill"].replace('vi = "Diễn tập sơ tán dân vùng ngoài đê"\n', "")
    with pytest.raises(BadInput) as refused:
        Content.from_toml(text, kinds=KINDS, now=NOW)
    assert refused.value.field == "title.vi"


def test_a_kind_that_ends_another_must_name_it():
    text = EXAMPLES["evacuation_end"].replace('relation = "ends"', 'relation = "corrects"')
    with pytest.raises(BadInput) as refused:
        Content.from_toml(text, kinds=KINDS, now=NOW)
    assert (refused.value.code, refused.value.field) == ("relation_missing", "related")


def test_a_drill_cannot_be_declared_real():
    with pytest.raises(BadInput) as refused:
        Content.from_toml("drill = false\n" + EXAMPLES["drill"], kinds=KINDS, now=NOW)
    assert refused.value.field == "drill"


def test_a_level_above_the_kinds_highest_is_refused():
    with pytest.raises(BadInput) as refused:
        Content.from_toml('level = "emergency"\n' + EXAMPLES["water_cut"], kinds=KINDS, now=NOW)
    assert (refused.value.code, refused.value.field) == ("level_too_high", "level")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"+6h"', NOW + 6 * 3_600_000),
        ('"+2d"', NOW + 48 * 3_600_000),
        ('"+30m"', NOW + 1_800_000),
        ('"+1h30m"', NOW + 5_400_000),
        ('"+1d2h3m"', NOW + 93_780_000),
        ('"2026-11-22T18:00"', NOW + 8 * 3_600_000),
        ("2026-11-22T18:00:00", NOW + 8 * 3_600_000),
        ("2026-11-22T18:00:00+07:00", NOW + 8 * 3_600_000),
        ("2026-11-22T11:00:00Z", NOW + 8 * 3_600_000),
    ],
)
def test_an_end_is_read_in_vietnams_time(written: str, expected: int):
    text = f"valid_until = {written}\n" + EXAMPLES["water_cut"]
    assert Content.from_toml(text, kinds=KINDS, now=NOW).valid_until == expected


@pytest.mark.parametrize("written", ["+", "+30", "30m", "+30m1h", "+5s", "2026-11-22", "-1h", "T"])
def test_what_is_no_time_is_refused_with_the_forms_of_one(written: str):
    with pytest.raises(BadInput, match="30m") as refused:
        instant(written, "--at", NOW)
    assert (refused.value.code, refused.value.field) == ("wrong_type", "--at")


@pytest.mark.parametrize("written", ["+0m", "2026-11-22T09:59", "2025-01-01T07:00:00+07:00"])
def test_nothing_starts_in_the_past(written: str):
    with pytest.raises(BadInput) as refused:
        coming(written, "--at", NOW)
    assert (refused.value.code, refused.value.field) == ("time_past", "--at")


@pytest.mark.parametrize(
    ("symbol", "codes"),
    [
        ("12/CĐ-UBND", []),
        ("29/2021/QĐ-UBND", []),
        ("07/CT-TTg", []),
        ("91/2025/QH15", []),
        ("141/KH-BCĐTKNQ18", []),
        ("12/6/2026", ["symbol_unusual"]),
        ("công văn 12", ["symbol_unusual"]),
        ("", ["symbol_missing"]),
    ],
)
def test_a_symbol_is_remarked_and_never_refused(symbol: str, codes: list[str]):
    text = re.sub(r'symbol = "[^"]*"', f'symbol = "{symbol}"', EXAMPLES["water_cut"])
    content = Content.from_toml(text, kinds=KINDS, now=NOW)
    assert [each.code for each in remarks(content)] == codes
    assert renditions(content, *CHANNELS)


# --- digests


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_content_survives_its_bytes(name: str):
    content = content_of(name)
    assert Content.from_bytes(content.to_bytes()) == content
    assert Content.from_bytes(content.to_bytes()).digest == content.digest


def test_canonical_bytes_do_not_depend_on_order_or_on_how_letters_were_typed():
    text = EXAMPLES["power_cut"]
    typed = unicodedata.normalize("NFD", text)
    content = content_of("power_cut")
    turned = replace(content, facts=dict(reversed(content.facts.items())))
    assert Content.from_toml(typed, kinds=KINDS, now=NOW).digest == content.digest
    assert turned.to_bytes() == content.to_bytes()


def test_a_changed_word_changes_the_digest():
    content = content_of("power_cut")
    assert replace(content, title={"vi": "Khác"}).digest != content.digest


def test_the_digest_of_known_bytes_never_changes():
    """Approvals and pages hold digests: another value here means that old ones are worthless."""
    content = Content("drill", Issuer({"vi": "Xã Mẫu"}, "Mẫu", "1022"), {"vi": "Thử"}, {"vi": "Đê"})
    assert content.to_bytes().decode() == (
        '{"agency":{"hotline":"1022","name":{"vi":"Xã Mẫu"},"short_name":"Mẫu"},"attachments":[],'
        '"body":{"vi":"Đê"},"classification":"official","drill":false,"exposure":"public",'
        '"facts":{},"kind":"drill","legal_basis":"","level":"normal","overrides":{},'
        '"responsible":{"name":"","office":""},"symbol":"","title":{"vi":"Thử"},"valid_until":0}'
    )
    assert content.digest == "dd6e7a48300407c260b1d884a0e88471964358dbb99b7c49b1b147c56574088d"


def test_rendering_twice_gives_the_same_bytes():
    content = content_of("evacuation")
    first, second = (renditions(content, *CHANNELS) for _ in range(2))
    assert [each.digest for each in first] == [each.digest for each in second]


# --- examples


def test_examples_are_in_places_that_exist_and_say_that_people_are_synthetic():
    for name, text in EXAMPLES.items():
        assert text.startswith("# Ví dụ. Tên người"), name
        responsible = tomllib.loads(text).get("responsible", {}).get("name", "Mẫu")
        assert "Mẫu" in responsible, name
