"""GitHub's REST API, by PyGithub: what this plugin asks of it, and its refusals in words.

What always holds: a request waits for an answer once, and is not repeated, since hooks have seconds and a
person can ask again; the token goes to api.github.com and nowhere else.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from github import (
    Auth,
    BadCredentialsException,
    Github,
    GithubException,
    RateLimitExceededException,
    UnknownObjectException,
)
from requests import RequestException

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 4
"""For each answer; a hook has five."""
NEW_TOKEN = "set another with 'yesman plugin config github-integration github_token'"  # noqa: S105 - a command


class GitHubError(Exception):
    """GitHub did not do it; the message says why, in one sentence."""


class Hub:
    """GitHub, as the owner of a token sees it.

    Args:
        token: A personal access token.
    """

    def __init__(self, token: str) -> None:
        self._github = Github(auth=Auth.Token(token), timeout=SECONDS, retry=None)

    def create_pull(self, repo: str, *, title: str, body: str, base: str, head: str) -> str:
        """Open a pull request and return its URL.

        Args:
            repo: ``owner/name``.
            title: One line.
            body: Markdown.
            base: The branch to merge into.
            head: The branch to merge; it must be on GitHub.

        Raises:
            GitHubError: GitHub refuses, or cannot be reached.
        """
        with _explained(repo):
            made = self._github.get_repo(repo).create_pull(title=title, body=body, base=base, head=head)
            return made.html_url

    def open_pull(self, repo: str, branch: str) -> str | None:
        """Return the URL of the open pull request of a branch of ``repo`` itself, if there is one.

        Raises:
            GitHubError: GitHub refuses, or cannot be reached.
        """
        owner = repo.partition("/")[0]
        with _explained(repo):
            pulls = self._github.get_repo(repo, lazy=True).get_pulls(state="open", head=f"{owner}:{branch}")
            return next((pull.html_url for pull in pulls), None)

    def account(self) -> tuple[str, str]:
        """Return name and address of the token's owner: the public one, or the one that GitHub forwards for.

        Raises:
            GitHubError: The token is not accepted, or GitHub cannot be reached.
        """
        with _explained("the account"):
            user = self._github.get_user()
            return user.name or user.login, user.email or f"{user.id}+{user.login}@users.noreply.github.com"

    def close(self) -> None:
        """End its connections."""
        self._github.close()


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Raise a GitHubError for whatever goes wrong with ``what``.

    The cause stays attached: the host finds in it that a permission is missing, and says so instead.
    """
    try:
        yield
    except BadCredentialsException as error:
        raise GitHubError(f"GitHub does not accept the token; {NEW_TOKEN}") from error
    except RateLimitExceededException as error:
        raise GitHubError("GitHub takes no more requests with this token for now; try again later") from error
    except UnknownObjectException as error:
        raise GitHubError(f"GitHub shows {what} to nobody with this token; {NEW_TOKEN}") from error
    except GithubException as error:
        raise GitHubError(f"GitHub refuses: {_reasons(error)}") from error
    except RequestException as error:
        raise GitHubError(f"GitHub cannot be reached: {type(error).__name__}") from error


def _reasons(error: GithubException) -> str:
    """Return what GitHub says, on one line: the message, and what stands in ``errors`` below it."""
    data = error.data if isinstance(error.data, dict) else {}
    below = data.get("errors")
    rows = below if isinstance(below, list) else []
    told = [
        row.get("message") or f"{row.get('field')} is {row.get('code')}"
        for row in rows
        if isinstance(row, dict)
    ]
    return (
        ": ".join(str(part) for part in (data.get("message"), "; ".join(told)) if part)
        or f"status {error.status}"
    )
