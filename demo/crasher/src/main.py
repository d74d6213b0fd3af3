"""The plugin: a command that ends in SIGSEGV, and one that shows the plugin is there again."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from yesman.plugins import CommandPlugin, PluginCommand


class CrasherPlugin(CommandPlugin):
    """Crashes on demand."""

    def get_commands(self) -> list[PluginCommand]:
        """Return both commands."""
        return [
            PluginCommand("crash", "Read the null pointer", self.crash),
            PluginCommand("pulse", "Tell the plugin's process id", self.pulse),
        ]

    def crash(self) -> None:
        """Read address 0; the kernel ends the process."""
        ctypes.string_at(0)

    def pulse(self) -> dict[str, Any]:
        """Answer, which only a living process does."""
        print(f"alive as process {os.getpid()}")
        return {"pid": os.getpid()}
