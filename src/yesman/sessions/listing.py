"""One question to tmux about everything it runs, and its answer as values. No I/O.

Sessions, windows and panes are asked for in a single tmux command, which the tmux server
answers without doing anything in between. Each record is one line of tab-separated fields.
That is unambiguous because tmux replaces tabs and line feeds in every free text before it
joins them: a program may call itself anything, and a folder may be named anything.
"""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from yesman.model.errors import PlatformError
from yesman.sessions import metadata
from yesman.sessions.hidden import OTHERS
from yesman.sessions.model import Pane, Session, Window

if TYPE_CHECKING:
    from collections.abc import Mapping


class Snapshot(NamedTuple):
    """Everything one tmux server ran at one moment.

    Attributes:
        server_pid: Process id of the tmux server; 0 when none runs.
        sessions: In tmux's order; their metadata holds only what was stored.
        made_by: The plugin that made it, by the id of those that plugins made.
    """

    server_pid: int
    sessions: tuple[Session, ...]
    made_by: Mapping[str, str] = MappingProxyType({})


EMPTY: Final = Snapshot(0, ())

MADE_BY: Final = "@yesman_made_by"
"""The tmux user option that says which plugin made a session; plugins have no way to set or unset it."""


def _text(variable: str, width: int | None = None) -> str:
    """Return a tmux format for free text: one line, no tabs, at most ``width`` columns."""
    limit = f"={width};" if width else ""
    return f"#{{{limit}s/[\n\t]/?/:{variable}}}"


def _flag(variable: str) -> str:
    return f"#{{?{variable},1,0}}"


def _record(kind: str, *fields: str) -> str:
    return "\t".join((kind, *fields))


QUESTION: Final[tuple[tuple[str, ...], ...]] = (
    (
        "list-sessions",
        "-f",
        OTHERS,
        "-F",
        _record(
            "S",
            "#{session_id}",
            "#{pid}",
            _flag("session_attached"),
            "#{session_created}",
            _text(MADE_BY),
            _text("session_name"),
            _text("session_path"),
            # One more than we accept: what was cut must not look complete.
            _text(metadata.OPTION, metadata.MAX_ENCODED + 1),
        ),
    ),
    (
        "list-windows",
        "-a",
        "-f",
        OTHERS,
        "-F",
        _record(
            "W",
            "#{session_id}",
            "#{window_index}",
            "#{window_id}",
            _flag("window_active"),
            _text("window_name", 256),
        ),
    ),
    (
        "list-panes",
        "-a",
        "-f",
        OTHERS,
        "-F",
        _record(
            "P",
            "#{session_id}",
            "#{window_index}",
            "#{pane_id}",
            "#{pane_index}",
            "#{pane_pid}",
            _flag("pane_active"),
            "#{pane_width}",
            "#{pane_height}",
            _text("pane_current_command", 256),
            _text("pane_current_path"),
        ),
    ),
)
"""The tmux commands to run in one invocation."""

_FIELDS: Final = {
    question[-1][0]: question[-1].count("\t") - question[-1].count("[\n\t]") for question in QUESTION
}


class _SessionRow(msgspec.Struct, array_like=True):
    id: str
    server_pid: int
    attached: bool
    created: float
    made_by: str
    name: str
    cwd: str
    stored: str


class _WindowRow(msgspec.Struct, array_like=True):
    session: str
    index: int
    id: str
    active: bool
    name: str


class _PaneRow(msgspec.Struct, array_like=True):
    session: str
    window: int
    id: str
    index: int
    pid: int
    active: bool
    width: int
    height: int
    command: str
    cwd: str


_ROWS: Final = {"S": _SessionRow, "W": _WindowRow, "P": _PaneRow}


def parse(answer: str) -> Snapshot:
    """Read tmux's answer to :data:`QUESTION`.

    Raises:
        PlatformError: This tmux does not answer as tmux 3.2 and later do.
    """
    rows: dict[str, list[list[str]]] = {kind: [] for kind in _ROWS}
    for line in answer.split("\n"):
        kind, *fields = line.split("\t")
        if kind in rows and len(fields) == _FIELDS[kind]:
            rows[kind].append(fields)
        elif line:
            raise _unexpected()
    try:
        sessions = msgspec.convert(rows["S"], list[_SessionRow], strict=False)
        windows = msgspec.convert(rows["W"], list[_WindowRow], strict=False)
        panes = msgspec.convert(rows["P"], list[_PaneRow], strict=False)
    except msgspec.ValidationError:
        raise _unexpected() from None
    return _assembled(sessions, windows, panes)


def _assembled(sessions: list[_SessionRow], windows: list[_WindowRow], panes: list[_PaneRow]) -> Snapshot:
    # A window may be linked into several sessions, so its place is what tells its panes.
    panes_at: defaultdict[tuple[str, int], list[Pane]] = defaultdict(list)
    for pane in panes:
        panes_at[pane.session, pane.window].append(_pane(pane))
    windows_of: defaultdict[str, list[Window]] = defaultdict(list)
    for row in sorted(windows, key=lambda window: window.index):
        held = tuple(panes_at[row.session, row.index])
        windows_of[row.session].append(Window(row.id, row.index, row.name, row.active, held))
    found = tuple(_session(row, tuple(windows_of[row.id])) for row in sessions)
    made_by = {row.id: row.made_by for row in sessions if row.made_by}
    return Snapshot(sessions[0].server_pid if sessions else 0, found, made_by)


def _session(row: _SessionRow, windows: tuple[Window, ...]) -> Session:
    stored = dict(metadata.decode(row.stored))
    return Session(row.name, row.id, row.cwd, row.attached, row.created, windows, stored)


def _pane(row: _PaneRow) -> Pane:
    return Pane(row.id, row.index, row.command, row.cwd, row.pid, row.active, row.width, row.height)


def _unexpected() -> PlatformError:
    return PlatformError("tmux described its sessions in a way that cannot be read", "Use tmux 3.2 or later")
