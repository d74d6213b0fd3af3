"""What happened, told once and in order, from what the journal says and from what there is. No I/O.

The journal gives the order, and what came and went between two looks. What there is corrects it:
hooks can be missing (a session's own hooks hide global ones, ``kill-pane`` has none that names the
pane). The journal may lag behind what there is by one look, never by two; so a difference counts
only when two looks in a row show it, and an end that the journal tells counts only if what ended
has gone. So nothing is told twice, and nothing is told that did not happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.sessions.known import Change, Known
from yesman.sessions.scene import EMPTY, PaneSeen, Scene, SessionSeen, WindowSeen, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from yesman.sessions.journal import Entry

    Difference = tuple[str, ...]


class _Batch(NamedTuple):
    """One look: the sessions whose beginning the journal tells, and what there is."""

    births: Mapping[str, SessionSeen]
    scene: Scene


class Model:
    """One tmux server as it has been told of."""

    def __init__(self) -> None:
        self._pid = 0
        self._known = Known()
        self._suspected: frozenset[Difference] = frozenset()

    @property
    def unsettled(self) -> bool:
        """Whether another look is needed now."""
        return bool(self._suspected)

    @property
    def sessions(self) -> Sequence[str]:
        """Ids of the sessions that are known."""
        return tuple(self._known.sessions)

    @property
    def panes(self) -> Sequence[str]:
        """Ids of the panes that are known."""
        return tuple(self._known.panes)

    def of_pane(self, name: str, pane: str, **details: float) -> Change:
        """Return an event about a known pane."""
        window = self._known.panes[pane].window
        session = self._known.windows[window].session
        seen = self._known.sessions[session]
        return Change(name, session, seen, {"window": window, "pane": pane, **details})

    def replace(self, scene: Scene) -> list[Change]:
        """Take ``scene`` for all there is, at once, because the journal cannot tell."""
        self._known.ended |= frozenset(self._known.sessions) - frozenset(scene.sessions)
        self._settle(self._differences(scene), scene)
        self._pid = scene.server_pid or self._pid
        return self._known.tell()

    def apply(self, entries: Sequence[Entry], scene: Scene) -> list[Change]:
        """Take one look: what the journal said since the last, oldest first, and what there is now."""
        if scene.server_pid not in {0, self._pid}:
            self._settle(self._differences(EMPTY), EMPTY)
            self._known.ended = frozenset()
            self._pid = scene.server_pid
        births = {entry.fields[0]: SessionSeen(*entry.fields[1:]) for entry in entries if entry.kind == "C"}
        for entry in entries:
            _JOURNAL[entry.kind](self._known, entry.fields, _Batch(births, scene))
        found = self._differences(scene)
        settled = [difference for difference in found if difference in self._suspected]
        self._settle(settled, scene)
        self._suspected = frozenset(found).difference(settled)
        return self._known.tell()

    def _settle(self, differences: Sequence[Difference], scene: Scene) -> None:
        for kind, ident, *more in differences:
            _SETTLE[kind](self._known, ident, more, scene)
        self._known.follow(scene)
        self._suspected = frozenset()

    def _differences(self, scene: Scene) -> list[Difference]:
        """Return what has not been told, in the order it is to be told in."""
        known = self._known
        new = [i for i in scene.sessions if i not in known.sessions and i not in known.ended]
        named = {i: seen.name for i, seen in scene.sessions.items() if i in known.sessions}
        dead = [i for i, pane in scene.panes.items() if pane.dead]
        return [
            *(("session", i) for i in new),
            *(("renamed", i, name) for i, name in named.items() if known.sessions[i].name != name),
            *(("window", i) for i in scene.windows if i not in known.windows),
            *(("pane", i) for i in scene.panes if i not in known.panes),
            *(("died", i) for i in dead if i not in known.panes or not known.panes[i].dead),
            *(("pane gone", i) for i in known.panes if i not in scene.panes),
            *(("window gone", i) for i in known.windows if i not in scene.windows),
            *(("session gone", i) for i in known.sessions if i not in scene.sessions),
            *(("viewer", c, s) for c, s in scene.viewers.items() if known.viewers.get(c) != s),
        ]


# --- what each line of the journal means


def _created(known: Known, fields: Sequence[str], _batch: _Batch) -> None:
    known.open_session(fields[0], SessionSeen(*fields[1:]))


def _closed(known: Known, fields: Sequence[str], batch: _Batch) -> None:
    if fields[0] not in batch.scene.sessions:
        known.open_session(fields[0], SessionSeen(fields[1], ""))
        known.close_session(fields[0], batch.scene)


def _renamed(known: Known, fields: Sequence[str], _batch: _Batch) -> None:
    known.rename(fields[0], fields[1])


def _linked(known: Known, fields: Sequence[str], batch: _Batch) -> None:
    session, window, name, panes = fields
    born = batch.births.get(session) or batch.scene.sessions.get(session)  # tmux links its window first
    if born is not None:
        known.open_session(session, born)
    known.open_window(window, WindowSeen(session, name))
    for pane in panes.split():
        known.open_pane(pane, PaneSeen(window))


def _unlinked(known: Known, fields: Sequence[str], batch: _Batch) -> None:
    if fields[1] not in batch.scene.windows:
        known.close_window(fields[1])


def _split(known: Known, fields: Sequence[str], _batch: _Batch) -> None:
    known.open_pane(fields[1], PaneSeen(fields[0]))


def _exited(known: Known, fields: Sequence[str], batch: _Batch) -> None:
    if fields[0] not in batch.scene.panes:
        known.exit_pane(fields[0], None, None)
        known.close_pane(fields[0])


def _died(known: Known, fields: Sequence[str], _batch: _Batch) -> None:
    known.exit_pane(fields[0], number(fields[1]), number(fields[2]))


def _attached(known: Known, fields: Sequence[str], _batch: _Batch) -> None:
    known.attach(fields[0], fields[1])


def _detached(known: Known, fields: Sequence[str], _batch: _Batch) -> None:
    known.viewers.pop(fields[0], None)


_JOURNAL: Final[Mapping[str, Callable[[Known, Sequence[str], _Batch], None]]] = {
    "C": _created,
    "K": _closed,
    "N": _renamed,
    "W": _linked,
    "U": _unlinked,
    "S": _split,
    "E": _exited,
    "X": _died,
    "A": _attached,
    "D": _detached,
}


# --- what each difference means

_SETTLE: Final[Mapping[str, Callable[[Known, str, Sequence[str], Scene], None]]] = {
    "session": lambda known, i, _, scene: known.open_session(i, scene.sessions[i]),
    "renamed": lambda known, i, more, _: known.rename(i, more[0]),
    "window": lambda known, i, _, scene: known.open_window(i, scene.windows[i]),
    "pane": lambda known, i, _, scene: known.open_pane(i, scene.panes[i]),
    "died": lambda known, i, _, scene: known.exit_pane(i, scene.panes[i].code, scene.panes[i].signal),
    "pane gone": lambda known, i, *_: known.close_pane(i),
    "window gone": lambda known, i, *_: known.close_window(i),
    "session gone": lambda known, i, _, scene: known.close_session(i, scene),
    "viewer": lambda known, i, more, _: known.attach(i, more[0]),
}
