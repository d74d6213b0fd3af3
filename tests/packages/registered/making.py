"""A registry with its keys, its clients, and whoever stands between them."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from registered.memory import MemoryStorage
from yesman.model.errors import NotFoundError
from yesman.trust.ceremony import Ceremony
from yesman.trust.client import RegistryClient
from yesman.trust.founding import Shape, found
from yesman.trust.index import Claim, PluginIndex, PublisherKey, Release, keyid_of
from yesman.trust.keys import KeyFolder
from yesman.trust.repository import Repository
from yesman.trust.roles import index_target, stored_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yesman.trust.storage import Storage

NOW = datetime.now(UTC).replace(microsecond=0)
SMALL = Shape(root_keys=3, threshold=2, bin_bits=2)
DATE = "2026-01-31T12:00:00Z"
PUBLIC = base64.b64encode(bytes(range(32))).decode()


def release(version: str = "1.0", **changes: object) -> Release:
    fields = {
        "version": version,
        "length": 1000,
        "sha256": "a" * 64,
        "content": f"sha256:{'b' * 64}",
        "envelope": "c" * 64,
        "signer": keyid_of(PUBLIC),
        "published": DATE,
    }
    return Release(**(fields | changes))


def index(name: str = "diary", *versions: str) -> PluginIndex:
    key = PublisherKey(keyid=keyid_of(PUBLIC), public=PUBLIC, since=DATE)
    releases = tuple(map(release, versions or ("1.0",)))
    return PluginIndex(name=name, publisher="somebody", keys=(key,), releases=releases)


def claim(name: str = "diary") -> Claim:
    return Claim(name=name, keys=(keyid_of(PUBLIC),), since=DATE)


class Mirror:
    """Gives a storage's files, or something else.

    Attributes:
        storage: Where the files are.
        instead: What it gives in their place, by path; None: nothing.
        asked: Every path it was asked for.
    """

    def __init__(self, storage: MemoryStorage) -> None:
        self.storage = storage
        self.instead: dict[str, bytes | None] = {}
        self.asked: list[str] = []

    def __call__(self, path: str, limit: int) -> Iterator[bytes]:
        self.asked.append(path)
        content = self.instead.get(path, self.storage.files.get(path))
        assert limit > 0
        if content is None:
            raise NotFoundError(f"there is no {path}")
        yield content


class Operator:
    """Who runs a registry, with all its keys.

    Args:
        folder: For keys, and what clients keep.
        made: When the registry is made; it goes on from there by ``now``.
        storage: Where; in memory unless given.
    """

    def __init__(self, folder: Path, made: datetime = NOW, storage: Storage | None = None) -> None:
        self.folder, self.now = folder, made
        self.offline, self.online = KeyFolder(folder / "offline"), KeyFolder(folder / "online")
        self.memory = MemoryStorage()
        self.storage = storage or self.memory
        self.root = found(self.storage, self.offline, self.online, made, SMALL)
        self.mirror = Mirror(self.memory)
        self.repository = self.writer(self.online)

    def writer(self, keys: KeyFolder, storage: Storage | None = None) -> Repository:
        return Repository(storage or self.storage, keys, self.root, lambda: self.now)

    def ceremony(self) -> Ceremony:
        return Ceremony(self.storage, self.offline, self.root, self.now)

    def client(self, name: str = "client") -> RegistryClient:
        return RegistryClient(self.folder / name, self.root, self.mirror)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def stolen(self) -> KeyFolder:
        """A thief's copy of the online keys."""
        return KeyFolder(shutil.copytree(self.online.path, self.folder / "stolen", dirs_exist_ok=True))

    def present(self, role: str) -> str:
        """The path of a role's metadata that counts now."""
        return f"metadata/{self.version(role)}.{role}.json"

    def version(self, role: str) -> int:
        timestamp = self.signed("metadata/timestamp.json")
        number = timestamp["meta"]["snapshot.json"]["version"]
        if role == "snapshot":
            return number
        return self.signed(f"metadata/{number}.snapshot.json")["meta"][f"{role}.json"]["version"]

    def signed(self, path: str) -> dict:
        return json.loads(self.memory.files[path])["signed"]

    def target(self, role: str, path: str) -> str:
        """Where the present content of a target lies."""
        return stored_target(path, self.signed(self.present(role))["targets"][path]["hashes"]["sha256"])

    def index_path(self, name: str = "diary") -> str:
        """Where the present index of a plugin lies."""
        return self.target(bin_of(name), index_target(name))


def bin_of(name: str) -> str:
    """Which of the four bins a plugin is in."""
    return f"bin-{int(hashlib.sha256(index_target(name).encode()).hexdigest()[0], 16) >> 2}"
