"""The command line: three commands of its own, and those of plugins."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from yesman.embed import PluginGroup

from . import keeping


@click.group(cls=PluginGroup, plugins_dir="~/.notes/plugins")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=lambda: Path("~/notes/notes.txt").expanduser(),
    show_default="~/notes/notes.txt",
    help="Where the notes are.",
)
@click.pass_context
def notes(context: click.Context, file: Path) -> None:
    """Keep notes, one line each."""
    context.obj = file


@notes.command()
@click.argument("text")
@click.pass_obj
def add(file: Path, text: str) -> None:
    """Write a note down."""
    note = keeping.add(file, datetime.now(UTC).date(), text)
    click.echo(f"Noted on {note.day}.")


@notes.command("list")
@click.option("--word", help="Only notes with this word.")
@click.pass_obj
def list_(file: Path, word: str | None) -> None:
    """Print the notes, oldest first."""
    for note in keeping.read(file):
        if word is None or word in note.text:
            click.echo(f"{note.day} {note.text}")


@notes.command()
@click.pass_obj
def count(file: Path) -> None:
    """Print how many notes there are."""
    click.echo(len(keeping.read(file)))
