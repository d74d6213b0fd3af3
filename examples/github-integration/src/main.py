"""The plugin: two commands, two hooks and a provider around one account at GitHub."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.plugins import IntegrationPlugin, IProvider, PluginCommand

from .checkout import CheckoutError, open_checkout
from .hub import GitHubError, Hub
from .notebook import Notebook
from .place import Place, PlaceError, place_of
from .provider import GitHubProvider
from .pushing import Remote
from .syncing import compare, push

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins import Event

PULL_REQUEST = "github.pull_request"
"""The key in a session's metadata; "" when there is none any more."""


class GitHubIntegrationPlugin(IntegrationPlugin):
    """GitHub for the session you are in."""

    async def initialize(self) -> None:
        """Take the token; GitHub is not asked before there is something to ask."""
        token = self.context.config["github_token"]
        self._hub = Hub(token)
        self._notebook = Notebook(Path(self.context.data_dir, "sessions.json"))
        self._remote = partial(Remote, token=token)

    async def cleanup(self) -> None:
        """End connections."""
        self._hub.close()

    def get_commands(self) -> list[PluginCommand]:
        """Return both commands."""
        creating: list[dict[str, Any]] = [
            {"name": "--title", "required": True, "help": "One line."},
            {"name": "--body", "required": True, "help": "What it is about, in Markdown."},
            {"name": "--base", "help": "The branch to merge into; else the setting default_branch."},
        ]
        dry = {"name": "--dry-run", "is_flag": True, "help": "Only tell where both sides stand."}
        return [
            PluginCommand("gh-create-pr", "Create GitHub PR from current session", self.create_pr, creating),
            PluginCommand("gh-sync", "Sync session with GitHub repository", self.sync, [dry]),
        ]

    def get_hooks(self) -> dict[str, Callable[[Event], None]]:
        """Return both hooks."""
        return {"session.created": self.on_session_created, "session.closed": self.on_session_closed}

    def get_providers(self) -> dict[str, IProvider]:
        """Return the one provider."""
        sessions = self.context.session_manager
        return {"github": GitHubProvider(sessions, self._hub, self._remote, self.logger)}

    def create_pr(self, title: str, body: str, base: str | None = None) -> dict[str, Any]:
        """Open a pull request for the session's branch, which must be on GitHub.

        Returns:
            ``{"success": True, "pr_url"}``.
        """
        place = self._current()
        base = base or self.context.config["default_branch"]
        url = self._hub.create_pull(place.repo, title=title, body=body, base=base, head=place.branch)
        self._note(place, url)
        self.logger.info("created %s", url)
        print(url)  # noqa: T201 - a command's output is its own
        return {"success": True, "pr_url": url}

    def sync(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Push what GitHub does not have of the session's branch, and look for its pull request.

        Returns:
            ``{"success": True, "repo", "branch", "state", "commits", "pushed", "pr_url"}``: ``state`` is how
            the branch stood to GitHub's before (``src.syncing.State``), ``commits`` how many it lacked.
        """
        place = self._current()
        remote = self._remote(place.repo)
        with open_checkout(place.folder) as checkout:
            if dry_run:
                found = compare(checkout, place.branch, remote.references())
            else:
                found = push(checkout, place.branch, remote)
        url = self._hub.open_pull(place.repo, place.branch)
        self._note(place, url)
        pushed = bool(not dry_run and found.state != "same")
        many = f"{len(found.commits)} commit{'' if len(found.commits) == 1 else 's'}"
        print(f"{place.repo} {place.branch}: {found.state}, {many}{' pushed' if pushed else ''}")  # noqa: T201 - likewise
        return {
            "success": True,
            "repo": place.repo,
            "branch": place.branch,
            "state": str(found.state),
            "commits": len(found.commits),
            "pushed": pushed,
            "pr_url": url,
        }

    def on_session_created(self, event: Event) -> None:
        """Note the open pull request of the session's branch in its metadata."""
        try:
            place = place_of(self.context.session_manager.get_session(event.session or ""))
            with open_checkout(place.folder):  # of GitHub: none else's name and branches are told there
                self._notebook.put(place)
            self._note(place, self._hub.open_pull(place.repo, place.branch))
        except (PlaceError, CheckoutError, LookupError) as error:
            self.logger.debug("%s: %s", event.session, error)  # most sessions are none of this plugin's
        except GitHubError as error:
            self.logger.warning("%s: %s", event.session, error)

    def on_session_closed(self, event: Event) -> None:
        """Tell the user what a closed session leaves: a pull request, or commits that are not on GitHub."""
        note = self._notebook.take(event.payload.get("id", ""))
        if note is None:
            return
        try:
            url = self._hub.open_pull(note.repo, note.branch)
        except GitHubError as error:
            self.logger.warning("%s: %s", event.session, error)
            url = None
        left = [f"The pull request is open: {url}"] if url else []
        left += self._unpushed(Path(event.payload.get("cwd", "")), note.branch)
        if left:
            self.context.notifications.send(f"{event.session} is closed: {note.branch}", "\n".join(left))

    def _unpushed(self, folder: Path, branch: str) -> list[str]:
        """Say which commits the remote does not have; nothing where the folder is out of reach by now."""
        try:
            with open_checkout(folder) as checkout:
                commits = checkout.unpushed(branch)
        except CheckoutError as error:
            self.logger.debug("%s: %s", folder, error)
            return []
        many = f"{len(commits)} commit{'' if len(commits) == 1 else 's'}"
        return [f"{many} not on GitHub, the last one: {str(commits[0].summary)[:200]}"] if commits else []

    def _current(self) -> Place:
        """Return where a command is run, and write that down."""
        place = place_of(self.context.session_manager.get_current_session())
        self._notebook.put(place)
        return place

    def _note(self, place: Place, url: str | None) -> None:
        """Keep a pull request's URL where other plugins see it: no reason to fail, whatever comes of that."""
        sessions = self.context.session_manager
        try:
            if sessions.get_session(place.session).metadata.get(PULL_REQUEST, "") != (url or ""):
                sessions.set_metadata(place.session, PULL_REQUEST, url or "")
        except (PermissionError, LookupError) as error:
            self.logger.warning("%s: %s", place.session, error)
