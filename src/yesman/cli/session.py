"""``yesman session …``: the sessions themselves live in the server's tmux."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.invocation import surroundings, working_folder
from yesman.cli.terminal import block, plain
from yesman.model.errors import UsageError
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

group = LazyGroup(
    "session",
    catalogue.SESSION,
    help=catalogue.ROOT["session"].help,
    epilog=example("yesman session new work --cwd ~/projects/app"),
)
"""``yesman session``."""


_command = described(catalogue.SESSION)


_no_hooks = click.option(
    "--no-hooks", is_flag=True, help="Do not ask the plugins that may forbid it; that is recorded."
)


@_command(
    "new",
    "Without CMD your shell is started in it.",
    "yesman session new work --cwd ~/projects/app -- claude",
)
@click.argument("name")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- CMD...]")
@click.option("--cwd", metavar="DIR", help="The folder to start in; default: the current one.")
@_no_hooks
@as_json
@click.pass_obj
def new(
    invocation: Invocation,
    name: str,
    command: tuple[str, ...],
    cwd: str | None,
    *,
    no_hooks: bool,
    as_json: bool,
) -> None:
    """Start a session."""
    folder = os.path.join(working_folder(), cwd) if cwd else working_folder()  # noqa: PTH118 - keeps '..' for the server
    params = {"name": name, "cwd": folder, "command": list(command) or None, "hooks": not no_hooks}
    made = invocation.call("session.new", f"it made the session '{name}'", params)
    if as_json:
        render.show_json(made)
    else:
        render.say(f"Session {plain(made['name'])} runs in {plain(made['cwd'])}.")


@_command("ls", "", "yesman session ls", "yesman session ls --json")
@as_json
@click.pass_obj
def ls(invocation: Invocation, *, as_json: bool) -> None:
    """List sessions."""
    sessions = invocation.call("session.list", "it listed the sessions")
    if as_json:
        render.show_json(sessions)
    elif not sessions:
        render.note("There are no sessions. Start one: yesman session new NAME")
    else:
        render.say(render.table(("NAME", "FOLDER", "REPO", "BRANCH", "WINDOWS", ""), map(_row, sessions)))


def _row(session: Mapping[str, Any]) -> tuple[Any, ...]:
    labels = session["metadata"]
    attached = "attached" if session["attached"] else ""
    windows = len(session["windows"])
    return session["name"], session["cwd"], labels.get("repo"), labels.get("branch"), windows, attached


@_command("show", "Without NAME: the session you are in.", "yesman session show work")
@click.argument("name", required=False)
@as_json
@click.pass_obj
def show(invocation: Invocation, name: str | None, *, as_json: bool) -> None:
    """Show one session with its windows and panes."""
    params = {"name": name, **surroundings()}
    session = invocation.call("session.show", "it looked at the session", params)
    if as_json:
        render.show_json(session)
        return
    about = {
        "Name": session["name"],
        "Folder": session["cwd"],
        "Attached": session["attached"],
        "Created": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(session["created"])),
    }
    render.say(render.record(about | session["metadata"]))
    render.say("")
    render.say(render.table(("WINDOW", "PANE", "PROGRAM", "FOLDER", "SIZE"), _panes(session)))


def _panes(session: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            f"{window['index']}: {window['name']}",
            pane["id"],
            pane["command"],
            pane["cwd"],
            f"{pane['width']}x{pane['height']}",
        )
        for window in session["windows"]
        for pane in window["panes"]
    ]


@_command("attach", "Leave it again with tmux's own keys: Ctrl-B d.", "yesman session attach work")
@click.argument("name")
@click.pass_obj
def attach(invocation: Invocation, name: str) -> None:
    """Show a session in this terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "A session is shown on a terminal only",
            f"To read it: yesman session capture {argument(plain(name))}",
        )
    params = {"name": name, "tmux": os.environ.get("TMUX") or None}
    argv = invocation.call("session.attach", "it prepared to show the session", params)["argv"]
    from yesman.process import replace  # noqa: PLC0415 - brings asyncio, and only this command needs it

    replace(argv)


@_command("send", "", "yesman session send work 'make test'", "yesman session send work -- '--help'")
@click.argument("name")
@click.argument("text")
@click.option("--no-enter", is_flag=True, help="Do not press Enter after it.")
@click.pass_obj
def send(invocation: Invocation, name: str, text: str, *, no_enter: bool) -> None:
    """Type text into a session."""
    params = {"name": name, "text": text, "enter": not no_enter}
    invocation.call("session.send", "it typed into the session", params)


@_command("capture", "", "yesman session capture work --lines 200")
@click.argument("name")
@click.option(
    "--lines",
    type=click.IntRange(min=1),
    metavar="N",
    help="The last N lines, with those that scrolled away.",
)
@as_json
@click.pass_obj
def capture(invocation: Invocation, name: str, lines: int | None, *, as_json: bool) -> None:
    """Print what a session's terminal shows."""
    params = {"name": name, "lines": lines}
    answer = invocation.converse("session.capture", "it read the session's terminal", params)
    text = answer.blob.decode(errors="backslashreplace")
    if as_json:
        render.show_json({"name": name, "text": text})
    else:
        sys.stdout.write(block(text) if text.endswith("\n") or not text else f"{block(text)}\n")


@_command("close", "", "yesman session close work")
@click.argument("name")
@_no_hooks
@click.pass_obj
def close(invocation: Invocation, name: str, *, no_hooks: bool) -> None:
    """End a session and what runs in it."""
    invocation.call("session.close", "it closed the session", {"name": name, "hooks": not no_hooks})
    render.say(f"Session {plain(name)} is closed.")
