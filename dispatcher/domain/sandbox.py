"""Jinja2 reduced to what a message needs: values, conditions, one loop, a few filters.

Authors write overrides, so a template is untrusted input. Beyond Jinja's immutable sandbox a
list of allowed syntax rules out calls, arithmetic, imports and nested loops: nothing that a
template can say takes long or grows large.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dispatcher.domain.errors import BadInput

SOURCE_LIMIT = 20_000
OUTPUT_LIMIT = 200_000

#: Levels of nesting, far below where the parser or Python's compiler give up.
DEPTH_LIMIT = 30

#: What a template may ask of the recipient.
RECIPIENT_FIELDS = frozenset({"name", "locality", "lang"})

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Filter,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Const,
    nodes.For,
    nodes.Tuple,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source comes from, for complaints about it."""

    channel: str
    lang: str
    field: str

    def __str__(self) -> str:
        return f"{self.channel}.{self.lang}.{self.field}"


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def clause(text: str) -> str:
    """Without a full stop at the end, to stand inside a sentence."""
    return text.rstrip().rstrip(".;")


def sentence(text: str) -> str:
    """With a capital and a stop at the end, whatever the author wrote."""
    bare = upper_first(text.strip())
    return bare if bare.endswith((".", "!", "?", "…")) else clause(bare) + "."


FILTERS = MappingProxyType(
    {
        "upper": str.upper,
        "upper_first": upper_first,
        "lower_first": lower_first,
        "clause": clause,
        "sentence": sentence,
    }
)


@cache
def _environment(autoescape: bool) -> ImmutableSandboxedEnvironment:  # noqa: FBT001
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=autoescape, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update(FILTERS)
    return environment


def environment_for(field: str) -> ImmutableSandboxedEnvironment:
    """The environment of a payload field: HTML is escaped, text is not."""
    return _environment(field == "html")


def variables(source: str, known: frozenset[str], place: Place) -> frozenset[str]:
    """The names that a source uses. Raises ``BadInput`` for anything it may not say.

    ``known``: the names it may use besides ``recipient``. The error names variable and line.
    """
    if len(source) > SOURCE_LIMIT:
        raise refused(place, 1, f"dài quá {SOURCE_LIMIT} ký tự", f"over {SOURCE_LIMIT} characters")
    tree = _parsed(source, place)
    _check_syntax(tree, place)
    used = meta.find_undeclared_variables(tree)
    for name in sorted(used - known - {"recipient"}):
        raise _unknown(place, _line_of(tree, name), name, known)
    return frozenset(used)


def compiled(source: str, field: str) -> Template:
    """A source that has been checked, ready to render."""
    return environment_for(field).from_string(source)


def rendered(template: Template, values: Mapping[str, object], place: Place) -> str:
    """The output, without outer blanks. Raises ``BadInput`` when it fails or is too large."""
    try:
        text = template.render(values).strip()
    except TemplateError as error:
        raise refused(place, getattr(error, "lineno", 1) or 1, str(error), str(error)) from error
    if len(text) > OUTPUT_LIMIT:
        raise refused(
            place, 1, f"kết quả dài quá {OUTPUT_LIMIT} ký tự", f"output over {OUTPUT_LIMIT}"
        )
    return text


def _parsed(source: str, place: Place) -> nodes.Template:
    try:
        return environment_for(place.field).parse(source)
    except TemplateSyntaxError as error:
        raise refused(place, error.lineno, str(error.message), str(error.message)) from error
    except RecursionError as error:
        raise _too_deep(place, 1) from error


def _check_syntax(tree: nodes.Template, place: Place) -> None:
    for node, depth in _walk(tree, 0):
        word = type(node).__name__
        if not isinstance(node, _ALLOWED) or not _fits(node):
            raise refused(place, node.lineno, f"không được dùng '{word}'", f"'{word}' is refused")
        if depth > DEPTH_LIMIT:
            raise _too_deep(place, node.lineno)


def _walk(node: nodes.Node, depth: int) -> Iterator[tuple[nodes.Node, int]]:
    yield node, depth
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + 1)


def _too_deep(place: Place, line: int) -> BadInput:
    return refused(
        place,
        line,
        f"lồng nhau quá {DEPTH_LIMIT} cấp",
        f"nested more than {DEPTH_LIMIT} levels",
    )


def _fits(node: nodes.Node) -> bool:
    """Attributes only of the recipient, loops only over a value and never inside one another."""
    if isinstance(node, nodes.Name):
        return node.name != "self"
    if isinstance(node, nodes.Getattr):
        of_recipient = isinstance(node.node, nodes.Name) and node.node.name == "recipient"
        return of_recipient and node.attr in RECIPIENT_FIELDS
    if isinstance(node, nodes.Filter):
        return node.name in FILTERS and node.node is not None
    if isinstance(node, nodes.For):
        nested = any(True for _ in node.find_all(nodes.For))
        return isinstance(node.iter, nodes.Name) and not nested and not node.recursive
    return True


def _line_of(tree: nodes.Template, name: str) -> int:
    return next((each.lineno for each in tree.find_all(nodes.Name) if each.name == name), 1)


def _unknown(place: Place, line: int, name: str, known: frozenset[str]) -> BadInput:
    listed = ", ".join(sorted(known | {f"recipient.{each}" for each in RECIPIENT_FIELDS}))
    return BadInput(
        "unknown_variable",
        f"Kênh '{place.channel}', dòng {line}: không có biến '{name}'. Có: {listed}.",
        f"Channel '{place.channel}', line {line}: there is no variable '{name}'. "
        f"There are: {listed}.",
        field=f"overrides.{place.channel}.{place.lang}",
    )


def refused(place: Place, line: int, vi: str, en: str) -> BadInput:
    """The complaint about a source, with its channel and line."""
    return BadInput(
        "bad_template",
        f"Kênh '{place.channel}', dòng {line}: {vi}. Viết lại nội dung riêng của kênh này.",
        f"Channel '{place.channel}', line {line}: {en}. Rewrite this channel's own text.",
        field=f"overrides.{place.channel}.{place.lang}",
    )
