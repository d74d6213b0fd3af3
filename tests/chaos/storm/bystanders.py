"""Three plugins that do nothing wrong: one is asked and tells, one counts durably, one subscribes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("answers", "counts", "listens")
TICK = "plugin.answers.tick"
COUNTED = (TICK, "session.created", "session.closed")

_TOLD = "self.context.event_bus.publish('plugin.answers.{0}', {{'n': arg}})\nreturn arg"
_COUNT = "self.note(f\"{event.name} {event.payload.get('n') or event.session} {event.id}\")"
_LISTENS = """
from yesman.plugins import CommandPlugin, PluginCommand

class Listens(CommandPlugin):
    async def initialize(self):
        self.last = ""
        self.context.event_bus.subscribe("plugin.answers.*", self.hear)

    def hear(self, event):
        self.last = event.payload["n"]

    def get_commands(self):
        return [PluginCommand("last", "what it heard last", self.tell, [{"name": "--arg", "default": ""}])]

    def tell(self, arg):
        return self.last
"""


def make(plugins: Any) -> list[Path]:
    """Make their folders."""
    told = {"tick": _TOLD.format("tick"), "strike": _TOLD.format("strike")}
    hook = {"name": COUNTED[0], "durable": True}
    provides = [
        {"commands": [{"name": "count", "description": "does it"}]},
        {"hooks": [hook | {"name": name} for name in COUNTED]},
    ]
    return [
        plugins.make("answers", commands=told),
        plugins.make(
            "counts",
            commands={"count": "return arg"},
            hooks=dict.fromkeys(COUNTED, _COUNT),
            provides=provides,
        ),
        plugins.make("listens", commands={"last": ""}, main=_LISTENS),
    ]
