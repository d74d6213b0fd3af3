"""Plugin folders, from the bodies of their commands, hooks and panels."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """
import asyncio, json, os, signal, sys, time
from pathlib import Path
from yesman.plugins import Allow, Deny, IntegrationPlugin, PluginCommand, ui

{top}


class Made(IntegrationPlugin):
    def get_commands(self):
        return [{commands}]

    def get_hooks(self):
        return {{{hooks}}}

    def get_panels(self):
        actions = {{{actions}}}
        return [{panels}]

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


@dataclasses.dataclass
class Panels:
    """Panels of one slot, each with all actions; bodies may use ``view`` or ``act``, and await."""

    panels: dict[str, str]
    actions: dict[str, str] = dataclasses.field(default_factory=dict)
    slot: str = "tab"

    def methods(self) -> list[str]:
        """Return the methods that they consist of."""
        made = [("view", f"p{n}", body) for n, body in enumerate(self.panels.values())]
        made += [("act", f"a{n}", body) for n, body in enumerate(self.actions.values())]
        return [
            _method(name, argument, body, "async def" if "await " in body else "def")
            for argument, name, body in made
        ]

    def declared(self) -> list[dict[str, Any]]:
        """Return their rows in the manifest."""
        return [{"name": name, "title": f"The panel {name}", "slot": self.slot} for name in self.panels]


def forged(blob: bytes) -> str:
    """Return a body of a panel or action whose answer is these bytes, which no worker would send."""
    return f"""\
frame = sys._getframe()
while frame.f_code.co_name not in {{"_act", "_panel"}}:
    frame = frame.f_back
frame.f_globals["encode"].__code__ = (lambda value: {blob!r}).__code__
return ui.Empty("")"""


NO_PANELS = Panels({})


def source(top: str, commands: dict[str, str], hooks: dict[str, Hook], panels: Panels = NO_PANELS) -> str:
    """Return a ``src/main.py``; each command's body may use ``arg``, each hook's ``event``."""
    option = '[{"name": "--arg", "default": ""}]'
    made = [f"PluginCommand({name!r}, 'does it', self.c{n}, {option})" for n, name in enumerate(commands)]
    methods = [_method(f"c{n}", 'arg=""', body) for n, body in enumerate(commands.values())]
    methods += [_method(f"h{n}", "event", hook.body, hook.kind) for n, hook in enumerate(hooks.values())]
    return MAIN.format(
        top=top,
        panels=", ".join(f"ui.Panel({name!r}, self.p{n}, actions)" for n, name in enumerate(panels.panels)),
        actions=", ".join(f"{name!r}: self.a{n}" for n, name in enumerate(panels.actions)),
        commands=", ".join(made),
        hooks=", ".join(f"{name!r}: self.h{n}" for n, name in enumerate(hooks)),
        methods="\n".join(methods + panels.methods()),
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
        panels: Panels = NO_PANELS,
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
        text = source(top, commands, made, panels) if main is None else main
        (folder / "src" / "main.py").write_text(text)
        provides = [
            {"commands": [{"name": each, "description": "does it"} for each in commands]},
            {"hooks": [{"name": each, **hook.wishes} for each, hook in made.items()]},
            {"panels": panels.declared()},
        ]
        data = {"name": name, "version": "1.0.0", "description": "made by a test", "type": "integration"}
        data |= {"provides": provides, **manifest}
        (folder / "plugin.yaml").write_text(json.dumps(data, indent=1))
        return folder
