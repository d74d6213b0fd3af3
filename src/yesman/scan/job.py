"""What passes between who wants a scan and the confined process, and nothing else does."""

from __future__ import annotations

import msgspec

from yesman.scan.model import Told  # noqa: TC001 - msgspec reads the annotations


class Job(msgspec.Struct, frozen=True):
    """What the confined process is asked to do; paths are absolute.

    Attributes:
        folder: What to scan.
        parent: The pid of who asks.
        interpreter: Where the standard library is.
        libraries: Where third-party packages are.
        kept: Where compiled rules are kept, or "".
        rules: Their version.
        advisories: The database, or "" for none.
        plugins: Names of known plugins; None: unknown.
        packages: Names of well-known packages.
    """

    folder: str
    parent: int
    interpreter: tuple[str, ...]
    libraries: tuple[str, ...]
    kept: str
    rules: str
    advisories: str = ""
    plugins: tuple[str, ...] | None = None
    packages: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """What the confined process answers."""

    content: str
    scanners: tuple[Told, ...]
