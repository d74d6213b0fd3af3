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
    """Yield every commit reachable from ``head`` once, the newest committed first.

    Args:
        head: Hexadecimal id of the first commit.
        read: Gives the raw content of the commit with a hexadecimal id.
        parents: Parents that replace the recorded ones: the border of a shallow clone, grafts.
    """
    order = count()
    seen = {bytes.fromhex(head.decode())}
    first = parse_commit(read(head))
    border = [(-first.committed, next(order), head, first)]
    while border:
        _, _, name, commit = heapq.heappop(border)
        for parent in parents.get(name, commit.parents):
            # Raw ids take half the room of hexadecimal ones; a history may have millions.
            key = bytes.fromhex(parent.decode())
            if key not in seen:
                seen.add(key)
                found = parse_commit(read(parent))
                heapq.heappush(border, (-found.committed, next(order), parent, found))
        yield commit
