"""Plugin folders, from the bodies of their commands and hooks."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """
import asyncio, json, os, signal, sys, time
from pathlib import Path
from yesman.plugins import Allow, Deny, IntegrationPlugin, PluginCommand

{top}


class Made(IntegrationPlugin):
    def get_commands(self):
        return [{commands}]

    def get_hooks(self):
        return {{{hooks}}}

    def note(self, text):
        with open(Path(self.context.data_dir) / "notes", "a") as file:
            file.write(f"{{text}}\\n")

{methods}
"""


@dataclasses.dataclass
class Hook:
    """A hook with more than a body: ``wishes`` are what its row in the manifest says besides."""

    body: str
    kind: str = "async def"
    wishes: dict[str, Any] = dataclasses.field(default_factory=dict)


def _method(name: str, argument: str, body: str, kind: str = "async def") -> str:
    lines = "\n".join(f"        {line}" for line in body.split("\n"))
    return f"    {kind} {name}(self, {argument}):\n{lines}\n"


def source(top: str, commands: dict[str, str], hooks: dict[str, Hook]) -> str:
    """Return a ``src/main.py``; each command's body may use ``arg``, each hook's ``event``."""
    option = '[{"name": "--arg", "default": ""}]'
    made = [f"PluginCommand({name!r}, 'does it', self.c{n}, {option})" for n, name in enumerate(commands)]
    methods = [_method(f"c{n}", 'arg=""', body) for n, body in enumerate(commands.values())]
    methods += [_method(f"h{n}", "event", hook.body, hook.kind) for n, hook in enumerate(hooks.values())]
    return MAIN.format(
        top=top,
        commands=", ".join(made),
        hooks=", ".join(f"{name!r}: self.h{n}" for n, name in enumerate(hooks)),
        methods="\n".join(methods),
    )


class Plugins:
    """Makes plugin folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(
        self,
        name: str = "demo",
        *,
        commands: dict[str, str] | None = None,
        hooks: dict[str, str | Hook] | None = None,
        top: str = "",
        main: str | None = None,
        **manifest: Any,
    ) -> Path:
        """Return the folder of plugin ``name``; called again, it is changed in place."""
        commands = commands or {}
        made = {name: Hook(hook) if isinstance(hook, str) else hook for name, hook in (hooks or {}).items()}
        folder = self._folder / name
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "src" / "__init__.py").touch()
        text = source(top, commands, made) if main is None else main
        (folder / "src" / "main.py").write_text(text)
        provides = [
            {"commands": [{"name": each, "description": "does it"} for each in commands]},
            {"hooks": [{"name": each, **hook.wishes} for each, hook in made.items()]},
        ]
        data = {"name": name, "version": "1.0.0", "description": "made by a test", "type": "integration"}
        data |= {"provides": provides, **manifest}
        (folder / "plugin.yaml").write_text(json.dumps(data, indent=1))
        return folder
