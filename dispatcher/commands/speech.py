"""``loa speech``: hear, or read, what would be spoken."""

from pathlib import Path
from typing import Literal

import click

Region = Literal["north", "central", "south"]


@click.group()
def speech() -> None:
    """Turn written Vietnamese into words, and words into sound."""


@speech.command()
@click.argument("text")
def words(text: str) -> None:
    """Print the words that would be spoken, and what is doubtful in them."""
    from dispatcher.speech.lint import lint
    from dispatcher.speech.verbalise import verbalise

    spoken = verbalise(text)
    click.echo(spoken)
    for finding in lint(spoken):
        click.secho(f"  ⚠ {finding.text}: {finding.reason}", fg="yellow", err=True)


@speech.command()
@click.argument("text")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--region", type=click.Choice(["north", "central", "south"]), default="north")
@click.option("--telephone", "recipe", flag_value="telephone", help="G.711 A-law, no chime.")
def say(text: str, file: Path, *, region: Region, recipe: str | None) -> None:
    """Write the sound of a text to FILE: MP3 with a chime, or A-law for telephones."""
    from dispatcher.speech.espeak import EspeakVoice
    from dispatcher.speech.spoken import SPEAKER, TELEPHONE, announce
    from dispatcher.speech.verbalise import verbalise

    with EspeakVoice(region=region) as voice:
        audio = announce(verbalise(text), voice, TELEPHONE if recipe else SPEAKER)
    file.write_bytes(audio.data)
    click.echo(f"{file}: {audio.duration_ms / 1000:.1f} s, {audio.lufs:.1f} LUFS, {audio.mime}")
