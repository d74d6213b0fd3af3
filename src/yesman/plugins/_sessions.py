"""Sessions, windows and panes as a plugin sees them: frozen snapshots, read from the host's data.

A snapshot never changes after it was taken; ask the manager again for a newer one. Keys that this
version does not know are ignored, so that a newer host can say more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yesman.plugins._returned import Returned

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Pane(Returned):
    """One pane of a window.

    Attributes:
        id: tmux's own id, such as ``"%3"``.
        index: Position in its window.
        command: Name of the program in its foreground.
        cwd: Absolute path of that program's working directory.
        pid: Process id of the pane's first process.
        active: Whether it is its window's current pane.
        width: Columns.
        height: Rows.
    """

    id: str
    index: int = 0
    command: str = ""
    cwd: str = ""
    pid: int = 0
    active: bool = False
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Window(Returned):
    """One window of a session.

    Attributes:
        id: tmux's own id, such as ``"@1"``.
        index: Position in its session.
        name: Its title.
        active: Whether it is the session's current window.
        panes: Its panes, in order of their index.
    """

    id: str
    index: int = 0
    name: str = ""
    active: bool = False
    panes: tuple[Pane, ...] = ()


@dataclass(frozen=True, slots=True)
class Session(Returned):
    """One session.

    Attributes:
        name: The name by which yesman and tmux know it.
        id: tmux's own id, such as ``"$0"``; survives a rename.
        cwd: Absolute path it was started in.
        attached: Whether a terminal shows it now.
        created: When it was started, in Unix seconds.
        windows: Its windows, in order of their index.
        metadata: Text by key: what plugins and users set, plus ``repo`` ("owner/name") and
            ``branch`` where the working directory is a git checkout.
    """

    name: str
    id: str
    cwd: str
    attached: bool = False
    created: float = 0.0
    windows: tuple[Window, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict, hash=False)


def name_of(session: Session | str) -> str:
    """Return the name where either a session or its name may be given."""
    return session.name if isinstance(session, Session) else session


def id_of(pane: Pane | str | None) -> str | None:
    """Return the id where either a pane or its id may be given."""
    return pane.id if isinstance(pane, Pane) else pane


def read_pane(data: Mapping[str, Any]) -> Pane:
    """Build a pane from the host's data."""
    return Pane(
        id=data["id"],
        index=data["index"],
        command=data["command"],
        cwd=data["cwd"],
        pid=data["pid"],
        active=data["active"],
        width=data["width"],
        height=data["height"],
    )


def read_window(data: Mapping[str, Any]) -> Window:
    """Build a window from the host's data."""
    return Window(
        id=data["id"],
        index=data["index"],
        name=data["name"],
        active=data["active"],
        panes=tuple(read_pane(pane) for pane in data["panes"]),
    )


def read_session(data: Mapping[str, Any]) -> Session:
    """Build a session from the host's data."""
    return Session(
        name=data["name"],
        id=data["id"],
        cwd=data["cwd"],
        attached=data["attached"],
        created=data["created"],
        windows=tuple(read_window(window) for window in data["windows"]),
        metadata=dict(data["metadata"]),
    )
