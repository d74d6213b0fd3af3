"""A registry's signed metadata at 100 000 plugins: what publishing costs, what a client gets and verifies.

The bins are made directly: 100 000 entries with invented digests, one plugin that is really there.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from tuf.api.metadata import TargetFile

from benchmarks.lab import KEPT_HOMES
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import in_turns, timed
from yesman.trust.client import RegistryClient
from yesman.trust.founding import found
from yesman.trust.index import PluginIndex, PublisherKey, Release, keyid_of
from yesman.trust.keys import KeyFolder
from yesman.trust.offline import OfflineRegistry
from yesman.trust.repository import Repository
from yesman.trust.roles import index_target
from yesman.trust.storage import FolderStorage, fetch_from

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.lab import Lab

MANY = 100_000
NAME = "benchmarked"
RELEASES = 10
DATE = "2026-01-01T00:00:00Z"
SOURCE = "issue 6; marketplace: trust"


@dataclass(frozen=True)
class Place:
    """A registry in a folder."""

    folder: Path
    root: bytes
    storage: FolderStorage
    repository: Repository

    def client(self, name: str) -> RegistryClient:
        """Return a client that has never seen it."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return RegistryClient(self.folder / name, self.root, fetch_from(self.storage))


def index(name: str) -> PluginIndex:
    """Return a plugin with ten releases by one key."""
    public = base64.b64encode(bytes(32)).decode()
    key = PublisherKey(keyid=keyid_of(public), public=public, since=DATE)
    releases = tuple(
        Release(
            version=f"1.{number}",
            length=300_000,
            sha256=hashlib.sha256(f"{number}".encode()).hexdigest(),
            content=f"sha256:{hashlib.sha256(f'{number}c'.encode()).hexdigest()}",
            envelope=hashlib.sha256(f"{number}e".encode()).hexdigest(),
            signer=key.keyid,
            published=DATE,
            permissions=("session.read", "network.external:api.example.org:443"),
            description="Keeps a diary of what happened in your sessions",
        )
        for number in range(RELEASES)
    )
    return PluginIndex(name=name, publisher="somebody", keys=(key,), releases=releases)


def place(lab: Lab) -> Place:
    """Make the registry, once for all rows."""
    return lab.once(f"{KEPT_HOMES}registry of {MANY}", _make)


def _make(lab: Lab) -> Place:
    folder = lab.folder("registry")
    storage, online = FolderStorage(folder / "files"), KeyFolder(folder / "online")
    root = found(storage, KeyFolder(folder / "offline"), online, datetime.now(UTC))
    repository = Repository(storage, online, root, lambda: datetime.now(UTC))
    repository.restate(dict(_invented(f"plugin-{number}") for number in range(MANY)))
    repository.publish(index(NAME))
    return Place(folder, root, storage, repository)


def _invented(name: str) -> tuple[str, TargetFile]:
    path = index_target(name)
    return name, TargetFile(6_000, {"sha256": hashlib.sha256(path.encode()).hexdigest()}, path)


def publish(lab: Lab) -> Measured:
    """Measure publishing one plugin among a hundred thousand."""
    registry = place(lab)
    number = 0

    def once() -> float:
        nonlocal number
        number += 1
        return timed(partial(registry.repository.publish, index(f"new-{number}")))

    sizes = (4_000, 16_000, 35_000, 700)
    found = in_turns({"publish": once, "files": partial(_write_files, registry.folder, sizes)}, lab.times(60))
    return Measured(
        found["publish"],
        (Beside("four files of that size, durable", found["files"], floor=True),),
        "index, its bin, snapshot and timestamp, signed, in a folder; the writer has published before",
    )


def _write_files(folder: Path, sizes: tuple[int, ...]) -> float:
    def write() -> None:
        for number, size in enumerate(sizes):
            with (folder / f"plain-{number}").open("wb") as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())

    return timed(write)


def cold_bytes(lab: Lab) -> Measured:
    """Count what a client gets that knows nothing but the root, for one plugin."""
    registry = place(lab)
    client = registry.client("counting")
    client.refresh()
    refreshed = client.received
    known(client)
    return Measured(
        Samples.of([client.received]),
        note=f"{refreshed / 1000:.1f} kB of root, timestamp, snapshot and delegations; "
        f"the rest is a bin and the index with its {RELEASES} releases",
    )


def known(registry: RegistryClient | OfflineRegistry) -> None:
    """Ask for the plugin, which must be there."""
    if registry.index_of(NAME) is None:
        raise RuntimeError(f"{NAME} is not there")


def cold(lab: Lab) -> Measured:
    """Measure a client that knows nothing but the root, and the same checks without its folder."""
    registry = place(lab)
    fetch = fetch_from(registry.storage)

    def online() -> float:
        return timed(partial(known, registry.client("cold")))  # it refreshes itself

    def offline() -> float:
        return timed(lambda: known(OfflineRegistry(fetch, registry.root, datetime.now(UTC))))

    found = in_turns({"cold": online, "offline": offline}, lab.times(60))
    return Measured(
        found["cold"],
        (Beside("the offline verifier", found["offline"]),),
        "refresh and one plugin, from a folder; no network",
    )


def warm(lab: Lab) -> Measured:
    """Measure a client that is up to date and asks whether it still is, as it does every minute."""
    registry = place(lab)
    client = registry.client("warm")
    known(client)

    def again() -> float:
        return timed(client.refresh) + timed(client.revocations)

    return Measured(
        in_turns({"warm": again}, lab.times(60))["warm"], note="refresh and revocations, nothing new"
    )


ROWS = (
    Row(
        "registry.publish",
        "publish's metadata, 100 000 plugins",
        Unit.MILLISECONDS,
        SOURCE,
        publish,
        budget={50: 10},
    ),
    Row(
        "registry.bytes",
        "cold client: refresh + one plugin",
        Unit.KILOBYTES,
        SOURCE,
        cold_bytes,
        budget={50: 60},
    ),
    Row("registry.cold", "the same, verified", Unit.MILLISECONDS, SOURCE, cold, budget={50: 50}),
    Row("registry.warm", "refresh when nothing is new", Unit.MILLISECONDS, SOURCE, warm, budget={50: 20}),
)
