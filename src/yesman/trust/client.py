"""A registry over the network: refreshed by The Update Framework's client from a root the user has seen.

What always holds: trust starts at the pinned root and nowhere else, so the folder of metadata may be
lost or half-written at any instant and costs a download; versions that were seen are never gone back
from; one process at a time uses the folder.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from yesman.model.errors import PlatformError
from yesman.trust.chain import content_of
from yesman.trust.documents import first_root, too_many_roots
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched
from yesman.trust.limits import LIMITS
from yesman.trust.registry import Moment, Registry, made_at
from yesman.trust.roles import MADE, TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yesman.trust.fetching import Fetch

LONGEST_WAIT: Final = 60.0
"""Seconds to wait for another process that is asking the same registry."""
_PAUSE: Final = 0.05
_NOT_FOUND: Final = 404


class RegistryClient(Registry):
    """One registry, as it was at the last :meth:`refresh`; whoever lives longer than an hour refreshes again.

    Args:
        folder: For its metadata, ours alone; made if need be.
        root: The root file that the user has seen.
        fetch: Gets the registry's files; called in the thread that asks.

    Attributes:
        received: Bytes that came from the registry.
    """

    def __init__(self, folder: Path, root: bytes, fetch: Fetch) -> None:
        self._folder, self._root, self._fetch = folder, root, fetch
        self._fetched = Fetched(fetch)
        self._updater: Updater | None = None
        self.received = 0

    def refresh(self) -> None:
        """Learn the registry's present state.

        Raises:
            VerificationError: What it says is not signed as it must be, older than what it said before, or
                expired; the sentence says which. What was known before is used no further.
            RemoteError: It cannot be reached.
            PlatformError: The folder cannot be used, or another process has used it for a minute.
        """
        self._updater = None
        self._fetched = Fetched(self._fetch)
        with self._using():
            self._sweep()
            updater = Updater(
                str(self._folder),
                "metadata/",
                fetcher=_Bounded(self._fetched),
                config=_config(),
                bootstrap=self._root,
            )
            updater.refresh()
            self._check_roots()
        self._updater = updater

    @property
    def moment(self) -> Moment:
        """Of when the state is that the last :meth:`refresh` found, whose timestamp lies in our folder."""
        with self._using():
            data = (self._folder / f"{TIMESTAMP}.json").read_bytes()
            stamp = Metadata[Timestamp].from_bytes(data).signed
            made = made_at(str(stamp.unrecognized_fields.get(MADE, "")))
        return Moment(made, stamp.expires, stamp.version)

    def target(self, path: str, limit: int) -> bytes | None:
        """Return a target's bytes as of the last :meth:`refresh`, which is made if there was none."""
        if self._updater is None:
            self.refresh()
        updater = self._updater
        assert updater is not None, "refresh sets it or raises"  # noqa: S101 - for the type checker
        with self._using():
            found = updater.get_targetinfo(path)
            return None if found is None else content_of(found, self._fetched, limit)

    @contextmanager
    def _using(self) -> Iterator[None]:
        before = self._fetched.received
        try:
            with explained(self._fetched, self._folder), locked(self._folder):
                yield
        finally:
            self.received += self._fetched.received - before
            self._fetched.forget()

    def _sweep(self) -> None:
        """Remove the temporary files that the updater of a killed process has left."""
        for left in self._folder.glob("tmp*"):
            left.unlink(missing_ok=True)

    def _check_roots(self) -> None:
        """Refuse a chain of roots of which the end was not seen: the client stops there without a word."""
        last = first_root(self._root).version + LIMITS.roots
        if (self._folder / "root_history" / f"{last}.root.json").exists():
            raise too_many_roots()


class _Bounded(FetcherInterface):
    """Gives the client files within its limits, in memory."""

    def __init__(self, fetched: Fetched) -> None:
        self._fetched = fetched

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Return the file at ``url``, which is a path because the base is one."""
        data = self._fetched(url, max_length)
        if data is None:
            raise DownloadHTTPError(f"{url} is missing", _NOT_FOUND)
        return data

    def _fetch(self, url: str) -> Iterator[bytes]:
        raise NotImplementedError(f"{url} has no limit")  # targets are not got this way


def _config() -> UpdaterConfig:
    return UpdaterConfig(
        max_root_rotations=LIMITS.roots,
        max_delegations=4,
        root_max_length=LIMITS.root_bytes,
        timestamp_max_length=LIMITS.timestamp_bytes,
        snapshot_max_length=LIMITS.snapshot_bytes,
        targets_max_length=LIMITS.targets_bytes,
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of ``folder``; the kernel lets go of the lock when this one dies.

    Raises:
        PlatformError: Another one has used it for a minute.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + LONGEST_WAIT
        while not _taken(descriptor):
            if time.monotonic() > until:
                raise PlatformError(
                    f"another process has been asking the registry for {LONGEST_WAIT:.0f} s", "Try again"
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
