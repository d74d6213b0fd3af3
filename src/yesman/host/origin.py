"""Where a plugin comes from, and whether it is the same plugin as one that is installed.

Where somebody signs, the key is the publisher, and those that it took over from by signature; where
nobody does, the folder or package file is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

LOCAL_KEY = "local"
"""Who signed a plugin that came from a folder or file: nobody but the user's own consent."""


class Known(Protocol):
    """What is on record of where something came from."""

    @property
    def key(self) -> str:
        """Whose signature vouched for it."""

    @property
    def source(self) -> str:
        """Where it was."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a plugin comes from.

    Attributes:
        source: An absolute path; of a plugin from a registry ``REGISTRY:NAME``, which no such path can be.
        key: The keyid of the signature that was verified, or :data:`LOCAL_KEY`.
        successor_of: The keyids that led to ``key`` by signature, and so are the same publisher's.
        publisher: What the registry calls them.
        package: sha256 of the package it was fetched as, or "".
        wheels: A folder that has all that it requires, so that no index is asked for that, or "".
    """

    source: str
    key: str = LOCAL_KEY
    successor_of: tuple[str, ...] = ()
    publisher: str = LOCAL_KEY
    package: str = ""
    wheels: str = ""

    @classmethod
    def of(cls, path: Path) -> Origin:
        """Return the origin of a folder or package file."""
        return cls(source=str(path))

    def same_publisher(self, other: Known) -> bool:
        """Tell whether ``other`` came from whoever this comes from."""
        if self.key == LOCAL_KEY:
            return other.key == LOCAL_KEY and other.source == self.source
        return other.key in {self.key, *self.successor_of}

    def continues(self, other: Known) -> bool:
        """Tell whether this is a version of the same plugin as ``other``: from there, and from them."""
        return other.source == self.source and self.same_publisher(other)
