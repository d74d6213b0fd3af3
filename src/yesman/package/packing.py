"""A plugin's folder becomes a package: one file, whose bytes follow from the content alone.

What always holds: no time, owner, mode, name of a folder above, or order of a directory gets into
it, and it was compressed by our own hand (:mod:`yesman.package.deflate`); so whoever packs the
same content gets the same file. It is there whole or not at all, and was read back before,
by the code that unpacks it: what we pack can be installed.
"""

from __future__ import annotations

import os
import stat
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from yesman.package import tarred
from yesman.package.folder import explained
from yesman.package.gzipped import gzipped
from yesman.package.permitted import LIMITS, check_path, has_place
from yesman.package.trees import opened, replacing
from yesman.package.unpacking import Package, read_package
from yesman.package.walk import Budget, files, is_skipped, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yesman.package.permitted import PackageLimits


class Packed(NamedTuple):
    """What became of a folder.

    Attributes:
        package: What is in the package.
        files: The paths in it, in their order.
        left_out: What stands at the top of the folder and was not taken, hidden names and caches aside.
        size: Bytes of the package.
    """

    package: Package
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    size: int


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
    with replacing(target) as draft:
        with explained(source):
            left_out = tuple(sorted(path.name for path in source.iterdir() if _is_left_out(path.name)))
            for piece in gzipped(_tar(source, limits, taken)):
                draft.write(piece)
        package = read_package(draft.path, limits=limits)
        size = draft.path.stat().st_size
    return Packed(package, tuple(taken), left_out, size)


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
