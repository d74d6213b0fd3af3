"""The plugin: a command that greets."""

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
        """Say hello."""
        print("Hello.")
        return {"pid": os.getpid()}
