"""The command line door: ``loa …``. Short; the commands are in ``dispatcher/commands``."""

import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from dispatcher.domain.errors import LoaError

#: Command → (module, function). Loaded when asked for, so that ``--help`` is quick.
COMMANDS = {
    "demo": ("demo", "demo"),
    "serve": ("serving", "serve"),
    "work": ("serving", "work"),
    "migrate": ("upkeep", "migrate"),
    "check": ("checking", "check"),
    "init": ("upkeep", "init"),
    "area": ("places", "area"),
    "locality": ("places", "locality"),
    "agency": ("agencies", "agency"),
    "account": ("accounts", "account"),
    "grant": ("grants", "grant"),
    "key": ("keys", "key"),
    "password": ("signing_in", "password"),
    "unlock": ("signing_in", "unlock"),
    "import": ("people", "import_"),
    "send": ("sending", "send"),
    "approve": ("approving", "approve_"),
    "confirm": ("approving", "confirm_"),
    "release": ("duty", "release_"),
    "shift": ("duty", "shift"),
    "preapproved": ("duty", "preapproved"),
    "preview": ("sending", "preview_"),
    "status": ("watching", "status"),
    "cancel": ("watching", "cancel_"),
    "pause": ("watching", "pause_"),
    "resume": ("watching", "resume_"),
    "stop": ("watching", "stop_"),
    "outside": ("outside", "outside"),
    "route": ("routes", "route"),
    "speaker": ("devices", "speaker"),
    "speech": ("speech", "speech"),
    "simulate": ("devices", "simulate"),
    "audit": ("audit", "audit"),
    "book": ("books", "book"),
    "personal": ("personal", "personal"),
    "search": ("searching", "search"),
    "reconcile": ("reconciling", "reconcile_"),
}


class Lazy(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, function = COMMANDS[name]
        command: click.Command = getattr(import_module(f"dispatcher.commands.{module}"), function)
        return command


@click.group(cls=Lazy)
@click.version_option(package_name="loa")
def loa() -> None:
    """Loa: một bản tin, mọi kênh (one bulletin, every channel).

    Begin with: loa demo. LOA_DEBUG=1 shows the origin of an error.
    """


def main() -> None:
    """Run, and turn an error made for people into two sentences and exit status 1."""
    try:
        loa(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - defects are raised again
        _end(error)


def _end(error: Exception) -> NoReturn:
    """LOA_DEBUG=1 shows where it came from. What is no refusal but a defect always does."""
    from dispatcher.commands.faults import told

    words = error if isinstance(error, LoaError) else told(error)
    if words is None or os.environ.get("LOA_DEBUG") == "1":
        raise error
    where = f" [{words.field}]" if words.field else ""
    click.echo(f"Lỗi{where}: {words.vi}\nError{where}: {words.en}", err=True)
    sys.exit(1)
