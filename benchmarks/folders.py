"""Plugin folders to measure with: one that does nothing, one that imports something heavy."""

from __future__ import annotations

import json
from pathlib import Path

import yesman

LARGE_BYTES = 300_000
HOOK = "config.changed"
NOTHING = '''\
"""A plugin that does nothing, to see what everything around it costs."""

from yesman.plugins import IntegrationPlugin, PluginCommand


class Nothing(IntegrationPlugin):
    def get_commands(self):
        options = [{"name": "--count", "type": "int", "default": 1, "help": "How often"}]
        return [PluginCommand("COMMAND", "Does nothing.", self.noop, options)]

    def get_hooks(self):
        return {"config.changed": self.tick}

    def noop(self, count=1):
        return count

    def tick(self, event):
        return None
'''

HEAVY = '''\
"""A plugin with a heavy import, which it times itself."""

import time

start = time.perf_counter()
import dulwich.porcelain
taken = time.perf_counter() - start

from yesman.plugins import CommandPlugin, PluginCommand


class Heavy(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("COMMAND", "Tells how long its import took.", self.taken)]

    def taken(self):
        return taken
'''

MANIFEST = """\
name: {name}
version: 1.0.0
author: "Nobody"
description: "Does nothing, {name}"
license: MIT
type: integration
provides:
  - commands:
      - name: {command}
        description: "Does nothing."
  - hooks:
      - name: {hook}
        handler: tick
        durable: {durable}
{more}"""


def write_plugin(
    folder: Path,
    name: str,
    *,
    code: str = NOTHING,
    on_startup: bool = False,
    permissions: tuple[str, ...] = (),
    hook: str = HOOK,
    durable: bool = False,
) -> Path:
    """Write a plugin called ``name`` with one command, ``NAME-run``, and a hook, and return its folder."""
    (folder / "src").mkdir(parents=True)
    more = "activation:\n  on_startup: true\n" if on_startup else ""
    more += f"permissions: {json.dumps(permissions)}\n" if permissions else ""
    fields = {"name": name, "command": command_of(name), "hook": hook, "durable": json.dumps(durable)}
    manifest = MANIFEST.format(**fields, more=more)
    (folder / "plugin.yaml").write_text(manifest, "utf-8")
    (folder / "src/__init__.py").write_text("", "utf-8")
    (folder / "src/main.py").write_text(code.replace("COMMAND", command_of(name)), "utf-8")
    return folder


def write_large_plugin(folder: Path, name: str) -> Path:
    """Write a plugin of 300 kB that has this project's own modules in its sources, and return its folder."""
    write_plugin(folder, name)
    size = 0
    for path in sorted(Path(yesman.__file__).parent.glob("host/*.py")):
        (folder / "src" / f"own_{path.name}").write_bytes(path.read_bytes())
        size += path.stat().st_size
        if size > LARGE_BYTES:
            break
    return folder


def command_of(name: str) -> str:
    """Return the name of the command of plugin ``name``."""
    return f"{name}-run"
