"""The commits reachable from one, in the order of ``git log``.

No I/O of its own: objects come from a function. What is held in memory is the ids already
seen and the commits on the border, never the history.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

from .commits import Commit, parse_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Read = Callable[[bytes], bytes]


def walk(head: bytes, read: Read, parents: Mapping[bytes, tuple[bytes, ...]]) -> Iterator[Commit]:
    """Yield every commit reachable from ``head`` once, the newest committed first, its parents replaced.

    Args:
        head: Hexadecimal id of the first commit.
        read: Gives the raw content of the commit with a hexadecimal id.
        parents: Parents that replace the recorded ones: the border of a shallow clone, grafts.
    """

    def found(name: bytes) -> Commit:
        commit = parse_commit(read(name))
        return commit._replace(parents=parents[name]) if name in parents else commit

    order = count()
    seen = {bytes.fromhex(head.decode())}
    first = found(head)
    border = [(-first.committed, next(order), first)]
    while border:
        _, _, commit = heapq.heappop(border)
        for parent in commit.parents:
            # Raw ids take half the room of hexadecimal ones; a history may have millions.
            key = bytes.fromhex(parent.decode())
            if key not in seen:
                seen.add(key)
                reached = found(parent)
                heapq.heappush(border, (-reached.committed, next(order), reached))
        yield commit
