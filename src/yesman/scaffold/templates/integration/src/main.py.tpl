"""Reports sessions to a service on the Internet, and shows what it has reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yesman.plugins import Event, IntegrationPlugin, PluginCommand

from .service import Service


class ${class_name}(IntegrationPlugin):
    """Made once, in a sandbox of its own, when it is first needed."""

    async def initialize(self) -> None:
        """Make ready. What this raises stops the plugin, and the user is told."""
        self.service = Service(self.context.config["token"])
        self.journal = Path(self.context.data_dir, "reported.txt")  # survives restarts and updates

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return the handlers by event; the manifest names the same events."""
        return {"session.created": self.report, "session.closed": self.report}

    def get_commands(self) -> list[PluginCommand]:
        """Name the commands. This is asked at install too, so that --help never starts the plugin."""
        return [PluginCommand("${name}", "Show what was reported", self.show)]

    async def report(self, event: Event) -> None:
        """Tell the service what happened. Events come one after the other."""
        if not self.context.config["token"]:
            self.logger.info("no token, so %s of %s is not reported", event.name, event.session)
            return
        await asyncio.to_thread(self.service.report, event.name, event.session, event.payload["cwd"])
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(f"{event.name} {event.session}\n")

    def show(self) -> dict[str, Any]:
        """Print what was reported for people, and return it for programs."""
        reported = self.journal.read_text("utf-8").splitlines() if self.journal.exists() else []
        print("\n".join(reported) or "nothing was reported yet")
        return {"reported": reported, "configured": bool(self.context.config["token"])}
