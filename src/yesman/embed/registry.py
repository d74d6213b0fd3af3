"""``PluginRegistry``: what is installed, read from code; changed by asking the server that owns it.

What always holds: nothing is written here, so an entry never stands for something that is not there.
Source: plan section 6; ADR 0041.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from yesman.cli.install import Source, install
from yesman.cli.invocation import Invocation
from yesman.host.registry import Registry
from yesman.model.home import Home

DEFAULT: Final = "~/.yesman/plugin_registry.json"


class PluginRegistry:
    """The plugins that are installed in one home.

    Args:
        registry_path: Its ``plugin_registry.json``; the default is that of ``$YESMAN_HOME`` if that is set.

    Attributes:
        registry_path: The file.

    Raises:
        ValueError: The file is called otherwise.
    """

    def __init__(self, registry_path: str = "~/.yesman/plugin_registry.json") -> None:
        given = Path(registry_path).expanduser()
        self._home = Home.of(os.environ) if registry_path == DEFAULT else Home(given.absolute().parent)
        self.registry_path = self._home.registry
        if registry_path != DEFAULT and given.name != self.registry_path.name:
            raise ValueError(f"registry_path must end in {self.registry_path.name}, not {registry_path!r}")

    @property
    def registry(self) -> dict[str, Any]:
        """What :meth:`get_installed_plugins` returns."""
        return self.get_installed_plugins()

    def register_plugin(self, plugin_info: dict[str, Any]) -> None:
        """Install the plugin in the folder ``plugin_info["path"]``; the user is asked on the terminal.

        Args:
            plugin_info: A manifest as :meth:`PluginLoader.discover_plugins` gives it.

        Raises:
            ValueError: It has no ``path``.
            YesmanError: It was not installed; the message says why.
        """
        if "path" not in plugin_info:
            raise ValueError("plugin_info needs a 'path': only what is there can be installed")
        install(self._invocation(), Source.at(str(plugin_info["path"])))

    def unregister_plugin(self, plugin_id: str) -> None:
        """Remove a plugin, if it is installed; its data stays.

        Raises:
            YesmanError: It cannot be removed.
        """
        if self.is_installed(plugin_id):
            self._invocation().call("plugin.remove", "it removed the plugin", {"name": plugin_id})

    def get_installed_plugins(self) -> dict[str, Any]:
        """Return ``version``, ``installed_at`` (UTC, ISO 8601) and ``manifest`` of each plugin, by name.

        Raises:
            SecurityError: The file is not one that yesman wrote.
        """
        return {
            name: {"version": r.version, "installed_at": r.installed_at, "manifest": r.manifest}
            for name, r in Registry(self.registry_path).all().items()
        }

    def is_installed(self, plugin_id: str) -> bool:
        """Tell whether a plugin is installed; raises as :meth:`get_installed_plugins`."""
        return plugin_id in Registry(self.registry_path).all()

    def _invocation(self) -> Invocation:
        return Invocation(os.environ | {"YESMAN_HOME": str(self._home.root)})
