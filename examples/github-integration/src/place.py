"""Where something is to be done: a session, the repository it works in, and the branch. No I/O."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.plugins import Session


class PlaceError(ValueError):
    """It is not clear where, or there is nothing of that kind."""


class Place(NamedTuple):
    """A session in a checkout.

    Attributes:
        session: Its name.
        id: Its id, which stays when it is renamed.
        repo: ``owner/name``, as the remote ``origin`` says.
        branch: The branch that is checked out.
        folder: The session's working directory.
    """

    session: str
    id: str
    repo: str
    branch: str
    folder: Path


def place_of(session: Session) -> Place:
    """Return where a session is.

    Raises:
        PlaceError: It is in no repository with a remote, or on no branch.
    """
    repo, branch = session.metadata.get("repo"), session.metadata.get("branch")
    if not repo:
        raise PlaceError(f"session {session.name!r} is in no checkout with a remote called 'origin'")
    if not branch:
        raise PlaceError(f"no branch is checked out in session {session.name!r}; 'git switch' to one")
    return Place(session.name, session.id, repo, branch, Path(session.cwd))


def chosen(sessions: Sequence[Session]) -> Session:
    """Return the session that is meant where nobody names one.

    That is the only one that somebody looks at, or else the only one there is. Sessions in the same folder
    count as one; those in no checkout are left out.

    Raises:
        PlaceError: There is none, or more than one.
    """
    candidates = [session for session in sessions if session.metadata.get("repo")]
    attached = [session for session in candidates if session.attached]
    found = {session.cwd: session for session in attached or candidates}
    if not found:
        raise PlaceError("no session is in a checkout of a GitHub repository; start one there")
    if len(found) > 1:
        names = ", ".join(sorted(session.name for session in found.values()))
        raise PlaceError(f"several sessions may be meant: {names}; attach to the one")
    return next(iter(found.values()))
