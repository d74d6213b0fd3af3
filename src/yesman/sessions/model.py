"""What a session is: frozen values, the same on the wire as in the host.

Text here comes from tmux and from whatever runs inside it (a program chooses its own name),
so it is data to be escaped where it is shown.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from yesman.model.errors import UsageError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Pane(msgspec.Struct, frozen=True):
    """One terminal of a window.

    Attributes:
        id: tmux's id, such as ``%3``; unique while the tmux server runs.
        index: Position in the window.
        command: Name of the program in the foreground, as the program itself states it.
        cwd: Working directory of that program.
        pid: Process id of the pane's first program.
        active: Whether this is the window's selected pane.
        width: Columns.
        height: Rows.
    """

    id: str
    index: int
    command: str
    cwd: str
    pid: int
    active: bool
    width: int
    height: int


class Window(msgspec.Struct, frozen=True):
    """One window of a session; ``id`` is tmux's, such as ``@2``."""

    id: str
    index: int
    name: str
    active: bool
    panes: tuple[Pane, ...]


class Session(msgspec.Struct, frozen=True):
    """One tmux session.

    Attributes:
        name: Its name; sessions that others made may have names we would not give.
        id: tmux's id, such as ``$1``; unique while the tmux server runs.
        cwd: The folder the session was made in.
        attached: Whether a terminal shows it now.
        created: When it was made, in seconds since 1970.
        windows: In order of their index.
        metadata: What was stored with it, plus ``repo``, ``branch`` and ``commit`` where they apply.
    """

    name: str
    id: str
    cwd: str
    attached: bool
    created: float
    windows: tuple[Window, ...]
    metadata: dict[str, str]

    def pane(self, pane_id: str | None = None) -> Pane | None:
        """Return the pane with that id, or the active one of the active window."""
        if pane_id is None:
            chosen = (p for w in self.windows if w.active for p in w.panes if p.active)
        else:
            chosen = (p for w in self.windows for p in w.panes if p.id == pane_id)
        return next(chosen, None)


def check_name(name: str) -> str:
    """Return ``name`` if a session may be given it.

    Raises:
        UsageError: It is not 1 to 64 letters, digits, ``_`` or ``-`` that begin with a letter or digit.
    """
    if _NAME.fullmatch(name):
        return name
    raise UsageError(
        f"{name[:80]!r} cannot be the name of a session",
        "Use up to 64 letters, digits, '_' and '-', and begin with a letter or a digit",
    )
