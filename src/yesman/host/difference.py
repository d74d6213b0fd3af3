"""How an update from a registry differs from what is installed: packages, signer, files.

What always holds: both sides are read as data and nothing of them runs; what is told of the new one is
bounded, whatever is in it; and what is new and nobody has agreed to keeps the update from being installed.
"""

from __future__ import annotations

import hashlib
import os
from asyncio import to_thread
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from yesman.host.incoming import is_package
from yesman.host.origin import LOCAL_KEY
from yesman.model.errors import PermissionDeniedError
from yesman.package.differing import Patience, changed, replaced
from yesman.package.folder import LIMITS
from yesman.package.lock import packages_of
from yesman.package.locking import lock_in, requirements_in
from yesman.package.walk import Budget, files, read
from yesman.scan.unpacked import unpacked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from yesman.host.manager import PluginManager
    from yesman.host.origin import Origin
    from yesman.host.registry import Record
    from yesman.model.home import Home
    from yesman.model.manifest import Manifest
    from yesman.package.differing import Line

MOST_FILES: Final = 200
LARGEST_TEXT: Final = 256 * 1024
"""Bytes of a file whose lines are compared."""
STEPS: Final = 3_000_000
"""Comparisons of two lines, in all files together: half a second. Beyond them a change is told as one."""
MOST_LINES: Final = 2000
"""Of a text that shows all differences."""


class Moved(msgspec.Struct, frozen=True):
    """A package in another version."""

    name: str
    before: str
    after: str


Kind = Literal["added", "removed", "changed"]


class Changed(msgspec.Struct, frozen=True):
    """A file that is not as it was; lines are None where one side is no text, or too large."""

    path: str
    kind: Kind
    lines_added: int | None
    lines_removed: int | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What an update changes, beside permissions.

    Attributes:
        added: ``name==version`` of packages that are new.
        moved: Those in another version.
        dropped: Those that are not needed any more.
        signer: The keyid, where it is another than that of what is installed; else "".
        files: Files that are not as they were, by path.
        more: How many of these are not among ``files``.
        news: What must be agreed to: new packages and a new signer, one text each.
    """

    added: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    dropped: tuple[str, ...] = ()
    signer: str = ""
    files: tuple[Changed, ...] = ()
    more: int = 0
    news: tuple[str, ...] = ()


class Differences:
    """Compares what would be installed with what is.

    Args:
        home: Where packages are unpacked to be looked at.
        manager: Knows what is installed.
    """

    def __init__(self, home: Home, manager: PluginManager) -> None:
        self._home = home
        self._manager = manager

    async def of(self, path: Path, manifest: Manifest, origin: Origin) -> Difference | None:
        """Return how the update at ``path`` differs; None where it is no update from a registry.

        Raises:
            YesmanError: It cannot be read.
        """
        record = self._updated(manifest, origin)
        return await to_thread(self._compare, record, path, manifest, origin) if record else None

    async def text(self, path: Path, manifest: Manifest, origin: Origin) -> tuple[str, ...]:
        """Return at most ``MOST_LINES`` lines that show all differences of files, as :meth:`of`."""
        record = self._updated(manifest, origin)
        return await to_thread(self._shown, record, path) if record else ()

    def check(self, taken: Path, manifest: Manifest, origin: Origin, agreed: Collection[str]) -> None:
        """Refuse an update with something new that nobody has agreed to.

        Args:
            taken: Its files.
            manifest: Its manifest.
            origin: Where it comes from.
            agreed: Of ``Difference.news``, what the user was shown.

        Raises:
            PermissionDeniedError: It names what is new.
        """
        record = self._updated(manifest, origin)
        if record is None:
            return
        new = news(record, _lock(taken, manifest), origin)
        if missing := [text for text in new if text not in agreed]:
            raise PermissionDeniedError(
                f"nobody has agreed to what is new in plugin '{manifest.name}': {', '.join(missing)}",
                "Run the update again and agree, or pass --yes",
            )

    def _updated(self, manifest: Manifest, origin: Origin) -> Record | None:
        record = self._manager.registry.all().get(manifest.name)
        known = record is not None and origin.key != LOCAL_KEY and origin.continues(record)
        return record if known else None

    def _compare(self, record: Record, path: Path, manifest: Manifest, origin: Origin) -> Difference:
        with self._opened(path) as folder:
            lock = _lock(folder, manifest)
            changed = changes(self._manager.code_dir(record), folder)
            before, after = _versions(record.lock), _versions(lock)
            both = before.keys() & after.keys()
            return Difference(
                added=tuple(f"{name}=={after[name]}" for name in after if name not in before),
                moved=tuple(
                    Moved(n, before[n], after[n]) for n in after if n in both and before[n] != after[n]
                ),
                dropped=tuple(name for name in before if name not in after),
                signer=origin.key if origin.key != record.key else "",
                files=changed[:MOST_FILES],
                more=max(0, len(changed) - MOST_FILES),
                news=news(record, lock, origin),
            )

    def _shown(self, record: Record, path: Path) -> tuple[str, ...]:
        with self._opened(path) as folder:
            return tuple(islice(shown(self._manager.code_dir(record), folder), MOST_LINES))

    @contextmanager
    def _opened(self, path: Path) -> Iterator[Path]:
        if not is_package(path):
            yield path
            return
        with unpacked(path, self._home.scans) as folder:
            yield folder


def news(record: Record, lock: str, origin: Origin) -> tuple[str, ...]:
    """Return what must be agreed to in an update of ``record`` that brings the packages of ``lock``."""
    before = _versions(record.lock)
    packages = [
        f"the package {name} {version}" for name, version in _versions(lock).items() if name not in before
    ]
    return (*packages, *([f"the key {origin.key}"] if origin.key != record.key else []))


def changes(old: Path, new: Path) -> tuple[Changed, ...]:
    """Return the files that are not the same in both folders, by path."""
    before, after = _digests(old), _digests(new)
    differ = sorted(path for path in before | after if before.get(path) != after.get(path))
    patience = Patience(STEPS)
    kinds: dict[str, Kind] = dict.fromkeys(differ, "changed")
    kinds |= dict.fromkeys(after.keys() - before.keys(), "added")
    kinds |= dict.fromkeys(before.keys() - after.keys(), "removed")
    return tuple(_changed(path, kinds[path], _compared(old / path, new / path, patience)) for path in differ)


def _changed(path: str, kind: Kind, lines: list[Line] | None) -> Changed:
    marks = [line.mark for line in lines or ()]
    return Changed(path, kind, *(None, None) if lines is None else (marks.count("+"), marks.count("-")))


def shown(old: Path, new: Path) -> Iterator[str]:
    """Yield lines that show how the files of both folders differ, in a time that no content can make long."""
    patience = Patience(STEPS)
    for file in changes(old, new):
        yield f"{file.kind}: {file.path}"
        lines = _compared(old / file.path, new / file.path, patience)
        if lines is None:
            yield "  (no text, or too large to be shown)"
            continue
        yield from ("@@" if line.mark == "@" else f"{line.mark}{line.text}" for line in lines)


def _compared(old: Path, new: Path, patience: Patience) -> list[Line] | None:
    """Return the changed lines with some around them; None where one side is no text."""
    one, two = _lines(old), _lines(new)
    if one is None or two is None:
        return None
    lines = changed(one, two, patience)
    return replaced(one, two) if lines is None else lines


def _lines(path: Path) -> list[str] | None:
    """Return the lines of a text; of none there is, nothing; None where it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_TEXT + 1)
    except FileNotFoundError:
        return []
    if len(data) > LARGEST_TEXT or b"\0" in data:
        return None
    return data.decode(errors="replace").split("\n")


def _digests(folder: Path) -> dict[str, bytes]:
    """Return the digest of every file, which is executable or not."""
    budget, found = Budget(LIMITS), {}
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with closing(files(top, budget)) as walked:
            for path, file in walked:
                digest = hashlib.sha256(b"x" if os.fstat(file).st_mode & 0o100 else b"-")
                for piece in read(path, file, budget):
                    digest.update(piece)
                found[path] = digest.digest()
    finally:
        os.close(top)
    return found


def _lock(folder: Path, manifest: Manifest) -> str:
    return lock_in(folder, requirements_in(folder, manifest)) or ""


def _versions(lock: str) -> dict[str, str]:
    """Return the versions of each package; a lock for several machines may hold one in several."""
    found: dict[str, list[str]] = {}
    for package in packages_of(lock):
        name, _, version = package.partition("==")
        found.setdefault(name, []).append(version)
    return {name: ", ".join(dict.fromkeys(versions)) for name, versions in found.items()}
