"""What the program that talks to registries can be asked, as values on their way there."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from yesman.package.uv import Wheel  # noqa: TC001 - msgspec reads the annotations of Wheels

PARTIAL: Final = "partial"
"""What a package's file is called while it is being fetched; its length is how far that is."""


class Recognise(msgspec.Struct, frozen=True, tag=True):
    """The fingerprint of a root file, to be shown to the user."""

    root: bytes


class _Registry(msgspec.Struct, frozen=True, kw_only=True):
    """A registry.

    Attributes:
        url: Its base.
        root: The root file that the user has seen.
        metadata: The folder for its metadata.
        longest_age: How old that may be, in days; 0: as old as the registry itself says.
    """

    url: str
    root: str
    metadata: str
    longest_age: int = 0


class Revoked(_Registry, frozen=True, tag=True):
    """All that is revoked."""


class Look(_Registry, frozen=True, tag=True):
    """What is published of a plugin."""

    name: str


class Fetch(_Registry, frozen=True, tag=True):
    """A release as a verified package.

    Attributes:
        name: The plugin.
        version: Which release; "" for the newest that may be installed.
        pin: The keyid that signed what is installed, or "".
        packages: The folder for packages.
    """

    name: str
    packages: str
    version: str = ""
    pin: str = ""


class Mirror(_Registry, frozen=True, tag=True):
    """A copy of the registry, all but its timestamp.

    Attributes:
        to: The folder for it.
        locks: A folder for the locks of what its plugins require, one file each.
        plugins: Which, as ``NAME`` or ``NAME==VERSION``; none for all.
        every: Every release, and not the newest one that can be installed.
    """

    to: str
    locks: str
    plugins: tuple[str, ...] = ()
    every: bool = False


class Wheels(msgspec.Struct, frozen=True, tag=True):
    """Files by digest.

    Attributes:
        files: Which.
        to: The folder for them.
    """

    files: tuple[Wheel, ...]
    to: str


Question: TypeAlias = Recognise | Revoked | Look | Fetch | Mirror | Wheels
