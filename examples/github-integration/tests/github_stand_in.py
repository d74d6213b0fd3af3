"""GitHub on loopback: its REST API as far as the plugin asks it, and git's own server for what is pushed.

What is pushed arrives in a real bare repository by ``git http-backend``, the program that serves git over
HTTP: what git accepts here, and finds whole afterwards, is right.
"""

from __future__ import annotations

import base64
import subprocess
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from yesman.plugins.testing import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from yesman.plugins.testing import Request

REPO = "ada/app"
TOKEN = "t0ken"  # noqa: S105 - of nobody
ALONE = {
    "PATH": "/usr/bin:/bin",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C.UTF-8",
}
API = f"/repos/{REPO}"


def git(folder: Path, *words: str, **environ: str) -> str:
    """Run git in ``folder`` with nobody's configuration and return what it prints."""
    argv = ["git", "-c", "user.name=Grace", "-c", "user.email=grace@example.org", *words]
    env = {**ALONE, **environ}
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class GitHub:
    """The answers of github.com and api.github.com, for ``mock_external_api``.

    Attributes:
        folder: The bare repository ``ada/app``.
        pulls: The pull requests that were opened, by their branch.
        user: Whose token it is.
        before_push: Called when a push arrives.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"{REPO}.git"
        self.folder.mkdir(parents=True)
        self.pulls: dict[str, dict[str, Any]] = {}
        self.user: dict[str, Any] = {"login": "ada", "id": 7, "name": None, "email": None}
        self.before_push: Callable[[], object] = lambda: None
        git(self.folder, "init", "--quiet", "--bare", "--initial-branch=main")
        git(self.folder, "config", "http.receivepack", "true")

    def __call__(self, request: Request) -> Reply:
        if request.host == "github.com":
            return self._git(request)
        assert request.host == "api.github.com"
        if request.headers.get("authorization") != f"token {TOKEN}":
            return Reply({"message": "Bad credentials"}, 401)
        return self._api(request)

    def branches(self) -> dict[str, str]:
        """Return the branches that are there, with their ids."""
        rows = git(self.folder, "for-each-ref", "--format=%(refname:short) %(objectname)").splitlines()
        return dict(row.split() for row in rows)

    def _api(self, request: Request) -> Reply:
        match (request.method, request.path):
            case ("GET", "/user"):
                return Reply(self.user)
            case ("GET", path) if path == API:
                return Reply({"full_name": REPO, "url": f"https://api.github.com{API}"})
            case ("GET", path) if path == f"{API}/pulls":
                pull = self.pulls.get(request.query["head"].removeprefix("ada:"))
                return Reply([pull] if pull else [])
            case ("POST", path) if path == f"{API}/pulls":
                return self._open(request.json())
        return Reply({"message": "Not Found"}, 404)

    def _open(self, wanted: dict[str, Any]) -> Reply:
        for field in ("head", "base"):
            if wanted[field] not in self.branches():
                error = {"resource": "PullRequest", "field": field, "code": "invalid"}
                return Reply({"message": "Validation Failed", "errors": [error]}, 422)
        url = f"https://github.com/{REPO}/pull/{len(self.pulls) + 1}"
        made = self.pulls[wanted["head"]] = {"html_url": url, **wanted}
        return Reply(made, 201)

    def _git(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Basic {_encoded(f'x-access-token:{TOKEN}')}":
            return Reply("Invalid credentials", 401)
        if request.method == "POST":
            self.before_push()
        environ = {
            **ALONE,
            "GIT_PROJECT_ROOT": str(self.folder.parents[1]),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "ada",
            "PATH_INFO": request.path,
            "QUERY_STRING": urlencode(request.query),
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
        }
        argv = ["git", "http-backend"]
        done = subprocess.run(argv, env=environ, input=request.body, capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(BytesHeaderParser().parsebytes(head))
        return Reply(body, int(headers.pop("Status", "200").split()[0]), headers)


class Work:
    """The folder of a session, as the checkout that it seems to be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *words: str, **environ: str) -> str:
        """Run git there."""
        return git(self.folder, *words, **environ)

    def write(self, name: str, content: str | bytes = "text\n") -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str = "a commit", **files: str) -> str:
        """Commit files beside what is staged and return the commit's id."""
        for name, content in files.items():
            self.write(name, content)
            self.git("add", "--", name)
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.tip()

    def tip(self, name: str = "HEAD") -> str:
        """Return the id of a commit."""
        return self.git("rev-parse", name)

    def send(self, github: GitHub, branch: str) -> None:
        """Put a branch on GitHub beside the plugin, as ``git push`` would, and note that."""
        self.git("push", "--quiet", "--force", str(github.folder), f"HEAD:refs/heads/{branch}")
        self.git("update-ref", f"refs/remotes/origin/{branch}", "HEAD")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
