"""The plugin: commands and a panel that read what is new in the logs, and tell what was used."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yesman.plugins import CommandPlugin, PluginCommand, ui

from .panel import AGAIN, nothing, overview
from .prices import Prices
from .report import Report, day_of, report
from .scan import scan
from .store import Store, Sum
from .table import render

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS = {"name": "--days", "type": "int", "default": 14, "help": "How many days, today included."}
LIMIT = {"name": "--limit", "type": "int", "default": 20, "help": "How many of the newest sessions."}
DRAWN = 30
"""Days that the panel draws, today included."""
SINCE = {"name": "--days", "type": "int", "help": "Only the last N days; all that is known if left out."}


class UsageInsightPlugin(CommandPlugin):
    """Adds up what Claude Code's logs tell; keeps numbers, models, folders and ids, never what was said."""

    async def initialize(self) -> None:
        """Read the settings; raise ValueError where one makes no sense."""
        self.prices = Prices(self.context.config["prices"])
        self.zone = _zone(self.context.config["timezone"])
        home = os.environ.get("YESMAN_USER_HOME", "~")
        written = self.context.config["folder"]
        self.folder = Path(home + written[1:] if written.startswith("~/") else written)
        self.store = Store(Path(self.context.data_dir) / "usage.db")
        if self.store.damaged:
            self.logger.warning("what was kept was damaged; the logs are read again from their beginning")

    async def cleanup(self) -> None:
        """Close the store."""
        self.store.close()

    def get_commands(self) -> list[PluginCommand]:
        """Return the four commands."""
        return [
            PluginCommand("usage-today", "Show what was used today, by model", self.today),
            PluginCommand("usage-days", "Show what was used each day", self.days, [DAYS]),
            PluginCommand("usage-sessions", "Show what each session used", self.sessions, [LIMIT]),
            PluginCommand("usage-models", "Show what was used of each model", self.models, [SINCE]),
        ]

    def get_panels(self) -> list[ui.Panel]:
        """Return the one panel."""
        return [ui.Panel("usage", self.show, {AGAIN: self.again})]

    def show(self, _view: ui.View) -> ui.Node:
        """Show all that is known, read anew at each look."""
        try:
            sessions = self._by("session", None)
        except FileNotFoundError:
            return nothing(str(self.folder))
        today = datetime.now(UTC).astimezone(self.zone).date()
        calendar = [(today - timedelta(days=ago)).isoformat() for ago in reversed(range(DRAWN))]
        days, models = self._sums("day", DRAWN), self._sums("model", None)
        return overview(days, sessions, models, calendar)

    def again(self, _act: ui.Act) -> str:
        """Say how much is known now; whoever looks is shown it, as after every action."""
        return f"Answers known: {self._by('model', None).total.answers:,}"

    def today(self) -> dict[str, Any]:
        """Print today's use by model, the dearest first."""
        return self._tell(self._by("model", 1), "model")

    def days(self, days: int = 14) -> dict[str, Any]:
        """Print each day's use, the newest last."""
        found = self._by("day", days)
        found.rows.sort(key=lambda row: row.key)
        return self._tell(found, "day")

    def sessions(self, limit: int = 20) -> dict[str, Any]:
        """Print the newest sessions' use, the newest first; the total is of all of them."""
        found = self._by("session", None)
        found.rows.sort(key=lambda row: row.last or 0, reverse=True)
        del found.rows[max(limit, 0) :]
        return self._tell(found, "session")

    def models(self, days: int | None = None) -> dict[str, Any]:
        """Print what was used of each model, the dearest first."""
        return self._tell(self._by("model", days), "model")

    def _by(self, what: str, days: int | None) -> Report:
        """Return what was used in the last days, or ever; raises ValueError, FileNotFoundError."""
        if days is not None and days < 1:
            raise ValueError(f"--days must be at least 1, but is {days}")
        try:
            self._read()
        except FileNotFoundError:
            raise FileNotFoundError(f"there are no logs of Claude Code at {self.folder}") from None
        return self._sums(what, days)

    def _sums(self, what: str, days: int | None) -> Report:
        """Return what of the store's is of the last days, or all."""
        keys: dict[str, Callable[[Sum], str]] = {
            "day": lambda part: day_of(part.at, self.zone),
            "session": lambda part: part.session,
            "model": lambda part: part.model,
        }
        found = report(self.store.sums(self._since(days)), self.prices, keys[what])
        found.rows.sort(key=lambda row: (row.cost or 0, sum(row.tokens)), reverse=True)
        return found

    def _read(self) -> None:
        done = scan(self.folder, self.store)
        if done.unreadable or done.too_long:
            said = "%d of %d logs could not be read, %d lines were too long"
            self.logger.warning(said, done.unreadable, done.files, done.too_long)

    def _since(self, days: int | None) -> int | None:
        """Return when the first of the last days begins."""
        if days is None:
            return None
        now = datetime.now(UTC).astimezone(self.zone)
        midnight = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
        # The machine's own zone has no name here: its offset on that day is asked for again.
        return int((midnight if self.zone else midnight.replace(tzinfo=None)).timestamp())

    def _tell(self, found: Report, what: str) -> dict[str, Any]:
        print(render(found, what, shutil.get_terminal_size().columns))  # noqa: T201 - a command's output is its own
        return found.as_data(what)


def _zone(name: str) -> tzinfo | None:
    """Return the time zone of that name, None for the machine's; raise ValueError."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"the setting 'timezone' names {name!r}, which is no time zone known here") from None
