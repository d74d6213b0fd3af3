"""What has been told of a tmux server, and the telling: each beginning and end once. No I/O.

A whole begins before its parts and ends after them. Ids are never given twice by one tmux server.
What is not known cannot end, and what is known cannot begin, whoever says so.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from yesman.sessions.scene import PaneSeen, Scene, SessionSeen, WindowSeen

PANE_ACTIVITY: Final = ("pane.output", "pane.active", "pane.idle")
"""Events that are only looked for while somebody listens."""


class Change(NamedTuple):
    """One event.

    Attributes:
        name: Such as ``session.created``.
        id: tmux's id of the session.
        session: The session as it was known at that moment.
        details: What else there is to say: ``window``, ``pane``, ``code`` and so on.
    """

    name: str
    id: str
    session: SessionSeen
    details: dict[str, Any]


class Known:
    """Sessions, windows and panes as far as they have been told of."""

    def __init__(self) -> None:
        self.sessions: dict[str, SessionSeen] = {}
        self.windows: dict[str, WindowSeen] = {}
        self.panes: dict[str, PaneSeen] = {}
        self.viewers: dict[str, str] = {}
        self.ended: frozenset[str] = frozenset()
        self._told: list[Change] = []

    def tell(self) -> list[Change]:
        """Return what there was to tell since the last time."""
        told, self._told = self._told, []
        return told

    def _say(self, name: str, session: str, **details: Any) -> None:
        self._told.append(Change(name, session, self.sessions[session], details))

    def _say_pane(self, name: str, ident: str, **details: Any) -> None:
        window = self.panes[ident].window
        self._say(name, self.windows[window].session, window=window, pane=ident, **details)

    def open_session(self, ident: str, seen: SessionSeen) -> None:
        """Tell of a session, unless it is known or has been told to have ended."""
        if ident not in self.sessions and ident not in self.ended:
            self.sessions[ident] = seen
            self._say("session.created", ident)

    def close_session(self, ident: str, scene: Scene) -> None:
        """Tell of the end of a session and of the windows that it does not share."""
        if ident not in self.sessions:
            return
        for window in [w for w, seen in self.windows.items() if seen.session == ident]:
            if window in scene.windows and scene.windows[window].session in self.sessions:
                self.windows[window] = scene.windows[window]  # it is linked into another session as well
            else:
                self.close_window(window)
        self._say("session.closed", ident)
        del self.sessions[ident]
        self.viewers = {client: shown for client, shown in self.viewers.items() if shown != ident}

    def open_window(self, ident: str, seen: WindowSeen) -> None:
        """Tell of a window of a known session."""
        if ident not in self.windows and seen.session in self.sessions:
            self.windows[ident] = seen
            self._say("window.created", seen.session, window=ident, window_name=seen.name)

    def close_window(self, ident: str) -> None:
        """Tell of the end of a window and its panes."""
        if ident not in self.windows:
            return
        for pane in [p for p, seen in self.panes.items() if seen.window == ident]:
            self.close_pane(pane)
        seen = self.windows[ident]
        self._say("window.closed", seen.session, window=ident, window_name=seen.name)
        del self.windows[ident]

    def open_pane(self, ident: str, seen: PaneSeen) -> None:
        """Tell of a pane of a known window."""
        if ident not in self.panes and seen.window in self.windows:
            self.panes[ident] = PaneSeen(seen.window)
            self._say_pane("pane.opened", ident)

    def exit_pane(self, ident: str, code: int | None, signal: int | None) -> None:
        """Tell that the program of a pane has ended."""
        if ident in self.panes and not self.panes[ident].dead:
            self.panes[ident] = self.panes[ident]._replace(dead=True)
            self._say_pane("pane.exited", ident, code=code, signal=signal)

    def close_pane(self, ident: str) -> None:
        """Tell of the end of a pane."""
        if ident in self.panes:
            self._say_pane("pane.closed", ident)
            del self.panes[ident]

    def rename(self, ident: str, name: str) -> None:
        """Tell of the new name of a known session."""
        old = self.sessions.get(ident)
        if old is not None and old.name != name:
            self.sessions[ident] = old._replace(name=name)
            self._say("session.renamed", ident, old_name=old.name)

    def attach(self, client: str, session: str) -> None:
        """Tell that a client shows a session."""
        if self.viewers.get(client) != session and session in self.sessions:
            self.viewers[client] = session
            clients = sum(shown == session for shown in self.viewers.values())
            self._say("session.attached", session, clients=clients)

    def follow(self, scene: Scene) -> None:
        """Take over what is no event: where windows and panes have been moved, and who looks no more."""
        for ident, window in scene.windows.items():
            if ident in self.windows and window.session in self.sessions:
                self.windows[ident] = window
        for ident, pane in scene.panes.items():
            if ident in self.panes and pane.window in self.windows:
                self.panes[ident] = self.panes[ident]._replace(window=pane.window)
        self.viewers = {client: shown for client, shown in self.viewers.items() if client in scene.viewers}
