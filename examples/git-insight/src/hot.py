"""Which files the newest commits changed, and how often.

What always holds: at most :data:`MOST_COMMITS` commits are looked into; merges say nothing, because what they
bring was changed before; a commit that changes more than :data:`MOST_FILES` files says nothing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .commits import Commit

MOST_COMMITS: Final = 300
MOST_FILES: Final = 1_000


@dataclass
class HotFile:
    """How many commits changed a file, and when the newest was made, in seconds since 1970 (0: unknown)."""

    path: str
    changes: int
    last: int


def hot_files(commits: Iterable[Commit], changed: Callable[[Commit], Iterator[bytes]]) -> list[HotFile]:
    """Return the files that changed most often first.

    Args:
        commits: The newest first.
        changed: Yields the paths that a commit with one parent, or none, has changed.
    """
    found: dict[bytes, HotFile] = {}
    single = (commit for commit in commits if len(commit.parents) < 2)  # noqa: PLR2004 - a merge has two
    for commit in islice(single, MOST_COMMITS):
        paths = list(islice(changed(commit), MOST_FILES + 1))
        for path in paths if len(paths) <= MOST_FILES else ():
            name = path.decode(errors="replace")
            found.setdefault(path, HotFile(name, 0, commit.committed)).changes += 1
    return sorted(found.values(), key=lambda file: (-file.changes, file.path))
