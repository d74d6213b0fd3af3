"""The plugin: the command ``git-insight`` and a panel, for the repository of a session."""

from __future__ import annotations

import shutil
import time
from itertools import islice
from typing import Any

from yesman.plugins import CommandPlugin, PluginCommand, ui

from .hot import hot_files
from .insight import count_commits
from .panel import overview, unreadable
from .repository import open_history
from .table import render

GROUPS = ("author", "week", "both")
SHOWN = 2_000
"""Commits that the panel counts, so that nobody waits for it."""


class GitInsightPlugin(CommandPlugin):
    """Counts commits by author and by ISO week; reads only, and only the repository."""

    def get_commands(self) -> list[PluginCommand]:
        """Return the one command."""
        return [
            PluginCommand(
                name="git-insight",
                description="Count the commits of the session's repository by author and by ISO week",
                handler=self.git_insight,
                options=[
                    {"name": "--max-count", "type": "int", "help": "Count only the newest N commits."},
                    {
                        "name": "--by",
                        "type": "str",
                        "default": "both",
                        "help": "What to print: author, week or both.",
                    },
                ],
            ),
        ]

    def get_panels(self) -> list[ui.Panel]:
        """Return the one panel, which each session has."""
        return [ui.Panel("repository", self.show)]

    def show(self, view: ui.View) -> ui.Node:
        """Show the repository of the session that the panel is shown with."""
        session = self.context.session_manager.get_session(view.session or "")
        try:
            with open_history(str(session.cwd)) as history:
                insight = count_commits(islice(history.commits(), SHOWN), history.mailmap())
                hot = hot_files(islice(history.commits(), SHOWN), history.changed)
                return overview(history.path, insight, hot, int(time.time()), SHOWN)
        except ValueError as error:
            return unreadable(error)

    def git_insight(self, max_count: int | None = None, by: str = "both") -> dict[str, Any]:
        """Print the tables and return the counts.

        Args:
            max_count: How many commits to count, newest first; ``None`` for all.
            by: Which tables to print; the returned data always holds both.

        Returns:
            ``{"commits", "authors": [{"name", "email", "commits"}], "weeks": [{"week",
            "commits"}], "repository"}``.

        Raises:
            ValueError: An option, or the repository, makes no sense.
            PermissionError: The repository lies outside what the plugin may read.
        """
        if by not in GROUPS:
            raise ValueError(f"--by must be one of {', '.join(GROUPS)}, not {by!r}")
        if max_count is not None and max_count < 0:
            raise ValueError(f"--max-count must not be negative, but is {max_count}")
        session = self.context.session_manager.get_current_session()
        with open_history(str(session.cwd)) as history:
            insight = count_commits(islice(history.commits(), max_count), history.mailmap())
            repository = history.path
        width = shutil.get_terminal_size().columns
        print(render(insight, repository, by=by, width=width))  # noqa: T201  # a command's output is its own
        return {**insight.as_data(), "repository": repository}
