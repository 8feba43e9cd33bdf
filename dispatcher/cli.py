"""The command line door: ``loa …``. Short; the commands are in ``dispatcher/commands``."""

import sys
from importlib import import_module

import click

from dispatcher.domain.errors import LoaError

#: Command → (module, function). Loaded when asked for, so that ``--help`` is quick.
COMMANDS = {
    "demo": ("demo", "demo"),
    "serve": ("serving", "serve"),
    "work": ("serving", "work"),
    "migrate": ("upkeep", "migrate"),
    "check": ("upkeep", "check"),
    "init": ("upkeep", "init"),
    "area": ("places", "area"),
    "locality": ("places", "locality"),
    "key": ("keys", "key"),
    "import": ("people", "import_"),
    "send": ("sending", "send"),
    "approve": ("sending", "approve_"),
    "preview": ("sending", "preview_"),
    "status": ("watching", "status"),
    "cancel": ("watching", "cancel_"),
    "pause": ("watching", "pause_"),
    "resume": ("watching", "resume_"),
    "stop": ("watching", "stop_"),
    "route": ("routes", "route"),
    "speaker": ("devices", "speaker"),
    "speech": ("speech", "speech"),
    "simulate": ("devices", "simulate"),
    "audit": ("audit", "audit"),
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

    Begin with: loa demo
    """


def main() -> None:
    """Run, and turn an error made for people into two sentences and exit status 1."""
    try:
        loa(standalone_mode=False)
    except LoaError as error:
        where = f" [{error.field}]" if error.field else ""
        click.echo(f"Lỗi{where}: {error.vi}\nError{where}: {error.en}", err=True)
        sys.exit(1)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
