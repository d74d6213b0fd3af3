"""Looking at a tmux server over one connection: keeping our hooks there, the journal, the panes that print.

What is read from the journal stays in tmux until it is known to have arrived, so that a connection
lost in between loses nothing, and what arrives twice is known by its beginning.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from typing import TYPE_CHECKING, Final

from yesman.sessions import activity, journal, scene
from yesman.sessions.activity import Activity
from yesman.sessions.changes import Model
from yesman.sessions.control import RefusedError

if TYPE_CHECKING:
    from yesman.sessions.control import ControlClient
    from yesman.sessions.known import Change

_RULE: Final = "="
"""A line between the journal and what there is."""


class Looker:
    """What is known of one tmux socket, whichever server answers there, from look to look.

    Args:
        variable: The name of the journal.
    """

    def __init__(self, variable: str) -> None:
        self._variable = variable
        self._model: Model | None = None
        self._read = ""
        self._in_doubt = False
        self._activity = Activity()
        self._since = 0

    @property
    def begun(self) -> bool:
        """Whether it is known what there was in the beginning; nothing of that is told."""
        return self._model is not None

    @property
    def unsettled(self) -> bool:
        """Whether another look is needed now."""
        return self._model is not None and self._model.unsettled

    @property
    def empty(self) -> bool:
        """Whether there is no session but ours."""
        return self._model is not None and not self._model.sessions

    def nothing_there(self) -> list[Change]:
        """Take note that no tmux server runs, or none with a session."""
        if self._model is None:
            self._model = Model()
        return self._model.replace(scene.EMPTY)

    async def install(self, client: ControlClient) -> None:
        """Put our hooks where they are missing."""
        missing = journal.hooks(self._variable, await self._hooks(client))
        if missing:
            await client.ask(*missing)

    async def uninstall(self, client: ControlClient) -> None:
        """Leave nothing of ours in the tmux server."""
        for command in journal.removal(self._variable, await self._hooks(client)):
            await client.ask(command)

    async def _hooks(self, client: ControlClient) -> str:
        return await client.ask(("show-hooks", "-g")) + await client.ask(("show-hooks", "-gw"))

    async def written(self, client: ControlClient) -> bool:
        """Tell whether something is in the journal."""
        return await client.ask(journal.waiting(self._variable)) == "1\n"

    async def look(self, client: ControlClient) -> list[Change]:
        """Return what has happened since the last look."""
        doubtful, self._in_doubt = self._in_doubt, True
        rule = ("display-message", "-p", _RULE)
        drain = journal.drain(self._variable, seen=not doubtful)
        answer = await client.ask(*drain, rule, *scene.QUESTION)
        self._in_doubt = False
        kept, _, there = answer.partition(f"\n{_RULE}\n")
        fresh = kept.removeprefix(self._read) if doubtful else kept
        self._read = kept
        seen = scene.parse(there)
        if seen.unreaped:
            # tmux 3.3a loses a SIGCHLD now and then; the end of any other child makes it collect them all.
            await client.ask(("run-shell", "-b", "true"))
        if self._model is None:
            self._model = Model()
            self._model.replace(seen)
            return []
        return self._model.apply(journal.parse(fresh), seen)

    async def watch_panes(self, client: ControlClient) -> list[Change]:
        """Return what panes have done since the last time."""
        if self._model is None:
            return []
        started = int(time.time())  # tmux notes whole seconds; the one that runs is looked at again
        found = activity.recent(await client.ask(activity.question(self._since)))
        chosen = activity.chosen(found)
        seen = await asyncio.gather(*(_looks(client, pane, found[pane]) for pane in chosen))
        looks = {pane: looks for pane, looks in zip(chosen, seen, strict=True) if looks is not None}
        if len(chosen) == len(found):
            self._since = started
        told = self._activity.tick(time.monotonic(), looks, self._model.panes)
        return [self._model.of_pane(name, pane, **details) for name, pane, details in told]

    def forget_panes(self) -> None:
        """Nobody listens to what panes do any more."""
        self._activity = Activity()
        self._since = 0


async def _looks(client: ControlClient, pane: str, cheap: str) -> tuple[str, int] | None:
    try:
        return cheap, zlib.crc32((await client.ask(activity.screen(pane))).encode())
    except RefusedError:  # it has gone
        return None
