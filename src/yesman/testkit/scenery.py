"""Sessions for a test: real ones, in a tmux server of the test's own, in folders made for them.

A session's ``repo`` and ``branch`` are read from its folder, as everywhere; so a folder with the few files
that git would have put there stands for a checkout, and git is not needed.
"""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from yesman.model.errors import YesmanError
from yesman.plugins._sessions import read_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from yesman import plugins
    from yesman.sessions.model import Session
    from yesman.sessions.service import Sessions
    from yesman.sessions.tmux import TmuxServer

NAME, REPO, BRANCH = "test", "owner/project", "topic"
"""The session that a plugin finds itself in when a test has made none."""


class Scenery:
    """Makes sessions.

    Args:
        tmux: The server they are in; ended with the test.
        sessions: Its service.
        folder: Where their folders are made.
    """

    def __init__(self, tmux: TmuxServer, sessions: Sessions, folder: Path) -> None:
        self._tmux = tmux
        self._sessions = sessions
        self._folder = folder
        self._numbers = itertools.count(1)
        self._current = ""

    async def create(
        self, name: str, repo: str, branch: str, command: Sequence[str] | None
    ) -> plugins.Session:
        """Make a session in a new folder; the newest is the current one."""
        folder = self._folder / str(next(self._numbers))
        await asyncio.to_thread(_make_folder, folder, repo, branch)
        made = await self._sessions.create(name, folder, command)
        self._current = name
        return read_session(msgspec.to_builtins(made))

    async def get(self, name: str) -> plugins.Session:
        """Return a session as it is now; raises NotFoundError."""
        return read_session(msgspec.to_builtins(await self._sessions.get(name)))

    async def current(self) -> Session:
        """Return the session that commands are run in, made if there is none."""
        if not self._current:
            await self.create(NAME, REPO, BRANCH, None)
        return await self._sessions.get(self._current)

    async def close(self) -> None:
        """End them all, those that a plugin made too."""
        if self._tmux.socket.exists():
            with suppress(YesmanError):  # it has ended meanwhile
                await self._tmux.run(["kill-server"])


def _make_folder(folder: Path, repo: str, branch: str) -> None:
    folder.mkdir(parents=True)
    if repo:
        git = folder / ".git"
        for part in ("objects", "refs"):
            (git / part).mkdir(parents=True)
        (git / "HEAD").write_text(f"ref: refs/heads/{branch}\n", "utf-8")
        (git / "config").write_text(f'[remote "origin"]\n\turl = https://github.com/{repo}.git\n', "utf-8")
