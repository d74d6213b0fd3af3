"""Writes ``docs/reference/cli.md`` from what ``--help`` says; a test fails when the page is stale."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yesman.cli.group import root
from yesman.cli.invocation import Invocation
from yesman.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
HEAD = """\
# Command line

Everything that `--help` says, command by command. Lists and details take `--json`, for programs: stdout has
JSON and nothing else then. What went wrong is one sentence on stderr, with the next step, and an [exit
code](errors.md). `NO_COLOR`, `COLUMNS` and pipes are respected. Commands of plugins come after the built-in
ones; each has `--session`, `--json` and `--help` beside its own options. This page is generated.
"""


def page() -> str:
    """Return the page."""
    with _surroundings():
        context = click.Context(root, info_name="yesman", obj=Invocation(os.environ))
        return "\n".join([HEAD, *_sections(root, context, ())]).rstrip() + "\n"


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """A terminal of 80 columns, and a home without plugins."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(YESMAN_HOME=home, COLUMNS="80", NO_COLOR="1")
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _sections(command: click.Command, context: click.Context, path: tuple[str, ...]) -> Iterator[str]:
    yield from ("#" * min(len(path) + 2, 3) + f" {' '.join(('yesman', *path))}", "")
    yield from ("```text", _help(path), "```", "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                within = click.Context(inner, info_name=name, parent=context)
                yield from _sections(inner, within, (*path, name))


def _help(path: tuple[str, ...]) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        run([*path, "--help"])
    return shown.getvalue().rstrip()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
