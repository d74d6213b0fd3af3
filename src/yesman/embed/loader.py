"""``PluginLoader``: finds the plugins of a folder and loads them, each in its sandbox.

What always holds: no code of a plugin ever runs in the embedder's process; only what the user has
agreed to is loaded; the server of the folder's home does the work, so plugins that several programs
load run once. Source: plan section 4.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Final

from yesman.embed.calls import Calls
from yesman.embed.loaded import LoadedPlugin, PluginInstance
from yesman.embed.places import DEFAULT, home_of
from yesman.model.errors import AuthorError, PermissionDeniedError, YesmanError
from yesman.model.manifest import parse_manifest
from yesman.model.plain_text import argument
from yesman.model.strict_yaml import load, plain_data
from yesman.package.reading import MANIFEST, read_optional

__all__ = ["LoadedPlugin", "PluginLoader"]
MODULE: Final = "src/main.py"


class PluginLoader:
    """Loads the plugins of one folder.

    Args:
        plugins_dir: A path that ends in ``plugins``; ``~`` is the user's home. It is made if need be, and
            the state of its plugins is kept beside it. The default means ``$YESMAN_HOME/plugins`` where
            that is set, as for yesman itself.

    Attributes:
        plugins_dir: The same, absolute.
        loaded_plugins: What was loaded, by name.

    Raises:
        ValueError: ``plugins_dir`` cannot hold plugins.
        OSError: It cannot be made.
    """

    def __init__(self, plugins_dir: str = DEFAULT) -> None:
        home = home_of(plugins_dir)
        self.plugins_dir = home.plugins
        for folder in (home.root, home.plugins):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.loaded_plugins: dict[str, LoadedPlugin] = {}
        self.logger = logging.getLogger("yesman.embed")
        self._calls = Calls(home)

    async def discover_plugins(self) -> list[dict[str, Any]]:
        """Return what the ``plugin.yaml`` of each plugin says, and its folder as ``path``, in their order.

        Nothing is started. A manifest that cannot be accepted is logged as an error and left out.
        """
        return await asyncio.to_thread(self._discover)

    async def load_plugin(self, plugin_name: str) -> LoadedPlugin:
        """Start a plugin in its sandbox, if it does not run yet, and return how to use it.

        Raises:
            ValueError: It is not in the folder, or its manifest cannot be accepted.
            PermissionError: The user has not agreed to all that it asks for; a note says how to.
            RuntimeError: Its code fails to load or to initialise; its traceback is a note.
            MemoryError, TimeoutError: It reached a limit while it was loaded.
            YesmanError: Anything else: it is disabled, lacks settings, or the server cannot run here.
        """
        manifest = await asyncio.to_thread(self._manifest, plugin_name)
        await self._check_permissions(plugin_name)
        params = {"name": plugin_name}
        active = (await self._calls.call("plugin.activate", f"it loaded '{plugin_name}'", params)).value
        loaded = LoadedPlugin(
            name=plugin_name,
            manifest=manifest,
            module=Path(active["code"]) / MODULE,
            instance=PluginInstance(plugin_name, active, self._calls),
            venv_dir=Path(active["environment"]) if active["environment"] else None,
        )
        self.loaded_plugins[plugin_name] = loaded
        return loaded

    def _discover(self) -> list[dict[str, Any]]:
        found = []
        for folder in sorted(self.plugins_dir.iterdir()):
            if (folder / MANIFEST).exists():
                try:
                    found.append(_read(folder))
                except (YesmanError, OSError) as error:
                    self.logger.error("Failed to load manifest for %s: %s", argument(str(folder)), error)  # noqa: TRY400 - the author's fault, not ours
        return found

    def _manifest(self, name: str) -> dict[str, Any]:
        if name not in {folder.name for folder in self.plugins_dir.iterdir()}:
            raise ValueError(f"Plugin {argument(name)} not found")
        try:
            return _read(self.plugins_dir / name)
        except FileNotFoundError:
            raise ValueError(f"Plugin {argument(name)} not found") from None
        except AuthorError as error:
            raise ValueError(str(error)) from error

    async def _check_permissions(self, name: str) -> None:
        try:
            asked = await self._calls.call("plugin.permissions", "it looked at grants", {"name": name})
        except LookupError:
            raise self._denied(
                f"nobody has agreed yet to plugin '{name}'",
                "",
                f"plugin install {argument(str(self.plugins_dir / name))}",
            ) from None
        missing = [row["permission"] for row in asked.value["permissions"] if not row["granted"]]
        if missing:
            raise self._denied(
                f"plugin '{name}' is not granted all that it asks for: {', '.join(missing)}",
                missing[0],
                f"plugin grant {name} {' '.join(map(argument, missing))}",
            )

    def _denied(self, message: str, permission: str, command: str) -> Exception:
        step = f"To allow it: yesman {command}"
        return self._calls.explained(PermissionDeniedError(message, step, permission=permission))


def _read(folder: Path) -> dict[str, Any]:
    """Return a manifest as it is written, once it is known to be one; raise AuthorError when it is none."""
    data = read_optional(folder / MANIFEST)
    if data is None:
        raise FileNotFoundError(folder / MANIFEST)
    parse_manifest(data, file=str(folder / MANIFEST))
    return {**plain_data(load(data)), "path": str(folder)}
