"""Installed plugins as people are shown them, and folders that wait to be installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.needs import needed_by
from yesman.host.settings import secret_names
from yesman.model.limit_settings import shown_limits
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.model.home import Home


def listed(manager: PluginManager) -> list[dict[str, Any]]:
    """Return a row for each installed plugin."""
    rows = []
    for name, record in manager.registry.all().items():
        manifest = record.parsed_manifest()
        state, reason = manager.state(name)
        rows.append(
            {
                "name": name,
                "version": record.version,
                "type": manifest.type,
                "state": state,
                "reason": reason,
                "description": manifest.description,
                "commands": [command["name"] for command in record.commands],
            }
        )
    return rows


def discovered(manager: PluginManager, home: Home) -> list[dict[str, Any]]:
    """Return folders that somebody put into ``plugins/`` by hand: seen, not run, not trusted."""
    known = manager.registry.all()
    found = []
    for entry in sorted(home.plugins.iterdir()) if home.plugins.is_dir() else ():
        if entry.name not in known and not entry.is_symlink() and (entry / "plugin.yaml").is_file():
            reason = f"install it: yesman plugin install {argument(str(entry))}"
            row = {"name": entry.name, "version": "", "type": "", "state": "discovered", "reason": reason}
            found.append({**row, "description": "", "commands": []})
    return found


def settings(manager: PluginManager, record: Record) -> dict[str, Any]:
    """Return the values of ``config`` with defaults, and of ``secrets`` whether each is set."""
    schema = record.parsed_manifest().config
    held = manager.settings.of(record.settings)
    hidden = schema.secrets | secret_names(held)
    config = schema.check({name: value for name, value in held.items() if name not in hidden})
    return {
        "config": {name: value for name, value in config.items() if name not in hidden},
        "secrets": {p.name: p.name in held for p in schema.properties if p.name in hidden},
    }


def shown(manager: PluginManager, name: str) -> dict[str, Any]:
    """Return everything about one plugin but its permissions.

    Raises:
        NotFoundError: It is not installed.
    """
    record = manager.registry.get(name)
    manifest = record.parsed_manifest()
    state, reason = manager.state(name)
    return {
        "name": name,
        "version": record.version,
        "type": manifest.type,
        "state": state,
        "reason": reason,
        "author": manifest.author,
        "description": manifest.description,
        "homepage": manifest.homepage,
        "license": manifest.license,
        "digest": record.digest,
        "source": record.source,
        "linked": record.linked,
        "installed_at": record.installed_at,
        "pinned": record.pinned,
        "previous": record.previous.version if record.previous else "",
        "commands": [
            {"name": command["name"], "description": command["description"]} for command in record.commands
        ],
        "hooks": list(record.hooks),
        "providers": list(record.providers),
        "panels": [panel.title for panel in manifest.panels],
        "dependencies": list(manifest.dependencies),
        "needs": list(map(str, manifest.plugins)),
        "needed_by": list(needed_by(name, manager.registry.all())),
        "crashes": msgspec.to_builtins(manager.supervisor.history(name).crashes),
        **settings(manager, record),
        "schema": msgspec.to_builtins(manifest.config.properties),
        "limits": shown_limits(manager.config.read().limits.get(name, {})),
        "missing_config": list(manager.missing_config(record)),
        "data_dir": str(manager.data_dir(name)),
        "log": str(manager.log_of(name).path),
    }
