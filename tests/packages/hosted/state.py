"""What a home holds, as it must be before or after a change whoever was killed during it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from yesman.host.index import CommandIndex

if TYPE_CHECKING:
    from hosted.server import Server


def state(server: Server) -> dict[str, Any]:
    """Return all that a killed server must leave as before or as after, without times and random names."""
    home = server.home
    records = json.loads(home.registry.read_text()) if home.registry.exists() else {}
    settings = json.loads(home.settings.read_text()) if home.settings.exists() else {}
    held = {name: settings.get(record.pop("settings"), {}) for name, record in records.items()}
    for record in records.values():
        for version in filter(None, (record, record["previous"])):
            del version["installed_at"]
    return {
        "registry": records,
        "settings": held,
        "unused settings": len(settings) - sum(bool(values) for values in held.values()),
        "data": {str(f.relative_to(home.data)): f.read_text() for f in home.data.rglob("*") if f.is_file()},
        "store": sorted(folder.name for folder in home.store.iterdir()),
        "environments": sorted(e.name for e in home.environments.iterdir()),
        "commands": sorted(CommandIndex.read(home.index).rows),
        "links": sorted(link.name for link in home.plugins.iterdir()),
        "sessions": [session["name"] for session in server.call("session.list")],
        "leftovers": [path.name for folder in (home.root, home.data) for path in folder.glob(".*")],
    }
