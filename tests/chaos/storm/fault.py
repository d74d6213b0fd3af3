"""What a fault is: a plugin that does wrong at one step of its life, or an act of somebody else.

A plugin's fault strikes when the file ``armed`` lies in its data folder, so that it can be installed,
and be found well afterwards.
"""

from __future__ import annotations

import textwrap
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from storm.scene import Scene

Step = Literal["importing", "constructing", "initialize", "command", "hook", "cleanup", "act"]
WELL = "well"
"""The command of every faulty plugin that does no harm, and what it returns."""


NO_LIMITS: Mapping[str, str] = MappingProxyType({})
STRIKE = "plugin.answers.strike"
"""What hooks that do wrong hear, once."""


class Fault(NamedTuple):
    """One row.

    Attributes:
        name: For the table.
        body: What the plugin does wrong: statements, run at ``at``.
        seen: A regular expression found in what its caller sees: the failure's sentence, else the value
            returned; for ``hook`` and ``cleanup`` the plugin's log.
        at: The step of its life.
        top: Statements at the top of its module.
        asynchronous: Whether the handler of a command or hook is ``async def``.
        limits: Of the plugin, as in ``config.yaml``.
        permissions: That it is granted.
        act: Done by the test in place of a plugin's fault; returns what it saw.
        ends_all: Whether all plugins end and start afresh, so that a call that runs may fail.
        tmux: Whether tmux is well meanwhile, so that sessions can be made.
        hooks: What the plugin hears.
        then: A regular expression found in what the plugin answers when it does no wrong any more.
    """

    name: str
    body: str = ""
    seen: str = ""
    at: Step = "command"
    top: str = ""
    asynchronous: bool = False
    limits: Mapping[str, str] = NO_LIMITS
    permissions: tuple[str, ...] = ()
    act: Callable[[Scene, Fault], str] | None = None
    ends_all: bool = False
    tmux: bool = True
    then: str = "^well$"
    hooks: tuple[str, ...] = (STRIKE,)

    @property
    def plugin(self) -> str:
        """The name of its plugin; each has its own, so that none crashes often."""
        return "f-" + "".join(c if c.isalnum() else "-" for c in self.name.lower()).strip("-")

    def source(self, armed: Path) -> str:
        """Return its ``src/main.py``."""
        bodies = {f"at_{step}": "pass" for step in ("importing", "constructing", "initialize", "cleanup")}
        step = "command" if self.at == "act" else self.at
        bodies |= {"at_command": "return None", "at_hook": "pass"}
        bodies[f"at_{step}"] = self.body or "pass"
        texts = {
            key: textwrap.indent(textwrap.dedent(body).strip(), " " * _INDENT[key]).lstrip()
            for key, body in bodies.items()
        }
        kind = "async def" if self.asynchronous else "def"
        return _SOURCE.format(
            top=textwrap.dedent(self.top), armed=str(armed), kind=kind, hooks=self.hooks, **texts
        )


_INDENT = {
    "at_importing": 4,
    "at_constructing": 12,
    "at_initialize": 12,
    "at_command": 8,
    "at_hook": 8,
    "at_cleanup": 12,
}
_SOURCE = """
import asyncio, ctypes, json, os, signal, socket, struct, sys, threading, time
from pathlib import Path

from yesman.plugins import IntegrationPlugin, PluginCommand
from yesman.worker.lanes import CURRENT_CALL

ARMED = Path({armed!r}).exists()
DOWN, UP, HANDOVER = 3, 4, 5
HELLO, CALL, STARTED, RESULT, FAILURE, CANCEL, EVENT, OUTPUT, LOG, REFUSED = range(1, 11)


def frame(kind, ident, body=None, blob=b"", padding=bytes(3)):
    data = json.dumps(body).encode()
    return struct.pack("!B3sIII", kind, padding, ident, len(data), len(blob)) + data + blob


def write(data, lane=UP):
    while data:
        data = data[os.write(lane, data):]


{top}

if ARMED:
    {at_importing}


class Faulty(IntegrationPlugin):
    def __init__(self, context):
        super().__init__(context)
        self.heard = 0
        if ARMED:
            {at_constructing}

    def initialize(self):
        if ARMED:
            {at_initialize}

    def cleanup(self):
        if ARMED:
            {at_cleanup}

    def get_commands(self):
        made = {{"go": self.go, "well": self.well, "heard": self.count}}
        return [PluginCommand(name, "does it", handler) for name, handler in made.items()]

    def get_hooks(self):
        return dict.fromkeys({hooks!r}, self.hear)

    def well(self):
        return "well"

    def count(self):
        return self.heard

    {kind} go(self):
        {at_command}

    {kind} hear(self, event):
        self.heard += 1
        {at_hook}
"""
