"""The service: it writes messages into a file. Put a chat, a telephone or a light in its place."""

from __future__ import annotations

from pathlib import Path

from yesman.plugins import INotificationProvider


class Diary(INotificationProvider):
    """One line a message. Other plugins may call this: what arrives here is anybody's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def connect(self) -> None:
        """Make ready, before the first use. Raise when that is impossible: it is tried again later."""
        self.file.touch()

    async def disconnect(self) -> None:
        """Give back what connect took."""

    async def send(self, title: str, body: str, urgency: str = "normal") -> None:
        """Pass a message on; raise when that fails, and whoever called is told."""
        if not title.strip():
            raise ValueError("a message needs a title")
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"[{urgency}] {title}: {' '.join(body.split())}\n")
