"""What the session service is about to do, for whoever wants to know beforehand, or who did it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, Literal, NamedTuple, Protocol


class Act(NamedTuple):
    """One change of ours.

    Attributes:
        kind: What is done.
        source: Who wants it: ``host`` or ``plugin:NAME``.
        session: The session's name at this moment.
        id: tmux's id of the session; empty for one that is yet to be made.
        cwd: Its folder.
    """

    kind: Literal["create", "close", "rename"]
    source: str
    session: str
    id: str = ""
    cwd: str = ""


class Announcer(Protocol):
    """Hears of changes."""

    def acting(self, act: Act) -> AbstractAsyncContextManager[None]:
        """Return what to enter before ``act`` is done and to leave afterwards."""
        ...


class _Silent:
    def acting(self, act: Act) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 - the protocol's
        return nullcontext()


SILENT: Final[Announcer] = _Silent()
"""Tells nobody."""
