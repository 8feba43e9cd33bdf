"""The house: six floors, no circle, no arrow that runs back up, and nothing happens at import."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: A module belongs where the longest prefix of its name says. The contract of channels is a noun
#: like any other; ``bootstrap`` is the first of the doors: all others are given what it wires.
FLOORS = (
    ("nouns", ("dispatcher.domain.model", "dispatcher.domain.status", "dispatcher.domain.errors",
               "dispatcher.domain.ports", "channels.base")),
    ("rules", ("dispatcher.domain",)),
    ("ledger", ("dispatcher.ledger",)),
    ("verbs", ("dispatcher",)),
    ("adapters", ("channels", "dispatcher.config", "dispatcher.queue", "dispatcher.speech",
                  "dispatcher.studio", "dispatcher.switchboard", "dispatcher.tokens")),
    ("doors", ("api", "workers", "dispatcher.bootstrap", "dispatcher.cli", "dispatcher.commands",
               "dispatcher.demo", "dispatcher.engine", "dispatcher.identity", "dispatcher.pulse",
               "dispatcher.logs", "dispatcher.safety",
               "dispatcher.web")),
)  # fmt: skip

#: Programs of their own that happen to live here: they see nothing of ours, few of us see them.
APART = ("dispatcher.sim", "dispatcher.player", "dispatcher.evidence.verify")

#: Alembic runs it; it is not imported.
SCRIPTS = ("dispatcher.ledger.migrations",)


@cache
def sources() -> dict[str, Path]:
    """The product's modules by name."""
    files = [ROOT / "api.py", ROOT / "workers.py"]
    files += [*(ROOT / "dispatcher").rglob("*.py"), *(ROOT / "channels").rglob("*.py")]
    return {_name(path): path for path in files}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(sources()[module].read_text())


@cache
def imports(module: str) -> frozenset[str]:
    """Full names of what a module imports, at its top or in a function."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            found |= {_imported(origin, alias.name) for alias in node.names}
    return frozenset(found)


def _origin(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = sources()[module].name == "__init__.py"
    parents = module.split(".")
    kept = len(parents) - node.level + is_package
    return ".".join([*parents[:kept], *([node.module] if node.module else [])])


def _imported(origin: str, name: str) -> str:
    """``from a import b``: the module ``a.b`` if there is one, else what is in ``a``."""
    return f"{origin}.{name}" if f"{origin}.{name}" in sources() else origin


def ours(module: str) -> set[str]:
    return {name for name in imports(module) if name in sources()} - {module}


def at_run_time(module: str) -> set[str]:
    """Without what only the type checker imports: two files may name each other's types."""
    names: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            names |= {each.module or "" for each in node.body if isinstance(each, ast.ImportFrom)}
    return ours(module) - names


def within(module: str, *prefixes: str) -> bool:
    return any(module == prefix or module.startswith(f"{prefix}.") for prefix in prefixes)


def floor(module: str) -> int:
    """Counted from the ground."""
    _, height = max(
        (len(prefix), height)
        for height, (_, prefixes) in enumerate(FLOORS)
        for prefix in prefixes
        if within(module, prefix)
    )
    return height


def product() -> Iterator[str]:
    return (each for each in sources() if not within(each, *APART))


def users_of(*libraries: str) -> list[str]:
    return sorted(
        each for each in sources() if any(within(name, *libraries) for name in imports(each))
    )


def test_no_arrow_runs_back_up() -> None:
    upwards = [
        f"{module} ({FLOORS[floor(module)][0]}) imports {other} ({FLOORS[floor(other)][0]})"
        for module in product()
        for other in ours(module)
        if not within(other, *APART) and floor(other) > floor(module)
    ]
    assert upwards == []


def test_there_is_no_circle() -> None:
    try:
        TopologicalSorter({module: at_run_time(module) for module in sources()}).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(error.args[1]))


@pytest.mark.parametrize("name", [name for name, _ in FLOORS])
def test_every_floor_is_inhabited(name: str) -> None:
    assert any(FLOORS[floor(module)][0] == name for module in product())


def test_only_the_ledger_knows_sql() -> None:
    users = users_of("sqlalchemy", "alembic", "psycopg", "sqlite3")
    assert [each for each in users if not within(each, "dispatcher.ledger", *APART)] == []


def test_only_the_queue_s_doors_know_dramatiq() -> None:
    doors = ("bootstrap", "engine", "pulse", "queue")
    allowed = {"workers", *(f"dispatcher.{each}" for each in doors)}
    assert set(users_of("dramatiq")) == allowed


def test_only_the_web_knows_fastapi() -> None:
    users = users_of("fastapi", "starlette")
    assert [each for each in users if not within(each, "api", "dispatcher.web")] == []


def test_a_channel_sees_the_domain_and_what_channels_share() -> None:
    strangers = [
        f"{module} imports {other}"
        for module in sources()
        if within(module, "channels")
        for other in ours(module)
        if not within(other, "channels", "dispatcher.domain")
    ]
    assert strangers == []


def test_channels_never_see_each_other() -> None:
    folders = [f"channels.{each.name}" for each in (ROOT / "channels").iterdir() if each.is_dir()]
    neighbours = [
        f"{module} imports {other}"
        for module in sources()
        if within(module, "channels") and module != "channels"
        for other in ours(module)
        if within(other, *folders) and not within(other, module.rpartition(".")[0])
    ]
    assert neighbours == []


@pytest.mark.parametrize("program", APART)
def test_a_program_apart_sees_nothing_of_ours(program: str) -> None:
    modules = [each for each in sources() if within(each, program)]
    assert modules
    seen = {f"{each} imports {other}" for each in modules for other in ours(each)
            if not within(other, program)}  # fmt: skip
    assert seen == set()


def test_the_verifier_shares_nothing_with_the_writer_but_the_connection() -> None:
    verifier = "dispatcher.ledger.verifying"
    modules = [each for each in sources() if within(each, verifier)]
    assert modules
    shared = {other for each in modules for other in ours(each) if not within(other, verifier)}
    assert shared <= {"dispatcher.ledger.store"}


def test_the_engine_asks_for_traits_and_never_for_a_channel_s_name() -> None:
    #: The demo tells a story about channels; the studio names sounds by their use.
    exempt = ("channels", "dispatcher.demo", "dispatcher.studio")
    asked = [
        f"{module}:{node.lineno} compares with {sorted(words)}"
        for module in product()
        if not within(module, *exempt)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Compare | ast.MatchValue)
        and (words := _channels() & _words(module, node))
    ]
    assert asked == []


def _channels() -> set[str]:
    """The names of channels, as their folders have them."""
    return {each.parent.name for each in (ROOT / "channels").glob("*/__init__.py")}


def _words(module: str, node: ast.AST) -> set[str]:
    """The strings in an expression, written there or as a constant of the module."""
    named = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    constants = [
        statement.value
        for statement in tree(module).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and any(isinstance(each, ast.Name) and each.id in named for each in statement.targets)
    ]
    return {
        each.value
        for part in (node, *constants)
        for each in ast.walk(part)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def tracked() -> list[Path]:
    """The files of the repository, without what only this machine has."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [name for name in listed.stdout.split("\0") if name]
    if listed.returncode:  # an archive without its history
        hidden = (".venv", "__pycache__")
        names = [str(each.relative_to(ROOT)) for each in ROOT.rglob("*")
                 if not any(part in hidden for part in each.parts)]  # fmt: skip
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_file_is_named_after_nothing() -> None:
    empty = re.compile(r"(utils?|helpers?|common|misc|managers?|services?|stuff)(\.py)?")
    named = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if any(empty.fullmatch(part) for part in path.relative_to(ROOT).parts)
    ]
    assert named == []


def test_no_file_of_the_product_is_long() -> None:
    #: The schema, and what Alembic writes from it: lists, and easier to read whole.
    #: And the auditor's program, which must be one file that runs alone.
    data = ("dispatcher.ledger.tables", "dispatcher.ledger.migrations.versions",
            "dispatcher.evidence.verify")  # fmt: skip
    lengths = {each: len(path.read_text().splitlines()) for each, path in sources().items()}
    assert {each: n for each, n in lengths.items() if n > 400 and not within(each, *data)} == {}


def test_nothing_says_where_packages_come_from() -> None:
    hosts = re.compile(
        r"py(?:pi)\.(?:org|io)|python(?:hosted)\.org|np(?:mjs)\.org|crates\.(?:io)"
        r"|--(?:extra-)?index(?:-url)",
        re.IGNORECASE,
    )
    named = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if hosts.search(path.read_bytes().decode("utf-8", "ignore"))
    ]
    assert named == []


#: Imports every module named on standard input. A setting that cannot be parsed is in the
#: environment: whoever reads settings at import fails.
IMPORT_ALL = """
import importlib, sys, threading

FORBIDDEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.fork",
             "os.forkpty", "os.system", "os.exec", "os.posix_spawn", "os.mkdir", "os.remove",
             "os.rename", "sqlite3.connect", "signal.pthread_kill")

def forbid(event, arguments):
    if event in FORBIDDEN:
        raise RuntimeError(f"{current}: {event} {arguments}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        if arguments[0] != "/dev/null":
            raise RuntimeError(f"{current}: opened {arguments[0]} to write")

sys.addaudithook(forbid)
for current in sys.stdin.read().split():
    importlib.import_module(current)
    assert threading.active_count() == 1, f"{current} started a thread"
"""


def test_nothing_happens_at_import() -> None:
    modules = [each for each in sources() if not within(each, *SCRIPTS)]
    environment = {**os.environ, "LOA_PORT": "not a port", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        input="\n".join(modules),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == ""
