"""Which protocol two sides speak: each says the newest and the oldest it can, both take the newest in common.

No I/O and no types but plain ones, so that the sandbox, the command line and the server decide alike.
What a HELLO says beyond that is ignored, so that a later version may say more.
"""

from __future__ import annotations

import os
from typing import Any, Final, NamedTuple

from yesman import __version__
from yesman.wire.frames import PROTOCOL_VERSION, ProtocolError

OLDEST_PROTOCOL: Final = 1
"""Raised when we stop speaking a version; until then both must be understood."""
HIGHEST: Final = 65_535
MAX_VERSION: Final = 80
"""Characters of what a side calls its own version; beyond that is cut."""


class IncompatibleError(ProtocolError):
    """Both sides are honest, and have no protocol in common; the text says who is to be updated."""


class Spoken(NamedTuple):
    """The protocols that one side speaks: all from ``oldest`` to ``newest``."""

    newest: int
    oldest: int

    def __str__(self) -> str:
        several = self.oldest < self.newest
        return f"protocol{'s' if several else ''} {f'{self.oldest} to ' if several else ''}{self.newest}"


SPOKEN: Final = Spoken(PROTOCOL_VERSION, OLDEST_PROTOCOL)


def greeting(spoken: Spoken = SPOKEN) -> dict[str, Any]:
    """Return the body of our HELLO."""
    return {
        "protocol": spoken.newest,
        "oldest": spoken.oldest,
        "version": __version__,
        "pid": os.getpid(),
    }


def spoken(protocol: object, oldest: object = None) -> Spoken:
    """Return what a HELLO says; who leaves ``oldest`` out speaks one version.

    Raises:
        ProtocolError: That is nonsense.
    """
    first = protocol if oldest is None else oldest
    if type(protocol) is not int or type(first) is not int or not 0 < first <= protocol <= HIGHEST:
        raise ProtocolError("a HELLO names no protocols that there could be")
    return Spoken(protocol, first)


def common(ours: Spoken, theirs: Spoken) -> int | None:
    """Return the newest protocol that both speak, or None."""
    newest = min(ours.newest, theirs.newest)
    return newest if newest >= max(ours.oldest, theirs.oldest) else None


def agreed(ours: Spoken, theirs: Spoken, who: str, version: str) -> int:
    """Return the protocol to speak with ``who``, which is of ``version``.

    Raises:
        IncompatibleError: There is none.
    """
    chosen = common(ours, theirs)
    if chosen is None:
        stale = f"this yesman ({__version__})" if theirs.oldest > ours.newest else who
        told = version[:MAX_VERSION].encode("ascii", "replace").decode()
        raise IncompatibleError(
            f"{who} is of version {told!r} and speaks {theirs}, "
            f"this is yesman {__version__} and speaks {ours}: update {stale}"
        )
    return chosen
