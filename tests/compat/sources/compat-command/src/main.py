"""Commands of a plugin written against this version of the API; a promise that is not kept fails one."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.plugins import CommandPlugin, PluginCommand, PluginContext

from . import described, services
from .files import AllOfData

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = [
    {"name": "--text", "short": "-t", "help": "Some text.", "default": "none"},
    {"name": "count", "type": int, "default": 2},
    {"name": "--ratio", "type": "float"},
    {"name": "--loud", "is_flag": True},
    {"name": "--many-words", "multiple": True},
]


class CompatCommand(CommandPlugin):
    """Ten commands; each returns ``"kept"`` or what was asked for."""

    def __init__(self, context: PluginContext) -> None:
        super().__init__(context)
        self.began = False

    async def initialize(self) -> None:
        """Note that it was called before all else."""
        self.began = True
        self.logger.info("begun")

    def cleanup(self) -> None:
        """Leave a note."""
        (Path(self.context.data_dir) / "ended").touch()

    def get_commands(self) -> list[PluginCommand]:
        """Return them: sync and async handlers, with and without options."""
        plain: dict[str, Callable[..., Any]] = {
            "streams": self.streams,
            "context": self.look,
            "sessions": self.sessions,
            "panes": self.panes,
            "bus": self.bus,
            "plugins": self.plugins,
            "refused": self.refused,
            "data": self.data,
            "described": self.described,
        }
        made = [PluginCommand(f"compat-{name}", f"Try {name}.", handler) for name, handler in plain.items()]
        return [PluginCommand("compat-options", "Give back the options.", self.options, OPTIONS), *made]

    async def options(self, text: str, count: int, ratio: float, loud: bool, many_words: list[str]) -> Any:
        """Return what arrived."""
        return {"text": text, "count": count, "ratio": ratio, "loud": loud, "many": list(many_words)}

    def streams(self) -> None:
        """Print on both streams, read a line, and leave with a code."""
        print("name?", flush=True)
        print(f"hello {sys.stdin.readline().strip()}")
        print("careful", file=sys.stderr)
        sys.exit(7)

    def look(self) -> str:
        """Check the context."""
        context = self.context
        assert self.began
        assert isinstance(context, PluginContext)
        assert context.plugin_id == "compat-command"
        assert (Path(context.plugin_dir) / "plugin.yaml").is_file()
        settings = {"colour": "red", "count": 3, "ratio": 0.5, "loud": True, "names": ["a", "b"]}
        assert context.config == settings, context.config
        assert context.logger is self.logger
        assert isinstance(context.logger, logging.Logger)
        AllOfData(Path(context.data_dir)).check()
        self.logger.warning("a warning of %s", "mine")
        return "kept"

    async def sessions(self) -> str:
        """See services."""
        await services.sessions(self.context)
        return "kept"

    def panes(self) -> str:
        """See services."""
        services.panes(self.context)
        return "kept"

    async def bus(self) -> str:
        """See services."""
        await services.bus(self.context)
        return "kept"

    def plugins(self) -> str:
        """See services."""
        services.plugins(self.context)
        return "kept"

    def refused(self) -> None:
        """Close a session that it may not close."""
        self.context.session_manager.close_session("precious")

    def data(self) -> dict[str, Any]:
        """Return all that JSON has."""
        return {"text": "é\n", "number": 1.5, "yes": True, "none": None, "list": [1, [2]], "dict": {"a": {}}}

    def described(self) -> str:
        """See described."""
        described.check(self)
        return "kept"
