"""What the API says of itself in code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.plugins import Need, PluginCommand, need_of, needs, parameter_name, permission_of

if TYPE_CHECKING:
    from yesman.plugins import PluginBase


def check(plugin: PluginBase) -> None:
    """Look at commands, options and permissions as data."""
    command = PluginCommand(
        "name", "It does.", print, [{"name": "--dry-run", "is_flag": True, "help": "No."}]
    )
    row = {"name": "--dry-run", "short": None, "type": "bool", "default": False, "required": False}
    row |= {"multiple": False, "is_flag": True, "help": "No."}
    assert command.describe() == {"name": "name", "description": "It does.", "options": [row]}
    assert PluginCommand.parameter_name(row) == parameter_name("--dry-run") == "dry_run"
    assert command.handler is print
    sessions = plugin.context.session_manager
    assert permission_of(sessions.create_session, command=["top"]) == "session.type"
    assert permission_of(sessions.create_session) == need_of(sessions.create_session).permission
    marked = needs("session.read", call="session.list")(print_nothing)
    assert need_of(marked) == Need("session.read", "session.list", "", "")
    for wrong in ({"name": "--json"}, {"name": "--x", "type": "colour"}, {"nam": "--x"}):
        try:
            PluginCommand("name", "It does.", print, [wrong])
        except ValueError:
            continue
        raise AssertionError(wrong)


def print_nothing() -> None:
    """Do nothing."""
