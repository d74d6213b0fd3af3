"""A mirror: a folder with a registry's files, and how it comes to say something new.

What always holds: every file but one has a name that nothing else ever gets, so new ones are laid beside
those that are there; what the mirror says is as before until the timestamp is replaced, and as it is now
from then on. Whoever is killed in between leaves files that nobody names yet, and that are used next time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from yesman import durable
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

ROOT_FILE: Final = "root.json"
TIMESTAMP: Final = "metadata/timestamp.json"
WHEELS: Final = "wheels"
"""The folder of a bundle that has what its plugins require."""


class Mirrored(msgspec.Struct, frozen=True, kw_only=True):
    """What was copied.

    Attributes:
        timestamp: The file that makes it count (:func:`commit`).
        plugins: Of which plugin which versions.
        left_out: Why a plugin was not copied, by ``NAME`` or ``NAME==VERSION``.
        metadata: How old what it says is.
        packages: How many packages there are of these.
        package_bytes: How many bytes these have.
        new: How many packages were not there before.
    """

    timestamp: bytes
    plugins: dict[str, tuple[str, ...]]
    left_out: dict[str, str]
    metadata: dict[str, str]
    packages: int
    package_bytes: int
    new: int


def check_place(to: Path, source: str, root: bytes) -> None:
    """Refuse a folder that is something else than a mirror of this registry.

    Raises:
        UsageError: It says what it is.
    """
    with durable.explained(to):
        to.mkdir(parents=True, exist_ok=True)
        if to.resolve() == to.__class__(source).resolve():
            raise UsageError(f"{to} is the registry itself", "Choose another folder")
        there = (to / ROOT_FILE).read_bytes() if (to / ROOT_FILE).is_file() else None
        if there is None and any(to.iterdir()):
            raise UsageError(f"{to} holds something else than a mirror", "Choose an empty folder")
        if there not in {None, root}:
            raise UsageError(f"{to} is a mirror of another registry", "Choose another folder")
        if link := next((each for each in to.iterdir() if each.is_symlink()), None):
            raise UsageError(f"{link} leads elsewhere, where nothing should be written", "Remove it")
    if there is None:
        put(to / ROOT_FILE, root)


def commit(to: Path, timestamp: bytes) -> None:
    """Have the mirror say what was copied.

    Raises:
        PlatformError: It cannot be written; it says what it said before.
    """
    put(to / TIMESTAMP, timestamp)


def put(path: Path, content: bytes) -> None:
    """Write a file that everybody may read, as a file server does."""
    durable.write(path, content)
    with durable.explained(path):
        path.chmod(0o644)
