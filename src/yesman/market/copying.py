"""Copies a registry to a folder: nothing is written there that was not verified as a client would.

What always holds: of the registry's files what is copied is the very bytes that were verified, against the
root that the user has seen; a file that is there already is verified again before it is used. The
timestamp is not written here (``market.mirrors``).
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yesman
from yesman import durable
from yesman.market.choosing import choose, revoked
from yesman.market.fetching import fetch_release, package_path
from yesman.market.mirrors import TIMESTAMP, WHEELS, Mirrored, check_place
from yesman.market.opening import age_of, opened
from yesman.market.questions import PARTIAL
from yesman.model.errors import NotFoundError, VerificationError, YesmanError
from yesman.model.plain_text import shown
from yesman.package.staging import sweep
from yesman.package.unpacking import read_package
from yesman.trust.client import locked
from yesman.trust.offline import OfflineRegistry
from yesman.trust.pruning import prune
from yesman.trust.storage import FolderStorage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.market.questions import Mirror
    from yesman.trust.fetching import Fetch
    from yesman.trust.index import PluginIndex, Release, Revocations

PACKAGES: Final = "packages"


def mirrored(asked: Mirror, fetch: Fetch) -> Mirrored:
    """Copy what is asked for; see :class:`yesman.market.questions.Mirror`.

    Raises:
        UsageError: The folder is something else.
        NotFoundError: There is no such plugin, or no such release.
        YesmanError: The registry cannot be reached, or cannot be believed.
    """
    to, root = Path(asked.to), Path(asked.root).read_bytes()
    least = opened(asked, fetch).moment.version  # what was held back or rolled back ends here
    check_place(to, asked.url, root)
    with locked(to):
        _sweep(to)
        try:
            return _Copying(asked, fetch, root, least, reuse=True).all()
        except VerificationError:  # it may be what lies in the folder
            return _Copying(asked, fetch, root, least, reuse=False).all()


class _Copy:
    """Gives a registry's files, of which those that nobody has refused are kept.

    Args:
        fetch: Gets them.
        to: The folder for the copy.
        reuse: Whether what is there already need not be got again.

    Attributes:
        timestamp: The one that came.
    """

    def __init__(self, fetch: Fetch, to: Path, *, reuse: bool) -> None:
        self._fetch, self._storage, self._reuse = fetch, FolderStorage(to), reuse
        self._pending: dict[str, bytes] = {}
        self.timestamp = b""

    def __call__(self, path: str, limit: int) -> Iterable[bytes]:
        """Return a file; see :class:`yesman.trust.fetching.Fetch`."""
        if path.endswith(".yplug"):  # these are kept by who fetches them
            return self._fetch(path, limit)
        if self._reuse and path != TIMESTAMP and (there := self._storage.read(path, limit)):
            return (there.content,)
        content = bytearray()
        for piece in self._fetch(path, limit):
            content += piece
            if len(content) > limit:
                return (bytes(content),)  # which is refused
        self._pending[path] = bytes(content)
        return (bytes(content),)

    def keep(self) -> None:
        """Write what came since the last time: it was verified."""
        self.timestamp = self._pending.pop(TIMESTAMP, self.timestamp)
        for path, content in self._pending.items():
            if not self._storage.create(path, content) and not self._reuse:
                self._storage.remove(path)
                self._storage.create(path, content)
        self.drop()

    def drop(self) -> None:
        """Forget what came since the last time."""
        self._pending.clear()


class _Copying:
    """One attempt to copy it all."""

    def __init__(self, asked: Mirror, fetch: Fetch, root: bytes, least: int, *, reuse: bool) -> None:
        self._asked, self._to = asked, Path(asked.to)
        self._reuse, self._copy = reuse, _Copy(fetch, self._to, reuse=reuse)
        longest = timedelta(days=asked.longest_age) if asked.longest_age else None
        self._registry = OfflineRegistry(
            self._copy, root, datetime.now(UTC), longest_age=longest, least_version=least
        )
        self._revocations: Revocations = self._registry.revocations()
        self._copy.keep()
        self._done: dict[str, tuple[str, ...]] = {}
        self._left_out: dict[str, str] = {}
        self._packages = self._bytes = self._new = 0

    def all(self) -> Mirrored:
        """Copy what is asked for."""
        if self._asked.plugins:
            for named in self._asked.plugins:
                name, _, version = named.partition("==")
                self._releases(*self._plugin(name), version)
        else:
            for name in self._registry.names():
                index, owners = self._plugin(name)
                try:
                    self._releases(index, owners, "")
                except YesmanError as error:  # one bad package must not keep all others here
                    if self._reuse and isinstance(error, VerificationError):
                        raise  # what lies here may be the bad one
                    self._copy.drop()
                    self._left_out[name] = error.message
        return Mirrored(
            timestamp=self._copy.timestamp,
            plugins=self._done,
            left_out=self._left_out,
            metadata=age_of(self._registry),
            packages=self._packages,
            package_bytes=self._bytes,
            new=self._new,
        )

    def _plugin(self, name: str) -> tuple[PluginIndex, tuple[str, ...]]:
        """Copy what the registry says of a plugin; return that, and whose it is."""
        index = self._registry.index_of(name)
        if index is None or not index.releases:
            raise NotFoundError(f"the registry has no plugin '{shown(name, 60)}'", "Check the name")
        claim = self._registry.claims_of(name)
        self._copy.keep()
        return index, claim.keys if claim else ()

    def _releases(self, index: PluginIndex, owners: tuple[str, ...], version: str) -> None:
        for release in self._wanted(index, version):
            self._release(index, release, owners)
            self._done[index.name] = (*self._done.get(index.name, ()), release.version)

    def _wanted(self, index: PluginIndex, version: str) -> tuple[Release, ...]:
        if not self._asked.every or version:
            return (choose(index, version, self._revocations, yesman.__version__),)
        return tuple(r for r in index.releases if not revoked(self._revocations, index.name, r, "hard"))

    def _release(self, index: PluginIndex, release: Release, owners: tuple[str, ...]) -> None:
        packages = self._to / PACKAGES
        path = package_path(packages, release.sha256)
        there = path.exists()
        try:
            fetch_release(self._copy, packages, index, release, owners, "")
        except YesmanError:
            if not there:
                raise
            path.unlink()  # a damaged one, perhaps
            fetch_release(self._copy, packages, index, release, owners, "")
        self._copy.keep()
        with durable.explained(path):
            path.chmod(0o644)
        self._packages += 1
        self._bytes += release.length
        self._new += not there
        if lock := read_package(path).lock:
            kept = Path(self._asked.locks) / f"{hashlib.sha256(lock.encode()).hexdigest()}.txt"
            kept.write_text(lock, "ascii")


def _sweep(to: Path) -> None:
    """Remove what killed runs have left half-written, and metadata that no client can need any more."""
    with durable.explained(to):
        (to / PACKAGES).mkdir(exist_ok=True)  # for a file server to read, which the client's own is not
        sweep(to / PACKAGES)
        for left in (to / WHEELS).glob(f"*.{PARTIAL}"):
            left.unlink(missing_ok=True)
    with suppress(VerificationError):  # a damaged one, which is replaced if it is needed
        prune(FolderStorage(to), datetime.now(UTC))
