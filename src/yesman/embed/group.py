"""``PluginGroup``: a Click group that has the commands of plugins beside its own.

What always holds: help, completion and wrong options start nothing and import nothing of a plugin;
a command of the program's own is never displaced; whatever goes wrong in a plugin ends as one
``Error: …`` of Click's, with an exit code. Design sections 6 and 11.
"""

from __future__ import annotations

import copy
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from yesman.cli import catalogue, failures
from yesman.cli.command import from_index
from yesman.cli.group import LazyGroup
from yesman.cli.invocation import Invocation
from yesman.cli.program import Program
from yesman.cli.terminal import plain
from yesman.embed.places import DEFAULT, home_of
from yesman.host.index import CommandIndex
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.host.index import Row


FOR_USERS: Final = (
    "install",
    "list",
    "show",
    "config",
    "permissions",
    "grant",
    "revoke",
    "limits",
    "enable",
    "disable",
    "reload",
    "remove",
    "logs",
    "audit",
    "top",
)
"""Of ``yesman plugin``, what an embedding program has as well."""


class PluginCommandError(click.ClickException):
    """What went wrong with a plugin, for Click to show; its cause is the error of yesman's.

    Args:
        message: One sentence, and the next step.
        exit_code: What the program ends with.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # Click reads it from the instance


class PluginGroup(click.Group):
    """A Click group with the commands of plugins, for ``@click.group(cls=PluginGroup, …)``.

    Args:
        plugins_dir: As of :class:`~yesman.embed.PluginLoader`; a program has a folder of its own.
        manage: The command by which users install, grant and remove plugins, as ``yesman plugin``
            does; "" for none.
        attributes: What :class:`click.Group` takes.

    Raises:
        ValueError: ``plugins_dir`` cannot hold plugins.
    """

    def __init__(
        self, *names: Any, plugins_dir: str = DEFAULT, manage: str = "plugin", **attributes: Any
    ) -> None:
        super().__init__(*names, **attributes)
        self._home = home_of(plugins_dir)
        self._manage = manage

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the program's own commands, then those of plugins."""
        return [*self._own(ctx), *self._plugin_rows(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the program's own command, else a plugin's, built from what was recorded of it."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name == self._manage:
            return _Managing(self._manage, self._invocation(ctx))
        row = self._plugin_rows(ctx).get(cmd_name)
        if row is None:
            return None
        command = from_index(row.name, CommandIndex.read(self._home.index), ctx.command_path)
        command.name = cmd_name
        return _belonging(command, self._invocation(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the program's own commands as Click does, then those of plugins from the index."""
        own = {name: self.get_command(ctx, name) for name in self._own(ctx)}
        click.Group(commands={name: found for name, found in own.items() if found}).format_commands(
            ctx, formatter
        )
        rows = self._plugin_rows(ctx)
        if rows:
            with formatter.section("Plugin commands"):
                formatter.write_dl([(plain(name), plain(row.help)) for name, row in rows.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what yesman explains becomes an error of Click's."""
        with _explained(self._invocation(ctx).program):
            return super().invoke(ctx)

    def _own(self, ctx: click.Context) -> list[str]:
        names = super().list_commands(ctx)
        return [*names, self._manage] if self._manage and self._manage not in names else names

    def _plugin_rows(self, ctx: click.Context) -> dict[str, Row]:
        """Return plugins' commands by what is typed here: ``plugin:name`` where we have one of that name."""
        own = set(self._own(ctx))
        rows = CommandIndex.read(self._home.index).rows
        return {f"{row.plugin}:{name}" if name in own else name: row for name, row in rows.items()}

    def _invocation(self, ctx: click.Context) -> Invocation:
        manage = "" if self._manage in super().list_commands(ctx) else self._manage
        root = self._home.root
        program = Program(ctx.command_path, manage, root)
        return Invocation({**os.environ, "YESMAN_HOME": str(root)}, program)


class _Managing(LazyGroup):
    """What users of an embedding program do with its plugins: ``yesman plugin`` without what authors need."""

    def __init__(self, name: str, invocation: Invocation) -> None:
        entries = {each: catalogue.PLUGIN[each] for each in FOR_USERS}
        super().__init__(name, entries, help=catalogue.ROOT["plugin"].help)
        self._program = invocation.program
        _belonging(self, invocation)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, its examples as they are typed here."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            return None
        command = copy.copy(found)
        command.epilog = self._program.advice(found.epilog or "")
        return command


def _belonging(command: click.Command, invocation: Invocation) -> click.Command:
    """Let ``command`` be run for ``invocation``, whatever object the program itself hands to its commands."""
    command.context_settings = {**command.context_settings, "obj": invocation}
    return command


@contextmanager
def _explained(program: Program) -> Iterator[None]:
    try:
        yield
    except YesmanError as error:
        error.next_step = program.advice(error.next_step)
        code, text = failures.exit_code(error), failures.told(error)
        if not text:  # Ctrl-C, or the plugin's own exit code
            raise click.exceptions.Exit(code) from error
        raise PluginCommandError(text, code) from error
