"""The plugin: three hooks that write the journal, and a command that prints it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.plugins import IntegrationPlugin, PluginCommand

from .entry import entry
from .journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins import Event, PluginContext

EVENTS = ("session.created", "session.renamed", "session.closed")


class SessionJournalPlugin(IntegrationPlugin):
    """Keeps ``journal.md`` in the plugin's data folder."""

    def __init__(self, context: PluginContext) -> None:
        super().__init__(context)
        self.journal = Journal(Path(context.data_dir) / "journal.md")

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return one handler for each of :data:`EVENTS`."""
        return dict.fromkeys(EVENTS, self.on_session_event)

    def get_commands(self) -> list[PluginCommand]:
        """Return the one command."""
        last = {"name": "--last", "type": "int", "default": 50, "help": "Print only the newest N entries."}
        return [
            PluginCommand(
                name="journal",
                description="Print the journal of session events",
                handler=self.print_journal,
                options=[last],
            ),
        ]

    def on_session_event(self, event: Event) -> None:
        """Write one event down before the next one is handled."""
        self.journal.append(entry(event))
        self.logger.info("wrote %s of %s", event.name, event.session)

    def print_journal(self, last: int = 50) -> dict[str, Any]:
        """Print the newest entries.

        Returns:
            ``{"path", "total", "entries": [line of Markdown, …]}``, oldest first.

        Raises:
            ValueError: ``last`` is negative.
        """
        if last < 0:
            raise ValueError(f"--last must not be negative, but is {last}")
        total, entries = self.journal.last(last)
        print("\n".join(entries) if total else "nothing has happened yet")  # noqa: T201  # a command's output
        return {"path": str(self.journal.path), "total": total, "entries": entries}
