"""Which session is meant, decided from values alone."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from yesman.model.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from yesman.sessions.listing import Snapshot
    from yesman.sessions.model import Session


def by_name(sessions: Iterable[Session], name: str) -> Session:
    """Return the session called exactly ``name``.

    Raises:
        NotFoundError: There is none; the message suggests a near miss.
    """
    named = {session.name: session for session in sessions}
    if name in named:
        return named[name]
    near = difflib.get_close_matches(name, named, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "See what there is: yesman session ls"
    raise NotFoundError(f"There is no session named {name[:80]!r}", hint)


def by_pane(snapshot: Snapshot, tmux: str, pane_id: str, is_ours: Callable[[str], bool]) -> Session | None:
    """Return the session a process sits in, from the two variables tmux sets in every pane.

    Args:
        snapshot: What runs now.
        tmux: The process's ``TMUX``: socket path, server pid and session number, joined by commas.
        pane_id: Its ``TMUX_PANE``.
        is_ours: Whether a socket path leads to the server of the snapshot.
    """
    socket, server_pid, number = split_tmux(tmux)
    # A server that was started anew hands out the same pane ids again.
    if server_pid != str(snapshot.server_pid) or not is_ours(socket):
        return None
    holding = [session for session in snapshot.sessions if session.pane(pane_id)]
    # A window may be linked into several sessions; the variable says in which one the pane was made.
    made_in = (session for session in holding if session.id == f"${number}")
    return next(made_in, holding[0] if holding else None)


def split_tmux(tmux: str) -> tuple[str, str, str]:
    """Split a ``TMUX`` variable into socket path (which may hold commas), server pid and session number."""
    rest, _, number = tmux.rpartition(",")
    socket, _, server_pid = rest.rpartition(",")
    return socket, server_pid, number


def by_folder(sessions: Sequence[Session], cwd: Path, resolve: Callable[[str], Path]) -> Session | None:
    """Return the session whose folder holds ``cwd`` most closely.

    Args:
        sessions: The sessions to choose from.
        cwd: A resolved path.
        resolve: Turns a session's folder into a resolved path.

    Raises:
        UsageError: Several sessions share that folder, so none of them is "the" current one.
    """
    folders = [(resolve(session.cwd), session) for session in sessions if session.cwd]
    holding = [(folder, session) for folder, session in folders if cwd.is_relative_to(folder)]
    if not holding:
        return None
    deepest = max(len(folder.parts) for folder, _ in holding)
    chosen = [session for folder, session in holding if len(folder.parts) == deepest]
    if len(chosen) > 1:
        names = ", ".join(repr(session.name) for session in chosen[:5])
        raise UsageError(f"Several sessions are in this folder: {names}", "Say which: --session NAME")
    return chosen[0]
