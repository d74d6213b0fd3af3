"""``yesman agent …``: coding agents in sessions, and the hooks by which they tell what they do."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.held_file import HeldFile
from yesman.cli.invocation import working_folder
from yesman.cli.terminal import block, plain, sentence
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

group = LazyGroup(
    "agent",
    catalogue.AGENT,
    help=catalogue.ROOT["agent"].help,
    epilog=example("yesman agent setup ~/projects/app"),
)
"""``yesman agent``."""


_command = described(catalogue.AGENT)


@_command("status", "", "yesman agent status", "yesman agent status --json")
@as_json
@click.pass_obj
def status(invocation: Invocation, *, as_json: bool) -> None:
    """Show the agents in sessions and what they ask."""
    agents = invocation.call("agent.status", "it listed the agents")
    if as_json:
        render.show_json(agents)
    elif not agents:
        render.note("No agent runs in a session. Start one: yesman session new NAME -- claude")
    else:
        render.say(render.table(("SESSION", "PANE", "AGENT", "STATE", "ASKS"), map(_row, agents)))


def _row(agent: Mapping[str, Any]) -> tuple[Any, ...]:
    prompt = agent["prompt"] or {}
    about = next((prompt[key] for key in ("command", "file", "url", "question") if prompt.get(key)), None)
    asks = ": ".join(filter(None, (prompt.get("tool"), sentence(about) if about else None)))
    return agent["session"], agent["pane"], agent["agent"], agent["state"], asks or prompt.get("kind")


@_command(
    "setup",
    "Shows what would change in the project's .claude/settings.local.json and asks before writing it. "
    "Agents that already run there notice at their next start.",
    "yesman agent setup ~/projects/app",
    "yesman agent setup --remove",
)
@click.argument("folder", required=False, metavar="[DIR]")
@click.option("--remove", is_flag=True, help="Take yesman's hooks out again.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@as_json
def setup(folder: str | None, *, remove: bool, yes: bool, as_json: bool) -> None:
    """Let Claude Code tell yesman what it does in a project."""
    from yesman.agents import claude_settings  # noqa: PLC0415 - brings msgspec, and status needs none of it

    project = Path(working_folder(), folder or "").expanduser()
    with HeldFile(project, *claude_settings.PATH) as file:
        before = file.read(claude_settings.MAX_BYTES)
        if remove:
            after = None if before is None else claude_settings.without_hooks(before)
        else:
            after = claude_settings.with_hooks(before, claude_settings.hook_command(sys.executable))
        changed = after != before
        if changed:
            render.note(block(_diff(file.path, before or "", after or "")))
            _confirm(project, remove=remove, yes=yes)
            _write(file, before, after)
    if as_json:
        render.show_json({"path": str(file.path), "changed": changed, "hooks": not remove})
    else:
        render.say(_told(file.path, changed=changed, remove=remove))


def _told(path: Path, *, changed: bool, remove: bool) -> str:
    state = "without" if remove else "with"
    return f"{plain(path)} {'is now' if changed else 'already was'} {state} yesman's hooks."


def _diff(path: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(path), str(path), lineterm="", n=2
    )
    return "\n".join(lines)


def _confirm(project: Path, *, remove: bool, yes: bool) -> None:
    from yesman.cli.consent import confirm  # noqa: PLC0415 - not needed to see that nothing changes

    command = ["yesman", "agent", "setup", str(project), *(["--remove"] if remove else []), "--yes"]
    confirm("Write this?", yes=yes, refusal="Nothing was written", command=command)


def _write(file: HeldFile, before: str | None, after: str | None) -> None:
    """Replace the settings as a whole, unless somebody changed them while the user was asked.

    Raises:
        UsageError: Somebody did.
        PlatformError: They cannot be written.
    """
    from yesman import durable  # noqa: PLC0415 - as in _confirm
    from yesman.agents.claude_settings import MAX_BYTES  # noqa: PLC0415 - as above

    if file.read(MAX_BYTES) != before:
        raise UsageError(f"{plain(file.path)} has changed meanwhile", "Look at it, then try again")
    with durable.explained(file.path):
        if after is None:
            file.place().unlink(missing_ok=True)
        else:
            durable.write(file.place(), after.encode(errors="surrogatepass"), named=file.path)
