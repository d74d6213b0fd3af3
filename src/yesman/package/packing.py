"""A plugin's folder becomes a package: one file, whose bytes follow from the content alone.

What always holds: no time, owner, mode, name of a folder above, or order of a directory gets into
it, and it was compressed by our own hand (:mod:`yesman.package.deflate`); so whoever packs the
same content gets the same file. It is there whole or not at all, and was read back before,
by the code that unpacks it: what we pack can be installed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.errors import PlatformError
from yesman.model.plain_text import shown
from yesman.package import lock, tarred
from yesman.package.folder import explained
from yesman.package.gzipped import gzipped
from yesman.package.permitted import LIMITS, check_path, has_place
from yesman.package.reading import LOCK, REQUIREMENTS, read_optional
from yesman.package.requirements import requirements_of
from yesman.package.trees import opened, replacing
from yesman.package.unpacking import Package, check_lock, read_package
from yesman.package.walk import Budget, files, is_skipped, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.model.manifest import Manifest
    from yesman.package.permitted import PackageLimits
    from yesman.package.uv import Uv


class Packed(NamedTuple):
    """What became of a folder.

    Attributes:
        package: What is in the package.
        files: The paths in it, in their order.
        left_out: What stands at the top of the folder and was not taken, hidden names and caches aside.
        size: Bytes of the package.
        sha256: Of the package itself, hexadecimal.
    """

    package: Package
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    size: int
    sha256: str


def pack(source: Path, target: Path, *, limits: PackageLimits = LIMITS) -> Packed:
    """Write the package of the plugin folder ``source`` to ``target``, in place of what is there.

    Raises:
        AuthorError: The folder holds something that no package holds, lacks something, or is too much.
        VerificationError: Its lock does not fit its requirements.
        UsageError: ``source`` is no folder.
        NotFoundError: There is no ``source``.
        PlatformError: Something cannot be read or written.
    """
    taken: list[str] = []
    digest = hashlib.sha256()
    with _writing(target), replacing(target) as file:
        with explained(source):
            left_out = tuple(sorted(path.name for path in source.iterdir() if _is_left_out(path.name)))
            for piece in gzipped(_tar(source, limits, taken)):
                digest.update(piece)
                file.write(piece)
        file.flush()
        package = read_package(Path(file.name), limits=limits)
        size = file.tell()
    return Packed(package, tuple(taken), left_out, size, digest.hexdigest())


async def ensure_lock(folder: Path, manifest: Manifest, uv: Uv) -> bool:
    """See to it that the plugin in ``folder`` has a lock if it requires anything; tell whether it was made.

    A lock that is there is never renewed: the author removes it when they want newer versions.

    Raises:
        AuthorError: The requirements cannot be satisfied, or there is a lock for nothing.
        VerificationError: The lock that is there does not fit.
        RemoteError: The package index cannot be asked.
        PlatformError: This machine is at fault.
    """
    wanted = requirements_of(manifest.dependencies, read_optional(folder / REQUIREMENTS))
    found = read_optional(folder / LOCK, most=lock.LARGEST)
    if found is not None or not wanted:
        check_lock(wanted, found)
        return False
    with TemporaryDirectory(prefix="yesman-lock-") as work:
        text = await uv.lock(Path(work), wanted, everywhere=True)
    check_lock(wanted, text.encode())
    with _writing(folder / LOCK), replacing(folder / LOCK) as file:
        file.write(text.encode())
    return True


def _tar(source: Path, limits: PackageLimits, taken: list[str]) -> Iterator[bytes]:
    """Yield the tar of ``source``; ``taken`` gets the paths in it."""
    budget = Budget(limits)
    with (
        opened(source, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as top,
        closing(files(top, budget, wanted=has_place)) as found,
    ):
        for path, file in found:
            check_path(path)
            executable = bool(os.fstat(file).st_mode & stat.S_IXUSR)
            content = b"".join(read(path, file, budget))  # its size comes before it
            yield tarred.header(tarred.Entry(path, len(content), executable))
            yield content
            yield tarred.padding(len(content))
            taken.append(path)
    yield tarred.END


def _is_left_out(name: str) -> bool:
    return not (has_place(name) or is_skipped(name) or name.startswith("."))


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where, reason = shown(str(target), 200), error.strerror or type(error).__name__
        raise PlatformError(f"{where} cannot be written: {reason}", "Name another place") from error
