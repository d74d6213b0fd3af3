"""The session and tmux services of a plugin's context: typed methods over the transport.

Every method is complete when it returns; awaiting its value is allowed and gives the same value.
Beside what each docstring names, every method raises PermissionError, ValueError or RuntimeError
as :class:`~yesman.plugins.Transport` does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from yesman.plugins._permission import needs
from yesman.plugins._returned import DONE, Done, Items, Text
from yesman.plugins._sessions import (
    Pane,
    Session,
    Window,
    id_of,
    name_of,
    read_pane,
    read_session,
    read_window,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.plugins._transport import Transport


class SessionManager:
    """Reads, makes and changes sessions.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @needs("session.read", call="session.current")
    def get_current_session(self) -> Session:
        """Return the session that the caller works in; raise LookupError when there is none."""
        return read_session(self._transport.call("session.current"))

    @needs("session.read", call="session.get")
    def get_session(self, name: Session | str) -> Session:
        """Return the session of that name as it is now; raise LookupError when it is absent."""
        return read_session(self._transport.call("session.get", name=name_of(name)))

    @needs("session.read", call="session.list")
    def list_sessions(self) -> Items[Session]:
        """Return every session that the plugin may see."""
        return Items(read_session(data) for data in self._transport.call("session.list"))

    @needs("session.modify", call="session.create", argument="command", then="session.type")
    def create_session(
        self,
        name: str,
        cwd: str | os.PathLike[str] | None = None,
        command: Sequence[str] | None = None,
    ) -> Session:
        """Start a session and return it.

        Args:
            name: Its name; must be free.
            cwd: Absolute path to start in, or None for the host's choice.
            command: Program and arguments for its first pane, or None for the user's shell.
        """
        folder = None if cwd is None else os.fspath(cwd)
        argv = None if command is None else _argv(command)
        return read_session(self._transport.call("session.create", name=name, cwd=folder, command=argv))

    @needs("session.modify", call="session.close")
    def close_session(self, name: Session | str) -> Done:
        """End a session and what runs in it; raise LookupError when it is absent."""
        self._transport.call("session.close", name=name_of(name))
        return DONE

    @needs("session.modify", call="session.rename")
    def rename_session(self, name: Session | str, new_name: str) -> Done:
        """Give a session a new name; raise LookupError when it is absent."""
        self._transport.call("session.rename", name=name_of(name), new_name=new_name)
        return DONE

    @needs("session.modify", call="session.set_metadata")
    def set_metadata(self, name: Session | str, key: str, value: str) -> Done:
        """Keep a text under a key on a session; raise LookupError when the session is absent."""
        self._transport.call("session.set_metadata", name=name_of(name), key=key, value=value)
        return DONE


class TmuxManager:
    """Looks into a session's windows and panes, and types into them.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @needs("session.read", call="tmux.windows")
    def list_windows(self, session: Session | str) -> Items[Window]:
        """Return a session's windows; raise LookupError when the session is absent."""
        answer = self._transport.call("tmux.windows", session=name_of(session))
        return Items(read_window(data) for data in answer)

    @needs("session.read", call="tmux.panes")
    def list_panes(self, session: Session | str) -> Items[Pane]:
        """Return the panes of all of a session's windows; raise LookupError when it is absent."""
        answer = self._transport.call("tmux.panes", session=name_of(session))
        return Items(read_pane(data) for data in answer)

    @needs("session.read", call="tmux.capture")
    def capture_pane(
        self, session: Session | str, pane: Pane | str | None = None, lines: int | None = None
    ) -> Text:
        """Return the text that a pane shows.

        Args:
            session: The session, or its name.
            pane: The pane, or its id; None means the active one.
            lines: At most this many lines, counted from the bottom; None means all it shows.

        Raises:
            LookupError: The session or the pane does not exist.
        """
        name = name_of(session)
        return Text(self._transport.call("tmux.capture", session=name, pane=id_of(pane), lines=lines))

    @needs("session.type", call="tmux.send")
    def send_keys(
        self,
        session: Session | str,
        text: str,
        pane: Pane | str | None = None,
        enter: bool = True,  # noqa: FBT001, FBT002 - the author API names it in this place
    ) -> Done:
        """Type a text into a pane: the same as running it outside the sandbox.

        Args:
            session: The session, or its name.
            text: What to type, taken literally.
            pane: The pane, or its id; None means the active one.
            enter: Whether to press Enter afterwards.

        Raises:
            LookupError: The session or the pane does not exist.
        """
        name = name_of(session)
        self._transport.call("tmux.send", session=name, text=text, pane=id_of(pane), enter=enter)
        return DONE


def _argv(command: Sequence[str]) -> list[str]:
    # A lone str is a sequence of str as well, and would be started as one argument per letter.
    words = [] if isinstance(command, str | bytes) else list(command)
    if not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"command must be a list of strings such as ['make', 'test'], not {command!r}")
    return words
