"""Pushing to github.com over HTTPS, as git does it, in Python: no git is run, and commits keep their ids.

What always holds: nothing is overwritten, as the server moves the branch only from where the caller saw it;
the token goes to github.com and is carried on to no other address.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from http.client import HTTPException
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .hub import NEW_TOKEN, GitHubError
from .lines import AGENT, NOTHING, TalkError, change, read_references, read_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPMessage

SECONDS = 60
"""For each answer, and each part of a pack on its way."""
MOST_ANSWER = 16 << 20
"""Bytes of an answer: those of some 200 000 references."""
MISSING = (401, 403, 404)
"""What GitHub answers about repositories that a token may not write to; which of them depends."""


class Remote:
    """The repository ``owner/name`` at github.com, to be pushed to.

    Args:
        repo: ``owner/name``.
        token: A personal access token.
    """

    def __init__(self, repo: str, token: str) -> None:
        self._repo = repo
        self._url = f"https://github.com/{repo}.git"
        proof = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {proof}", "User-Agent": AGENT}
        self._opener = build_opener(_NoRedirect)

    def references(self) -> dict[str, str]:
        """Return the ids of its references by their full names.

        Raises:
            GitHubError: The token may not write to it, or GitHub cannot be reached.
        """
        with self._explained():
            return read_references(self._ask("info/refs?service=git-receive-pack"))

    def push(self, reference: str, old: str | None, new: str, pack: Callable[[IO[bytes]], None]) -> None:
        """Send a pack and move a reference.

        Args:
            reference: Its full name.
            old: The id that it has now; None to make it.
            new: The id that it shall have.
            pack: Writes what that commit needs and the repository does not have.

        Raises:
            GitHubError: GitHub refuses, as when somebody has moved it meanwhile, or cannot be reached.
        """
        with TemporaryFile() as body:
            body.write(change(reference, old or NOTHING, new))
            pack(body)
            with self._explained():
                refused = read_report(self._ask("git-receive-pack", body), reference)
        if refused is not None:
            raise GitHubError(f"GitHub does not accept {reference.removeprefix('refs/heads/')}: {refused}")

    def _ask(self, what: str, body: IO[bytes] | None = None) -> bytes:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/x-git-receive-pack-request"
            headers["Content-Length"] = str(body.tell())
            body.seek(0)
        request = Request(f"{self._url}/{what}", body, headers)  # noqa: S310 - always https
        with self._opener.open(request, timeout=SECONDS) as answer:
            data: bytes = answer.read(MOST_ANSWER + 1)
        if len(data) > MOST_ANSWER:
            raise TalkError("the answer is too long")
        return data

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except HTTPError as error:
            error.close()
            if error.code in MISSING:
                raise GitHubError(f"this token may not write to {self._repo}; {NEW_TOKEN}") from error
            if error.code in range(300, 400):
                raise GitHubError(f"{self._repo} has moved; give the remote 'origin' its new URL") from error
            raise GitHubError(f"GitHub answers {error.code} about {self._repo}") from error
        except (URLError, HTTPException, OSError) as error:
            raise GitHubError("GitHub cannot be reached") from error
        except TalkError as error:
            raise GitHubError(f"github.com answers as no git server does: {error}") from error


class _NoRedirect(HTTPRedirectHandler):
    """Goes nowhere else: the token is for github.com alone."""

    def redirect_request(  # noqa: PLR0917 - the signature of the base class
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Refuse."""
