"""The plugin: a command that greets and counts sessions, for which it needs a permission more."""

from __future__ import annotations

import os
from typing import Any

from yesman.plugins import CommandPlugin, PluginCommand


class GreeterPlugin(CommandPlugin):
    """Greets."""

    def get_commands(self) -> list[PluginCommand]:
        """Return the command."""
        return [PluginCommand("greet", "Say hello", self.greet)]

    def greet(self) -> dict[str, Any]:
        """Say hello, and how many sessions there are."""
        count = len(self.context.session_manager.list_sessions())
        print(f"Hello, you who have {count} sessions.")
        return {"pid": os.getpid(), "sessions": count}
