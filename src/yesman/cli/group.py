"""Click groups that import a command when it is used, and the root of them all."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from yesman import __version__
from yesman.cli import catalogue
from yesman.host.index import CommandIndex
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yesman.cli.catalogue import Entry
    from yesman.cli.invocation import Invocation

CONTEXT = {"help_option_names": ["-h", "--help"]}


def example(*lines: str) -> str:
    """Return an epilog that shows ``lines`` as they are."""
    return "\n".join(("\b", "Example:", *(f"  {line}" for line in lines)))


def as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--json``, as the parameter ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(function)


class LazyGroup(click.Group):
    """A group whose commands stand in a table and are imported when used.

    Args:
        name: The group's own name.
        entries: Its commands.
        attributes: What :class:`click.Group` takes.
    """

    def __init__(self, name: str, entries: Mapping[str, Entry], **attributes: Any) -> None:
        super().__init__(name, context_settings=CONTEXT, invoke_without_command=True, **attributes)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names in the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        """Import and return the command, or None."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's signature
        """Write the list of commands from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was given; show the help where none was."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            sys.stdout.write(f"{ctx.get_help()}\n")
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        command = self.get_command(ctx, args[0])
        if command is None:
            self.refuse(ctx, args[0])
        return args[0], command, args[1:]

    def refuse(self, ctx: click.Context, name: str) -> NoReturn:
        """Say that there is no such command.

        Raises:
            UsageError: Always.
        """
        raise unknown_command(name, self.entries, f"See: {ctx.command_path} --help")


def unknown_command(name: str, known: Mapping[str, object], otherwise: str) -> UsageError:
    """Return the error for an unknown command, with a near miss or else another next step."""
    from yesman.model.nearmiss import nearest  # noqa: PLC0415 - brings difflib, and most commands exist
    from yesman.model.plain_text import shown  # noqa: PLC0415 - same

    near = nearest(name, known)
    return UsageError(f"There is no command {shown(name)}", f"Did you mean '{near}'?" if near else otherwise)


class Root(LazyGroup):
    """``yesman`` itself: the built-in commands, and those of plugins from the index."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a built-in command, else a plugin's, built from what the index says."""
        if cmd_name in self.entries:
            return super().get_command(ctx, cmd_name)
        index = _index(ctx)
        if cmd_name not in index.rows:
            return None
        from yesman.cli.command import from_index  # noqa: PLC0415 - only for a plugin's command

        return from_index(cmd_name, index)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names; those of plugins come last."""
        return [*self.entries, *_index(ctx).rows]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command, and settle how it is run, before it is looked for."""
        rest = super().parse_args(ctx, args)
        invocation: Invocation = ctx.obj
        invocation.debug = ctx.params["debug"]
        invocation.safe_mode = ctx.params["safe_mode"]
        chosen: Path | None = ctx.params["tmux_socket"]
        invocation.tmux_socket = chosen.absolute() if chosen else None
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """Return our own overview."""
        from yesman.cli.overview import overview  # noqa: PLC0415 - only for help
        from yesman.cli.render import columns  # noqa: PLC0415 - same

        invocation: Invocation = ctx.find_root().obj
        return overview(invocation.home, columns())

    def refuse(self, ctx: click.Context, name: str) -> NoReturn:
        """Say that there is no such command, and what may be the reason."""
        rows = _index(ctx).rows
        hint = "See: yesman --help" if rows else "No plugin adds commands here: yesman plugin list"
        raise unknown_command(name, {**self.entries, **rows}, hint)


def _index(ctx: click.Context) -> CommandIndex:
    invocation: Invocation = ctx.find_root().obj
    return CommandIndex.read(invocation.home.index)


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - Click's
    if value:
        sys.stdout.write(f"yesman {__version__}\n")
        ctx.exit()


root = Root(
    "yesman",
    catalogue.ROOT,
    params=[
        click.Option(["--tmux-socket"], type=click.Path(path_type=Path), metavar="PATH"),
        click.Option(["--safe-mode"], is_flag=True),
        click.Option(["--debug"], is_flag=True),
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_print_version),
    ],
)
"""The command ``yesman``."""


def described(entries: Mapping[str, Entry]) -> Callable[..., Callable[[Callable[..., Any]], click.Command]]:
    """Return a decorator that makes a function the command of a name in ``entries``.

    It takes the name, what its help says beyond the entry's line (may be ""), and examples.
    """

    def command(name: str, more: str, *examples: str) -> Callable[[Callable[..., Any]], click.Command]:
        text = entries[name].help + (f"\n\n{more}" if more else "")
        return click.command(name, help=text, epilog=example(*examples), context_settings=CONTEXT)

    return command
