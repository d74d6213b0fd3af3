"""A registry in a folder, as its operator keeps it, and authors who publish there."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from yesman.package.packing import pack
from yesman.package.unpacking import read_package
from yesman.trust.author_keys import first, successor
from yesman.trust.ceremony import Ceremony
from yesman.trust.ed25519 import SigningKey
from yesman.trust.founding import Shape, found
from yesman.trust.index import Claim, PluginIndex, PublisherKey, Release, Revocation, Revocations
from yesman.trust.keys import KeyFolder
from yesman.trust.repository import Repository
from yesman.trust.signed import sign
from yesman.trust.statement import Facts
from yesman.trust.storage import FolderStorage

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Shape(root_keys=1, threshold=1, bin_bits=2)


def moment(ago: timedelta = timedelta(0)) -> str:
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


class Author:
    """Somebody with a key, which may be replaced.

    Attributes:
        keys: The public ones, oldest first.
    """

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self.key = SigningKey(bytes([seed]) * 32)
        self.keys = (first(self.key, moment()),)

    def rotate(self) -> None:
        self._seed += 100
        new = SigningKey(bytes([self._seed]) * 32)
        self.keys = (*self.keys, successor(self.key, new, moment()))
        self.key = new


class Shop:
    """A registry.

    Args:
        folder: For the registry's files, ``files``, and its keys.
        ago: How long ago everything there happens.

    Attributes:
        files: What clients read.
        root: The root file, as an operator hands it out.
        indexes: What is published, by name.
    """

    def __init__(self, folder: Path, ago: timedelta = timedelta(0)) -> None:
        self.files = folder / "files"
        self._offline, self.online = KeyFolder(folder / "offline"), KeyFolder(folder / "online")
        self.storage = FolderStorage(self.files)
        now = datetime.now(UTC) - ago
        self.root = folder / "root.json"
        self.root.write_bytes(found(self.storage, self._offline, self.online, now, SMALL))
        self.repository = Repository(
            self.storage, self.online, self.root.read_bytes(), lambda: datetime.now(UTC) - ago
        )
        self.indexes: dict[str, PluginIndex] = {}
        self._revoked: tuple[Revocation, ...] = ()

    def release(self, folder: Path, author: Author, **changes: Any) -> Release:
        """Put the package of ``folder`` and its signature to the files; return what the index would say."""
        file = self.files / "packages" / "draft"
        file.parent.mkdir(exist_ok=True)
        pack(folder, file)
        package = read_package(file)
        envelope = sign(Facts.of(package), author.key)
        target = file.with_name(f"{package.sha256}.yplug")
        length = file.stat().st_size
        file.rename(target)
        signed = hashlib.sha256(envelope).hexdigest()
        target.with_name(f"{signed}.dsse").write_bytes(envelope)
        manifest = package.manifest
        fields: dict[str, Any] = {
            "version": manifest.version,
            "length": length,
            "sha256": package.sha256,
            "content": package.digest,
            "envelope": signed,
            "signer": author.key.keyid,
            "published": moment(timedelta(days=3)),
            "permissions": tuple(map(str, manifest.permissions)),
            "dependencies": manifest.dependencies,
            "description": manifest.description,
            "type": manifest.type,
        }
        return Release(**(fields | changes))

    def publish(self, folder: Path, author: Author, **changes: Any) -> Release:
        """Publish the plugin in ``folder``; ``changes`` are what the index says otherwise."""
        release = self.release(folder, author, **changes)
        name = read_package(self.package(release)).manifest.name
        self.put(name, author.keys, release)
        return release

    def put(self, name: str, keys: tuple[PublisherKey, ...], *releases: Release) -> None:
        """Make the index of ``name`` say so, with what was published before."""
        before = self.indexes[name].releases if name in self.indexes else ()
        index = PluginIndex(name=name, publisher="somebody", keys=keys, releases=(*before, *releases))
        self.repository.publish(index)
        self.indexes[name] = index

    def package(self, release: Release) -> Path:
        """Return where the package of ``release`` is."""
        return self.files / "packages" / f"{release.sha256}.yplug"

    def envelope(self, release: Release) -> Path:
        """Return where its author's signature is."""
        return self.files / "packages" / f"{release.envelope}.dsse"

    def claim(self, name: str, author: Author) -> None:
        """Say with the offline keys whose the name is."""
        claim = Claim(name=name, keys=(author.keys[0].keyid,), since=moment())
        Ceremony(self.storage, self._offline, self.root.read_bytes(), datetime.now(UTC)).claim(claim)
        self.repository.refresh()

    def revoke(self, plugin: str, reason: str, **more: Any) -> None:
        """Revoke a plugin, for good unless said otherwise."""
        fields = {"severity": "hard"} | more
        self._revoked += (Revocation(plugin=plugin, reason=reason, since=moment(), **fields),)
        self.repository.revoke(Revocations(self._revoked))

    def forgive(self) -> None:
        """Withdraw every revocation."""
        self._revoked = ()
        self.repository.revoke(Revocations())
