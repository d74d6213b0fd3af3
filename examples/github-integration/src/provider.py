"""Version control at GitHub, for other plugins: the repository that a session works in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from git import Actor

from yesman.plugins import IVersionControlProvider

from .checkout import open_checkout
from .place import chosen, place_of
from .syncing import push

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from yesman.plugins import SessionManager

    from .hub import Hub
    from .place import Place
    from .pushing import Remote


class GitHubProvider(IVersionControlProvider):
    """The repository of the one session that is meant (:func:`src.place.chosen`), looked for at each call.

    Args:
        sessions: Where it is found.
        hub: GitHub.
        remote: Makes what pushes to a repository.
        logger: Hears what was done.
    """

    def __init__(
        self, sessions: SessionManager, hub: Hub, remote: Callable[[str], Remote], logger: logging.Logger
    ) -> None:
        self._sessions = sessions
        self._hub = hub
        self._remote = remote
        self._logger = logger

    async def connect(self) -> None:
        """Make sure that GitHub accepts the token; raise GitHubError if not."""
        self._hub.account()

    async def disconnect(self) -> None:
        """Do nothing: connections are the plugin's."""

    async def create_branch(self, name: str) -> None:
        """Make a branch from the current commit, here, and go on with it."""
        with open_checkout(self._place().folder) as checkout:
            checkout.create_branch(name)
        self._logger.info("made the branch %s", name)

    async def commit(self, message: str, files: list[str]) -> str:
        """Commit the named files, paths below the repository's folder, and return the commit's id.

        It is by whom the repository's own configuration names, else by the token's owner.
        """
        with open_checkout(self._place().folder) as checkout:
            author = Actor(*(checkout.identity or self._hub.account()))
            made = checkout.commit(message, files, author)
        self._logger.info("committed %s", made)
        return made

    async def push(self, branch: str) -> None:
        """Send a branch to GitHub; never overwrites what others have pushed."""
        place = self._place()
        with open_checkout(place.folder) as checkout:
            push(checkout, branch, self._remote(place.repo))
        self._logger.info("pushed %s to %s", branch, place.repo)

    async def create_pull_request(self, title: str, body: str, base: str, head: str) -> str:
        """Open a pull request and return its URL."""
        return self._hub.create_pull(self._place().repo, title=title, body=body, base=base, head=head)

    def _place(self) -> Place:
        return place_of(chosen(self._sessions.list_sessions()))
