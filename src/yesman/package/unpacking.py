"""A package, read front to back: into the store, or only to see what it is.

What always holds: nothing is believed that was not read and counted before; files are written
only below a staging folder of ours, which becomes ``<digest>`` when all of the package was read
and accepted, and is removed otherwise; and the digest is that of the bytes that were written.
The process is the server's own: inflating is zlib's, the rest is this project's Python; nothing of
the package is run or imported, and nobody but the store sees it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import yesman
from yesman.model.errors import AuthorError, UsageError
from yesman.model.manifest import Manifest, parse_manifest
from yesman.model.plain_text import shown
from yesman.model.strict_yaml import MAX_BYTES
from yesman.package import lock, requirements
from yesman.package.content import Content, Sink, Staged, keep, nowhere
from yesman.package.folder import explained, is_intact
from yesman.package.gzipped import gunzipped
from yesman.package.locking import checked_lock
from yesman.package.permitted import LIMITS, REPACK, Names, check_path
from yesman.package.reading import ENTRY, LOCK, MANIFEST, REQUIREMENTS
from yesman.package.tarred import Tape
from yesman.package.trees import opened
from yesman.package.walk import Budget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from yesman.package.permitted import PackageLimits
    from yesman.package.tarred import Entry

_READ_WHOLE = {MANIFEST: MAX_BYTES, REQUIREMENTS: requirements.LARGEST, LOCK: lock.LARGEST}


class Package(NamedTuple):
    """What was found in a package.

    Attributes:
        manifest: Its manifest.
        digest: What its content has when installed, ``sha256:…``.
        sha256: Of the package's own bytes, as they were read, hexadecimal; "" of a folder.
        manifest_sha256: Of the bytes of ``plugin.yaml``, likewise.
        lock: Of what it requires, or "".
    """

    manifest: Manifest
    digest: str
    sha256: str = ""
    manifest_sha256: str = ""
    lock: str = ""


class _Digested:
    """A file whose bytes are digested as they are read: what is judged and what is named are the same."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes."""
        data = self._file.read(size)
        self._digest.update(data)
        return data

    @property
    def sha256(self) -> str:
        """The digest of all that was read."""
        return self._digest.hexdigest()


def read_package(file: Path, *, limits: PackageLimits = LIMITS, sink: Sink = nowhere) -> Package:
    """Return what the package ``file`` is; what ``sink`` takes of it counts on the return only.

    Raises:
        AuthorError: It is no package, or not an acceptable one.
        VerificationError: It is damaged, or its lock does not fit what it requires.
        UsageError: It is no file.
        NotFoundError: There is no such file.
        PlatformError: It cannot be read.
    """
    with explained(file), _open(file) as source:
        return absorb(source, limits, sink)


def stage_package(file: Path, into: Path, *, limits: PackageLimits = LIMITS) -> tuple[Package, Staged]:
    """Unpack the package ``file`` to ``into/<digest>``; the errors of :func:`read_package`."""
    found: list[Package] = []

    def fill(sink: Sink) -> str:
        found.append(absorb(source, limits, sink))
        return found[-1].digest

    with explained(file), _open(file) as source:
        staged = keep(into, fill, is_intact)
    return found[-1], staged


@contextmanager
def _open(file: Path) -> Iterator[BinaryIO]:
    with opened(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC) as descriptor:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{shown(str(file), 200)} is neither a folder nor a file", "Name a .yplug file")
        with open(descriptor, "rb", buffering=0, closefd=False) as source:
            yield source


def absorb(source: BinaryIO, limits: PackageLimits, sink: Sink) -> Package:
    """Read all of a package, and hand its files to ``sink``; as :func:`read_package`."""
    file = _Digested(source)
    content, budget, names = Content(sink), Budget(limits, "The package"), Names()
    tape = Tape(gunzipped(file, limits))
    kept: dict[str, bytes] = {}
    while entry := tape.entry():
        _check(entry, budget, names)
        pieces: Iterable[bytes] = tape.content(entry)
        if entry.path in _READ_WHOLE:
            kept[entry.path] = b"".join(pieces)
            pieces = (kept[entry.path],)
        content.take(entry.path, pieces, executable=entry.executable)
    if not content.holds(ENTRY):
        raise AuthorError(f"The package holds no {ENTRY}", "Its author must add it")
    manifest = _checked(kept)
    said = hashlib.sha256(kept[MANIFEST]).hexdigest()
    return Package(manifest, content.digest, file.sha256, said, kept.get(LOCK, b"").decode())


def _check(entry: Entry, budget: Budget, names: Names) -> None:
    """Decide on an entry before its first byte is read."""
    check_path(entry.path)
    for _ in range(names.follow(entry.path)):
        budget.enter(entry.path, entry.path.count("/"))
    budget.read(entry.path, entry.size, 0)
    if entry.size > _READ_WHOLE.get(entry.path, entry.size):
        raise AuthorError(f"{entry.path} is larger than {_READ_WHOLE[entry.path]} bytes", "Shorten it")


def _checked(kept: dict[str, bytes]) -> Manifest:
    """Return the manifest of a package, of which ``kept`` are the files that say what it is."""
    if MANIFEST not in kept:
        raise AuthorError(f"The package holds no {MANIFEST}", "Its author must add it")
    manifest = parse_manifest(kept[MANIFEST], file=MANIFEST, host=yesman.__version__)
    wanted = requirements.requirements_of(manifest.dependencies, kept.get(REQUIREMENTS))
    found = kept.get(LOCK)
    if found is not None:
        checked_lock(wanted, found)
    elif wanted:
        raise AuthorError(f"The package requires others and holds no {LOCK}", REPACK)
    return manifest
