"""A registry's files, from a folder or over HTTP: streams of bytes, never more than asked for.

What always holds: a path is one of ours and stays below the base; nothing is followed elsewhere; nothing
that comes is believed here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yesman.model.errors import NotFoundError, RemoteError, VerificationError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import urllib3

    from yesman.trust.fetching import Fetch

PIECE: Final = 256 * 1024
CONNECT_SECONDS: Final = 10.0
SILENT_SECONDS: Final = 30.0
"""How long a registry may say nothing in the middle of a file."""
_SAFE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%-]*(?:/[A-Za-z0-9_][A-Za-z0-9._%-]*)*", re.ASCII)
_TRY_LATER: Final = "Check the address and your network, then try again"
_OK, _MISSING, _BUSY = 200, {403, 404, 410}, 429


def source(url: str) -> Fetch:
    """Return what gets the files of the registry at ``url`` (see ``registries.check_url``)."""
    return _folder(Path(url)) if url.startswith("/") else _http(url.rstrip("/"))


def _checked(path: str) -> str:
    if not _SAFE.fullmatch(path) or ".." in path:
        raise VerificationError(f"the registry names a file that can be none of its own: {shown(path, 100)}")
    return path


def _folder(base: Path) -> Fetch:
    def fetch(path: str, limit: int) -> Iterator[bytes]:
        try:
            with open(base / _checked(path), "rb", buffering=0, opener=_opener) as file:
                left = limit + 1
                while left > 0 and (piece := file.read(min(PIECE, left))):
                    left -= len(piece)
                    yield piece
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"the registry in {base} has no {path}") from None
        except OSError as error:
            raise RemoteError(f"{base / path} cannot be read: {error.strerror}") from error

    return fetch


def _opener(path: str, flags: int) -> int:
    """Open without waiting for whatever pretends to be a file."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)


def _http(base: str) -> Fetch:
    import urllib3  # noqa: PLC0415 - a folder needs none of it

    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENT_SECONDS)
    pool = urllib3.PoolManager(retries=False, timeout=timeout, headers={"Accept-Encoding": "identity"})

    def fetch(path: str, limit: int) -> Iterator[bytes]:
        url = f"{base}/{_checked(path)}"
        with explained(url):
            response = pool.request("GET", url, preload_content=False, redirect=False)
            try:
                _check_status(response, url)
                yield from _pieces(response.read, limit)
            finally:
                response.drain_conn() if response.status != _OK else response.close()

    return fetch


def _check_status(response: urllib3.BaseHTTPResponse, url: str) -> None:
    if response.status in _MISSING:
        raise NotFoundError(f"there is no {url}")
    if response.status == _BUSY:
        wait = re.fullmatch(r"[0-9]{1,5}", response.headers.get("Retry-After", ""))
        raise RemoteError(f"{url} is asked too often", f"Try again {f'in {wait[0]} s' if wait else 'later'}")
    if response.status != _OK:
        raise RemoteError(f"{url} answers with status {response.status}", _TRY_LATER)


def _pieces(read: Callable[[int], bytes], limit: int) -> Iterator[bytes]:
    left = limit + 1
    while left > 0 and (piece := read(min(PIECE, left))):
        left -= len(piece)
        yield piece


class explained:  # noqa: N801 - used like a function
    """Turns what goes wrong on the way into one sentence."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - it is there by now

        if isinstance(error, HTTPError | OSError):
            reason = shown(str(error), 200)
            raise RemoteError(f"{self._url} cannot be got: {reason}", _TRY_LATER) from error
