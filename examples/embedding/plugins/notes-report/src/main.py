"""The plugin: one command, which counts notes by day."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from yesman.plugins import CommandPlugin, PluginCommand


class NotesReportPlugin(CommandPlugin):
    """Counts what ``notes list`` prints, or what a file of notes holds."""

    def get_commands(self) -> list[PluginCommand]:
        """Return the one command."""
        options: list[dict[str, Any]] = [
            {"name": "--source", "help": "A file of notes; without it they are read from standard input."},
            {"name": "--least", "type": int, "default": 1, "help": "Leave out days with fewer notes."},
        ]
        return [PluginCommand("report", "Print how many notes were taken on which day", self.report, options)]

    def report(self, source: str | None, least: int) -> dict[str, int]:
        """Return the number of notes by day.

        Raises:
            OSError: The file cannot be read.
        """
        lines = Path(source).read_text(encoding="utf-8").splitlines() if source else sys.stdin
        days = Counter(line.partition(" ")[0] for line in lines)
        return {day: count for day, count in sorted(days.items()) if count >= least}
