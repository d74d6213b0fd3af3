"""The service that looks after other plugins, and a plugin as it shows one.

Every change is put to the user whose command is running, in yesman's own voice and on their
terminal, and is made only if they agree. Where nobody can be asked it is refused. A plugin can
never change itself, and nothing here gives a permission to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yesman.plugins._permission import needs
from yesman.plugins._returned import DONE, Done, Items, Returned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.plugins._transport import Transport


@dataclass(frozen=True, slots=True)
class Plugin(Returned):
    """An installed plugin as it was when asked for.

    Attributes:
        name: Its name.
        version: As in its manifest.
        state: ``enabled``, ``running``, ``failed`` and so on; the same word as ``yesman plugin list`` shows.
        reason: Why it is not ready, or ``""``.
        description: What it says of itself.
        enabled: Whether it may run.
        grants: The permissions it was granted.
    """

    name: str
    version: str
    state: str
    reason: str = ""
    description: str = ""
    enabled: bool = True
    grants: tuple[str, ...] = ()


class PluginManager:
    """Shows plugins, and changes other ones after asking the user.

    Each change raises PermissionError when the user says no or cannot be asked: there is no terminal,
    or no command of this plugin is running. What was refused is not asked again during the same command.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @needs("plugin.manage", call="plugin.list")
    def list_plugins(self) -> Items[Plugin]:
        """Return every installed plugin."""
        return Items(_read(data) for data in self._transport.call("plugin.list"))

    @needs("plugin.manage", call="plugin.get")
    def get_plugin(self, name: Plugin | str) -> Plugin:
        """Return one plugin as it is now; raise LookupError when it is not installed."""
        return _read(self._transport.call("plugin.get", name=_name(name)))

    @needs("plugin.manage", call="plugin.enable")
    def enable_plugin(self, name: Plugin | str) -> Done:
        """Let a plugin run again, if the user agrees."""
        self._transport.call("plugin.enable", name=_name(name))
        return DONE

    @needs("plugin.manage", call="plugin.disable")
    def disable_plugin(self, name: Plugin | str) -> Done:
        """End a plugin and keep it from running, if the user agrees."""
        self._transport.call("plugin.disable", name=_name(name))
        return DONE

    @needs("plugin.manage", call="plugin.restart")
    def restart_plugin(self, name: Plugin | str) -> Done:
        """End a running plugin and start it afresh, if the user agrees."""
        self._transport.call("plugin.restart", name=_name(name))
        return DONE

    @needs("plugin.manage", call="plugin.remove")
    def remove_plugin(self, name: Plugin | str) -> Done:
        """Remove a plugin and keep its data, if the user agrees."""
        self._transport.call("plugin.remove", name=_name(name))
        return DONE

    @needs("plugin.manage", call="plugin.revoke")
    def revoke_permission(self, name: Plugin | str, permission: str) -> Done:
        """Take a permission back from a plugin, if the user agrees.

        Args:
            name: The plugin, or its name.
            permission: As in its ``grants``, such as ``"filesystem.read:/srv"``; all within it goes too.

        Raises:
            ValueError: It is no permission, or only a part of one that was granted.
        """
        self._transport.call("plugin.revoke", name=_name(name), permission=permission)
        return DONE


def _name(plugin: Plugin | str) -> str:
    return plugin.name if isinstance(plugin, Plugin) else plugin


def _read(data: Mapping[str, Any]) -> Plugin:
    return Plugin(
        name=data["name"],
        version=data["version"],
        state=data["state"],
        reason=data["reason"],
        description=data["description"],
        enabled=data["enabled"],
        grants=tuple(data["grants"]),
    )
