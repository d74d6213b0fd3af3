"""Offers a service to yesman and to other plugins: messages to the user are passed on by it."""

from __future__ import annotations

from pathlib import Path

from yesman.plugins import IProvider, ProviderPlugin

from .diary import Diary


class ${class_name}(ProviderPlugin):
    """Made once, in a sandbox of its own, when the service is first used."""

    async def initialize(self) -> None:
        """Make ready. What this raises stops the plugin, and the user is told."""
        self.diary = Diary(Path(self.context.data_dir, "messages.txt"))

    def get_providers(self) -> dict[str, IProvider]:
        """Return the providers by the names that the manifest declares."""
        return {"${name}": self.diary}

    def messages(self) -> list[str]:
        """Return what was passed on. Tests may call any public method by its name."""
        return self.diary.file.read_text("utf-8").splitlines()
