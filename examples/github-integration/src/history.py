"""Which commits and objects one side has and the other lacks, by GitPython's objects. Reads, never writes."""

from __future__ import annotations

import heapq
import math
from itertools import count
from typing import TYPE_CHECKING

from git import Blob, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from git import Commit

MOST_COMMITS = 5_000
SLACK = 86_400
"""Seconds that a commit may seem older than its parents, by clocks that disagree."""


class TooMany(ValueError):  # noqa: N818 - says what it is
    """More than is done here."""


def missing(wanted: Iterable[Commit], had: Iterable[Commit]) -> list[Commit]:
    """Return the commits that ``wanted`` reaches and ``had`` does not, newest first.

    Both sides are walked together, the latest commit first, until only what ``had`` reaches is left, and that
    is older than all that was found: most of the history before the place where they part is not read.

    Raises:
        TooMany: They are more than MOST_COMMITS.
    """
    order, border = count(), list[tuple[int, int, "Commit"]]()
    reached_by_had: dict[bytes, bool] = {}

    def reach(commit: Commit, is_had: bool) -> None:  # noqa: FBT001 - which of two sides
        known = reached_by_had.get(commit.binsha)
        if known is None or (is_had and not known):
            reached_by_had[commit.binsha] = is_had
            heapq.heappush(border, (-commit.committed_date, next(order), commit))

    for commit in had:
        reach(commit, True)
    for commit in wanted:
        reach(commit, False)
    found: dict[bytes, Commit] = {}
    oldest = math.inf
    while border and (
        -border[0][0] >= oldest - SLACK or not all(reached_by_had[c.binsha] for *_, c in border)
    ):
        commit = heapq.heappop(border)[2]
        is_had = reached_by_had[commit.binsha]
        if not is_had:
            found[commit.binsha] = commit
            oldest = min(oldest, commit.committed_date)
            if len(found) > MOST_COMMITS:
                raise TooMany(f"more than {MOST_COMMITS} commits are not on GitHub; push them with git, once")
        for parent in commit.parents:
            reach(parent, is_had)
    return [commit for sha, commit in found.items() if not reached_by_had[sha]]


def objects_of(commits: Iterable[Commit]) -> Iterator[Commit | Tree | Blob]:
    """Yield every object that the commits bring and their parents do not have, each once."""
    seen: set[bytes] = set()
    for commit in commits:
        yield commit
        yield from _new(commit.tree, [parent.tree for parent in commit.parents], seen)


def _new(tree: Tree, before: list[Tree], seen: set[bytes]) -> Iterator[Tree | Blob]:
    if tree.binsha in seen or any(tree.binsha == other.binsha for other in before):
        return
    seen.add(tree.binsha)
    yield tree
    known = {entry.binsha for other in before for entry in other}
    for entry in tree:
        if isinstance(entry, Tree):
            yield from _new(entry, _subtrees(before, entry.name), seen)
        elif (
            isinstance(entry, Blob) and entry.binsha not in known | seen
        ):  # a submodule's commit lies elsewhere
            seen.add(entry.binsha)
            yield entry


def _subtrees(trees: list[Tree], name: str) -> list[Tree]:
    return [entry for tree in trees for entry in tree if isinstance(entry, Tree) and entry.name == name]
