"""A lock: the exact versions of one environment with the hashes of their files.

The text is what ``uv pip compile --generate-hashes`` writes. Accepted are lines of the
form ``name==version [; marker] --hash=sha256:…`` and nothing else, so that a lock read
back from disk cannot carry an option, a URL or an unhashed file to the installer.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from yesman.model.errors import VerificationError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST: Final = 8 * 1024 * 1024
"""Bytes of a lock; a package has up to a hundred files of 80 bytes a line."""

_LINE: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.!+_-]+)"
    r"(?: *;[ A-Za-z0-9_.'\"<>=!()*+-]+?)?"
    r"(?: +--hash=sha256:[0-9a-f]{64})+"
)
_LAYOUT: Final = "1"  # of an environment's folder; another layout is another environment
_RELOCK: Final = "They must be locked anew"


def decoded(data: bytes) -> str:
    """Return the text of a lock that somebody else wrote.

    Raises:
        VerificationError: It is no ASCII text, or too large.
    """
    if len(data) > LARGEST:
        raise VerificationError(f"The lock of the dependencies is larger than {LARGEST} bytes", _RELOCK)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise VerificationError("The lock of the dependencies is not plain ASCII text", _RELOCK) from None


def packages_of(lock: str) -> tuple[str, ...]:
    """Return the ``name==version`` of every package in ``lock``, in its order.

    Raises:
        VerificationError: A line is not an exactly versioned and hashed package.
    """
    if len(lock) > LARGEST:
        raise VerificationError(f"The lock of the dependencies is larger than {LARGEST} bytes", _RELOCK)
    lines = (line.strip() for line in re.sub(r"\\\n", " ", lock).split("\n"))
    return tuple(_package(line) for line in lines if line)


def _package(line: str) -> str:
    found = _LINE.fullmatch(re.sub(r" +", " ", line))
    if found is None:
        raise VerificationError(f"The lock of the dependencies holds {shown(line)}", _RELOCK)
    return f"{canonicalize_name(found['name'])}=={found['version']}"


def check_covers(lock: str, requirements: Sequence[str]) -> None:
    """Refuse a recorded lock that no longer belongs to ``requirements``.

    Raises:
        VerificationError: A requirement that applies here is missing from it, or locked to
            a version it excludes.
    """
    locked: dict[str, list[str]] = {}  # a lock for several machines may hold a package twice
    for package in packages_of(lock):
        name, version = package.split("==", 1)
        locked.setdefault(name, []).append(version)
    for text in requirements:
        if not _is_met(text, locked):
            raise VerificationError(f"The lock of the dependencies does not cover {shown(text)}", _RELOCK)


def _is_met(text: str, locked: dict[str, list[str]]) -> bool:
    try:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate():
            return True
        versions = locked.get(canonicalize_name(wanted.name), ())
        return any(wanted.specifier.contains(Version(version), prereleases=True) for version in versions)
    except (InvalidRequirement, InvalidVersion):
        return False


def environment_digest(lock: str, platform: str) -> str:
    """Return the hexadecimal name of the environment that ``lock`` makes on ``platform``."""
    return hashlib.sha256(f"{_LAYOUT}\0{platform}\0{lock}".encode()).hexdigest()
