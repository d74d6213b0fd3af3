"""Yesman homes with many installed plugins, made without a thousand installations.

The folders go through the project's own ``stage_folder``; the registry is the project's own
:class:`Record` in its own file format; index and links are made by the server as it starts,
as after any restart. Not done, and what a real installation would add: consent, one trial
activation each (what it records is written down here), one registry write each.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from benchmarks.folders import HOOK, NOTHING, command_of, write_plugin
from benchmarks.serving import Server
from yesman import durable
from yesman.host.registry import Record
from yesman.model.home import Home
from yesman.model.manifest import as_data, parse_manifest
from yesman.package.folder import stage_folder

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.lab import Lab

COUNTS = (0, 20, 1000)
OPTION = {
    "name": "--count",
    "short": None,
    "type": "int",
    "default": 1,
    "required": False,
    "multiple": False,
    "is_flag": False,
    "help": "How often",
}


def plugin_name(number: int) -> str:
    """Return the name of the plugin with this number."""
    return f"nothing-{number:04}"


def home_with(lab: Lab, count: int, *, on_startup: bool = False) -> Home:
    """Return a home with ``count`` plugins, made on first need and sound: a server has run on it."""
    key = f"h{count}{'s' * on_startup}"
    return lab.once(f"home {key}", partial(_make, key=key, count=count, on_startup=on_startup))


def _make(lab: Lab, *, key: str, count: int, on_startup: bool) -> Home:
    home = Home(lab.folder(key))
    records = {
        plugin_name(number): _install(
            home, lab.root / f"{key}-src" / plugin_name(number), on_startup=on_startup
        )
        for number in range(count)
    }
    write_registry(home, records)
    server = Server(lab, home)
    server.start()
    server.stop()
    return home


def write_registry(home: Home, records: dict[str, Record]) -> None:
    """Write the registry as :class:`yesman.host.registry.Registry` does, all records at once."""
    text = json.dumps(msgspec.to_builtins(records), indent=2, ensure_ascii=False) + "\n"
    durable.write(home.registry, text.encode())


def home_for(
    lab: Lab,
    key: str,
    plugins: dict[str, tuple[str, tuple[str, ...]]],
    *,
    hook: str = HOOK,
    durable: bool = False,
) -> Home:
    """Make a home with ``plugins``: by name, the source of each and its grants; all have a ``hook``."""
    home = Home(lab.folder(key))
    records = {
        name: _install(
            home, lab.root / f"{key}-src" / name, code=code, grants=grants, hook=hook, durable=durable
        )
        for name, (code, grants) in plugins.items()
    }
    write_registry(home, records)
    return home


def _install(
    home: Home,
    source: Path,
    *,
    on_startup: bool = False,
    code: str = NOTHING,
    grants: tuple[str, ...] = (),
    hook: str = HOOK,
    durable: bool = False,
) -> Record:
    write_plugin(
        source,
        source.name,
        code=code,
        on_startup=on_startup,
        permissions=grants,
        hook=hook,
        durable=durable,
    )
    staged = stage_folder(source, home.store)
    manifest = parse_manifest((source / "plugin.yaml").read_bytes())
    command = {"name": command_of(source.name), "description": "Does nothing.", "options": [OPTION]}
    record = Record(
        version=manifest.version,
        installed_at="2025-01-01T00:00:00+00:00",
        manifest=as_data(manifest),
        digest=staged.digest,
        source=str(source),
        commands=(command,),
        hooks=(hook,),
        activated=True,
        grants=grants,
    )
    return msgspec.structs.replace(record, consent=record.shown_now())
