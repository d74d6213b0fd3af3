"""What there is on a tmux server at one moment, as ids and how they hang together. No I/O.

Less than :mod:`yesman.sessions.listing` tells, so that it can be asked often: enough to tell what
came and what went.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.model.errors import PlatformError
from yesman.sessions.hidden import OTHERS
from yesman.sessions.journal import path, text

if TYPE_CHECKING:
    from collections.abc import Mapping


class SessionSeen(NamedTuple):
    """A session: the name it has now and the folder it was made in."""

    name: str
    cwd: str


class WindowSeen(NamedTuple):
    """A window and the first session that holds it."""

    session: str
    name: str


class PaneSeen(NamedTuple):
    """A pane; where its program has ended and it remains, how that ended."""

    window: str
    dead: bool = False
    code: int | None = None
    signal: int | None = None


class Scene(NamedTuple):
    """Everything by id; ``viewers`` are the clients that show a session, by their names.

    ``unreaped``: some pane has closed, but tmux has not noticed that its program has ended.
    """

    server_pid: int
    sessions: Mapping[str, SessionSeen]
    windows: Mapping[str, WindowSeen]
    panes: Mapping[str, PaneSeen]
    viewers: Mapping[str, str]
    unreaped: bool = False


_NONE: Final[Mapping[str, str]] = MappingProxyType({})
EMPTY: Final = Scene(0, MappingProxyType({}), MappingProxyType({}), MappingProxyType({}), _NONE)

QUESTION: Final[tuple[tuple[str, ...], ...]] = (
    (
        "list-sessions",
        "-f",
        OTHERS,
        "-F",
        "\t".join(("s", "#{session_id}", "#{pid}", text("session_name"), path("session_path"))),
    ),
    (
        "list-panes",
        "-a",
        "-f",
        OTHERS,
        "-F",
        "\t".join(
            (
                "p",
                "#{session_id}",
                "#{window_id}",
                "#{pane_id}",
                "#{?pane_dead,1,0}",
                "#{pane_dead_status}",
                "#{pane_dead_signal}",
                text("window_name"),
            )
        ),
    ),
    ("list-clients", "-F", "\t".join(("c", text("client_name"), "#{session_id}"))),
)
"""The tmux commands to run in one go."""

_LINE: Final = re.compile(
    r"s\t(?P<session>\$\d+)\t(?P<pid>\d+)\t(?P<name>[^\t]*)\t(?P<cwd>[^\t]*)"
    r"|p\t(?P<of>\$\d+)\t(?P<window>@\d+)\t(?P<pane>%\d+)\t(?P<dead>[01])\t(?P<code>\d{0,3})\t(?P<signal>\d{0,3})"
    r"\t(?P<called>[^\t]*)"
    r"|c\t(?P<client>[^\t]*)\t(?P<shows>\$\d+)?"
)


def parse(answer: str) -> Scene:
    """Read tmux's answer to :data:`QUESTION`; lines of other kinds are passed over.

    Raises:
        PlatformError: This tmux does not answer as tmux 3.2 and later do.
    """
    pid, unreaped = 0, False
    sessions: dict[str, SessionSeen] = {}
    windows: dict[str, WindowSeen] = {}
    panes: dict[str, PaneSeen] = {}
    viewers: dict[str, str] = {}
    for line in answer.split("\n"):
        if line[:2] not in {"s\t", "p\t", "c\t"}:
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise PlatformError(
                "tmux described its panes in a way that cannot be read", "Use tmux 3.2 or later"
            )
        if found["session"]:
            pid = int(found["pid"])
            sessions[found["session"]] = SessionSeen(found["name"], found["cwd"])
        elif found["pane"]:
            windows.setdefault(found["window"], WindowSeen(found["of"], found["called"]))
            panes[found["pane"]] = _pane(found)
            unreaped |= found["dead"] == "1" and not panes[found["pane"]].dead
        elif found["shows"] in sessions:  # not so for our own client
            viewers[found["client"]] = found["shows"]
    return Scene(pid, sessions, windows, panes, viewers, unreaped)


def _pane(found: re.Match[str]) -> PaneSeen:
    ended = found["dead"] == "1" and bool(found["code"] or found["signal"])
    return PaneSeen(found["window"], ended, number(found["code"]), number(found["signal"]))


def number(digits: str) -> int | None:
    """Return a number that may be missing."""
    return int(digits) if digits else None
