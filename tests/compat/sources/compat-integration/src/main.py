"""A plugin that reaches out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.plugins import (
    INotificationProvider,
    IntegrationPlugin,
    IVersionControlProvider,
    PluginCommand,
    ProviderError,
)

from . import reaching

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins import IProvider


class Lamp(INotificationProvider):
    """Writes messages into a file, by plain methods."""

    def __init__(self, folder: str) -> None:
        self.file = Path(folder) / "lamp"

    async def connect(self) -> None:
        """Make the file."""
        self.file.touch()

    async def disconnect(self) -> None:
        """Leave it."""

    async def send(self, title: str, body: str, urgency: str = "normal") -> None:
        """Add a line."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{urgency} {title}: {body}\n")


class CompatIntegration(IntegrationPlugin):
    """Commands, hooks and a provider in one."""

    def get_commands(self) -> list[PluginCommand]:
        """Return them."""
        reach = [{"name": "--port", "type": int, "required": True}, {"name": "--folder", "required": True}]
        return [
            PluginCommand("compat-outside", "Reach out.", self.outside, reach),
            PluginCommand("compat-others", "Use others.", self.others),
            PluginCommand("compat-settings", "Give back the settings.", lambda: dict(self.context.config)),
        ]

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return the one that the manifest leaves out."""
        return {"bus.gap": print}

    def get_providers(self) -> dict[str, IProvider]:
        """Return the one."""
        return {"compat-lamp": Lamp(self.context.data_dir)}

    async def outside(self, port: int, folder: str) -> str:
        """See reaching."""
        return await reaching.outside(self, port, folder)

    async def others(self) -> str:
        """Call both providers, and be told what fails."""
        notes = self.context.providers.get("compat-notes", INotificationProvider)
        assert not await notes.send("title", "body")
        notes.send("title", body="more", urgency="low")
        try:
            notes.send("title", "fail")
        except ProviderError as error:
            assert "cannot send that" in str(error)
        else:
            raise AssertionError("it did not fail")
        vcs = await self.context.providers.get("compat-vcs", IVersionControlProvider)
        vcs.create_branch("topic")
        assert vcs.commit("message", ["a", "b"]) == "c0ffee"
        await vcs.push("topic")
        assert (
            await vcs.create_pull_request("T", "B", "main", "topic") == "https://example.org/main/topic?T&B"
        )
        assert not self.context.notifications.send("look here", "now", "low")
        return "kept"
