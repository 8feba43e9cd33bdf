"""The documents say what is so: links lead somewhere, tables are complete, examples run."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from channels import PROVIDERS
from channels.loudspeaker import words as device_words
from channels.ringback import words as carrier_words
from channels.sms import twilio_codes
from dispatcher import cli
from dispatcher.config import Settings
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.authority import RIGHTS
from dispatcher.domain.second_factor import NEEDED_BY
from dispatcher.domain.status import Evidence, Reason, Status

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text()


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(text: str) -> str:
    """Without code blocks."""
    return re.sub(r"(?ms)^```.*?^```", "", text)


def code(text: str) -> list[str]:
    """Lines of code blocks, and inline code."""
    blocks = re.findall(r"(?ms)^```\w*\n(.*?)^```", text)
    return [*"\n".join(blocks).splitlines(), *re.findall(r"`([^`\n]+)`", prose(text))]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of table rows whose first cell is code, without their backticks."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def section(text: str, heading: str) -> str:
    """What stands under a second-level heading."""
    return text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


# --- links


def links(page: Path) -> Iterator[tuple[str, str]]:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text())):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield path, anchor


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_file(page: Path) -> None:
    assert [path for path, _ in links(page) if path and not (page.parent / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_anchor_is_a_heading(page: Path) -> None:
    lost = [
        anchor
        for path, anchor in links(page)
        if anchor and anchor not in _anchors(page.parent / path if path else page)
    ]
    assert lost == []


def _anchors(page: Path) -> set[str]:
    """As the forges make them: lower case, words joined by hyphens."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(page.read_text()))
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_document_is_in_the_index() -> None:
    linked = {(DOCS / path).resolve() for path, _ in links(DOCS / "README.md")}
    missing = [named(page) for page in DOCS.rglob("*.md") if page.resolve() not in linked]
    assert missing == ["docs/README.md"]


def test_every_picture_is_shown() -> None:
    shown = {(page.parent / path).resolve() for page in PAGES for path, _ in links(page)}
    pictures = {each.resolve() for each in (DOCS / "pictures").iterdir()}
    assert pictures <= shown


# --- security: a defence without a test is a wish


def _cited() -> list[tuple[str, str]]:
    """(file, name of a test or empty) of every test that the threat model names."""
    return re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", read("docs/security.md"))


@pytest.mark.parametrize(("path", "name"), sorted(set(_cited())))
def test_a_defence_has_the_test_that_is_named(path: str, name: str) -> None:
    assert re.search(rf"(?m)^(?:    )?def {name or 'test_'}", read(path))


def test_every_threat_has_a_defence_with_a_test() -> None:
    model = section(read("docs/security.md"), "Threats, defences, tests")
    for threat in re.split(r"(?m)^### ", model)[1:]:
        assert "`tests/" in threat, threat.splitlines()[0]


# --- commands


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"(?m)^([\w-]+):", read("Makefile")))
    asked = {
        found
        for page in PAGES
        for line in code(page.read_text())
        for found in re.findall(r"^make ([a-z][\w-]*)", line)
    }
    assert asked
    assert asked <= targets


def test_every_command_is_described() -> None:
    described = set(re.findall(r"`loa ([a-z]+)`", section(read("docs/operations.md"), "Commands")))
    assert described == set(cli.COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_is_named_exists(page: Path) -> None:
    asked = [
        found.groups()
        for line in code(page.read_text())
        if (found := re.match(r"(?:\.venv/bin/)?loa ([a-z]+)(?: ([a-z][a-z-]*)\b)?", line))
    ]
    assert [each for each in asked if not _exists(*each)] == []


def _exists(name: str, sub: str | None) -> bool:
    if name not in cli.COMMANDS:
        return False
    command = cli.loa.get_command(click.Context(cli.loa), name)
    return not (sub and isinstance(command, click.Group)) or sub in command.commands


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(cli.loa, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert len(shown.output.split()) > 5


# --- settings


def told(field: FieldInfo) -> str:
    """A default as a table has it: empty for nothing, "required" for what must be given."""
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    value = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if value in ("", {}) else str(value)


def defaults(fields: Mapping[str, FieldInfo], spell: str = "{}") -> dict[str, str]:
    return {spell.format(name): told(field) for name, field in fields.items()}


def test_every_setting_is_described_with_its_default() -> None:
    table = {row[0]: row[1] for row in rows(section(read("docs/operations.md"), "Settings"))}
    fields = {name.upper(): field for name, field in Settings.model_fields.items()}
    assert table == defaults(fields, "LOA_{}")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_setting_of_a_provider_is_described_with_its_default(provider: str) -> None:
    table = {row[0]: row[1] for row in rows(section(read(_page(provider)), "Settings"))}
    assert table == defaults(PROVIDERS[provider].settings.model_fields)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_settings_that_a_page_shows_are_accepted(provider: str) -> None:
    blocks = re.findall(r"(?s)--provider (\w+) .*?<<'JSON'\n(.*?)\nJSON", read(_page(provider)))
    assert [name for name, _ in blocks] == [provider]
    for name, text in blocks:
        PROVIDERS[name].settings.model_validate(json.loads(text))


def _page(provider: str) -> str:
    return f"docs/channels/{provider}.md"


def test_every_provider_has_a_row_and_a_page_that_begins_with_limits() -> None:
    readme = read("README.md")
    for provider in (*PROVIDERS, "loa1"):
        assert f"| `{provider}` |" in readme
        assert f"]({_page(provider)})" in readme
        assert re.findall(r"(?m)^## (.+)$", read(_page(provider)))[0] == "Limits first"


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("twilio", twilio_codes.STATUSES),
        ("carrier", carrier_words.STATES),
        ("loa1", {**device_words._WORDS, **device_words._LAST_WORDS}),
    ],
)
def test_every_word_of_a_provider_is_translated_on_its_page(
    provider: str, words: Mapping[str, tuple[Any, ...]]
) -> None:
    meanings = section(read(_page(provider)), "What its words mean")
    for word, (status, *_) in words.items():
        told_of = [line for line in meanings.splitlines() if f"`{word}`" in line]
        assert any(f"`{status.word}`" in line for line in told_of), word


def test_every_alarm_is_explained() -> None:
    explained = {row[0] for row in rows(section(read("docs/operations.md"), "Alarms"))}
    assert explained == {each.value for each in Alarm}


# --- roles


def test_every_role_is_described_with_its_acts_and_its_second_factor() -> None:
    table = {
        role: (frozenset(re.findall(r"\w+", acts)), factor == "must")
        for role, _, acts, factor in rows(section(read("docs/authority.md"), "Roles"))
    }
    assert table == {role: (acts, role in NEEDED_BY) for role, acts in RIGHTS.items()}


def test_administrators_are_told_of_every_role_and_whose_second_factor_is_a_must() -> None:
    lines = section(read("docs/quan-tri.md"), "Vai trò").splitlines()
    table = {
        found[1]: line.endswith("| bắt buộc |")
        for line in lines
        if (found := re.match(r"\| [^|`]+ \| `(\w+)` \|", line))
    }
    assert table == {role: role in NEEDED_BY for role in RIGHTS}


# --- words


def test_the_glossary_has_every_status_in_its_rank() -> None:
    table = [(row[0], row[1]) for row in rows(section(read("docs/glossary.md"), "Statuses"))]
    assert table == [(status.word, str(int(status))) for status in Status]


def test_the_glossary_has_every_evidence_weakest_first() -> None:
    table = [row[0] for row in rows(section(read("docs/glossary.md"), "Evidence"))]
    assert table == [evidence.word for evidence in Evidence]


def test_the_glossary_says_of_every_reason_whose_fault_it_is() -> None:
    text = section(read("docs/glossary.md"), "Reasons, and whose fault")
    table = [tuple(row[:3]) for row in rows(text)]
    assert table == [(each.code, str(int(each)), each.fault.name.lower()) for each in Reason]
    assert all(row[3] for row in rows(text))


# --- the example in docs/adding-a-channel.md, as it stands there


def example(path: str) -> ModuleType:
    """A module made of the code block that begins with this path."""
    text = read("docs/adding-a-channel.md")
    (source,) = re.findall(rf"(?s)```python\n(# {re.escape(path)}\n.*?)```", text)
    name = path.removesuffix(".py").replace("/", ".")
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, f"docs/adding-a-channel.md:{path}", "exec"), vars(module))  # noqa: S102
    return module


example("channels/sms/langsms.py")
_its_test = example("tests/channels/test_langsms.py")

#: Collected here: the whole contract, and what is special about the example.
TestLangSms = _its_test.TestLangSms
test_a_refusal_of_the_example_says_whose_fault = _its_test.test_a_refusal_says_whose_fault
