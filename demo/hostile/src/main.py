"""The plugin: one command per attack.

Each lets the first refusal out, as a careless plugin would; ``--report`` tries every way and
returns what happened.
"""

from __future__ import annotations

import os
from typing import Any

from yesman.plugins import CommandPlugin, PluginCommand

from . import attacks

_REPORT = {"name": "--report", "is_flag": True, "help": "Try every way and report each."}


class HostilePlugin(CommandPlugin):
    """Has no permission, and tries all the same."""

    def get_commands(self) -> list[PluginCommand]:
        """Return the three attacks."""
        key = {"name": "--file", "type": "str", "default": "~/.ssh/id_ed25519", "help": "The key to read."}
        pid = {"name": "--pid", "type": "int", "default": 0, "help": "The process; 0 for the parent."}
        host = {"name": "--host", "type": "str", "default": "127.0.0.1", "help": "IPv4 address."}
        port = {"name": "--port", "type": "int", "required": True, "help": "TCP port."}
        return [
            PluginCommand("hostile-ssh", "Try to read a private key", self.ssh, [key, _REPORT]),
            PluginCommand("hostile-memory", "Try to read another process", self.memory, [pid, _REPORT]),
            PluginCommand("hostile-network", "Try to reach a listener", self.network, [host, port, _REPORT]),
        ]

    def ssh(self, file: str, report: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  # an option
        """Try to read the file."""
        return attacks.attack(attacks.on_key(os.path.expanduser(file)), report=report)  # noqa: PTH111  # "~" stays where HOME is unset

    def memory(self, pid: int, report: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  # an option
        """Try to read the memory of a process."""
        return attacks.attack(attacks.on_memory(pid or os.getppid()), report=report)

    def network(self, host: str, port: int, report: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  # an option
        """Try to connect."""
        return attacks.attack(attacks.on_network(host, port), report=report)
