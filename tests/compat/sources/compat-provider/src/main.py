"""Two providers that write down what they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.plugins import (
    INotificationProvider,
    IProvider,
    IVersionControlProvider,
    PluginCommand,
    PluginContext,
    ProviderPlugin,
)

if TYPE_CHECKING:
    Asked = list[list[object]]


class Notes(INotificationProvider):
    """Takes messages."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    async def connect(self) -> None:
        """Note it."""
        self.asked.append(["connect"])

    async def disconnect(self) -> None:
        """Note it."""
        self.asked.append(["disconnect"])

    async def send(self, title: str, body: str, urgency: str = "normal") -> None:
        """Note it; refuse empty ones."""
        if body == "fail":
            raise ValueError("cannot send that")
        self.asked.append(["send", title, body, urgency])


class Vcs(IVersionControlProvider):
    """Commits into a list; sync methods will do."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def connect(self) -> None:  # type: ignore[override]  # the host takes either
        """Do nothing."""

    def disconnect(self) -> None:  # type: ignore[override]  # likewise
        """Do nothing."""

    async def create_branch(self, name: str) -> None:
        """Note it."""
        self.asked.append(["branch", name])

    async def commit(self, message: str, files: list[str]) -> str:
        """Note it and return an id."""
        self.asked.append(["commit", message, files])
        return "c0ffee"

    async def push(self, branch: str) -> None:
        """Note it."""
        self.asked.append(["push", branch])

    async def create_pull_request(self, title: str, body: str, base: str, head: str) -> str:
        """Return an address."""
        return f"https://example.org/{base}/{head}?{title}&{body}"


class CompatProvider(ProviderPlugin):
    """Keeps one list of both."""

    def __init__(self, context: PluginContext) -> None:
        super().__init__(context)
        self.asked: Asked = []

    def get_providers(self) -> dict[str, IProvider]:
        """Return both."""
        return {"compat-notes": Notes(self.asked), "compat-vcs": Vcs(self.asked)}

    def get_commands(self) -> list[PluginCommand]:
        """Return the one."""
        return [PluginCommand("compat-provided", "Say what was asked.", lambda: self.asked)]
