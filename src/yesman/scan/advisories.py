"""Known vulnerabilities of what a plugin requires, from a database made of OSV records.

What always holds: the database is only read (it is made by :mod:`yesman.scan.osv`); a version that
cannot be compared counts as affected; without a database there is no answer, and never a good one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from yesman.package.reading import LOCK, REQUIREMENTS
from yesman.scan.model import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from yesman.scan.reading import File

LAYOUT: Final = 1
"""Of the database, as its ``user_version``."""
MALWARE: Final = "MAL-"
"""How OSV's names of packages that are malware begin."""


class Range(msgspec.Struct, frozen=True):
    """Versions from ``introduced`` ("0": the first) to before ``fixed``, or up to ``last``; "" for open."""

    introduced: str
    fixed: str = ""
    last: str = ""


class Affected(msgspec.Struct, frozen=True):
    """The versions of one package that one advisory is about."""

    versions: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()


class Advisory(msgspec.Struct, frozen=True):
    """One advisory about one package."""

    id: str
    summary: str
    affected: Affected


class Advisories:
    """Looks up what is required.

    Args:
        database: Made by :mod:`yesman.scan.osv`.
        packages: ``name==version``, as locked.
        requirements: As declared; looked at where there is no lock.
    """

    name: Final = "advisories"

    def __init__(self, database: Path, packages: Sequence[str], requirements: Sequence[str]) -> None:
        self._database = database
        self._packages = packages
        self._requirements = requirements

    def look(self, file: File) -> Iterator[Hit]:  # noqa: ARG002 - a scanner's method
        """Yield nothing: a lock is read before."""
        return iter(())

    def finish(self) -> Iterator[Hit]:
        """Yield each vulnerability; raises sqlite3.Error for a database that is none."""
        file, pinned = (
            (LOCK, self._packages) if self._packages else (REQUIREMENTS, _pinned(self._requirements))
        )
        if not self._packages and len(pinned) < len(self._requirements):
            yield Hit("dependencies-unlocked", file, 0, "")
        with closing(connected(self._database)) as database:
            for package in pinned:
                name, _, version = package.partition("==")
                for advisory in about(database, name):
                    if is_affected(version, advisory.affected):
                        rule = "malware" if advisory.id.startswith(MALWARE) else "vulnerable"
                        detail = f"{package}, {advisory.id}: {advisory.summary}"
                        yield Hit(f"dependency-{rule}", file, 0, detail[:200])


def connected(path: Path) -> sqlite3.Connection:
    """Open a database for reading; nobody changes one in its place.

    Raises:
        sqlite3.Error: It is missing, no database, or of another layout.
    """
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    if database.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
        database.close()
        raise sqlite3.DatabaseError("it was made by another version of yesman")
    return database


def about(database: sqlite3.Connection, package: str) -> list[Advisory]:
    """Return the advisories about a package, by name in any spelling."""
    rows = database.execute(
        "SELECT advisory, summary, affected FROM affected WHERE package = ? ORDER BY advisory",
        (canonicalize_name(package),),
    )
    return [Advisory(name, summary, msgspec.json.decode(data, type=Affected)) for name, summary, data in rows]


def is_affected(version: str, affected: Affected) -> bool:
    """Tell whether an advisory is about ``version`` (PEP 440)."""
    if version in affected.versions:
        return True
    try:
        wanted = Version(version)
        if any(_same(wanted, each) for each in affected.versions):
            return True
        return any(_within(wanted, each) for each in affected.ranges)
    except InvalidVersion:
        return True


def _same(wanted: Version, other: str) -> bool:
    try:
        return Version(other) == wanted
    except InvalidVersion:
        return False  # a version of old, which nothing locks


def _within(wanted: Version, among: Range) -> bool:
    if among.introduced != "0" and wanted < Version(among.introduced):
        return False
    if among.fixed:
        return wanted < Version(among.fixed)
    return not among.last or wanted <= Version(among.last)


def _pinned(requirements: Sequence[str]) -> list[str]:
    """Return what is required in one version only."""
    found = []
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        pins = [
            each.version
            for each in wanted.specifier
            if each.operator in {"==", "==="} and "*" not in each.version
        ]
        found += [f"{canonicalize_name(wanted.name)}=={pins[0]}"] if pins else []
    return found
