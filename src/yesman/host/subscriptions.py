"""What processes of plugins have subscribed to while they run, besides the hooks that manifests declare.

Each process has its own: when two versions of a plugin run side by side for a moment, the end of one
takes nothing from the other.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from yesman.model.errors import UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PATTERNS: Final = 64
"""Of one process."""
_PATTERN: Final = re.compile(r"[A-Za-z0-9_.*?-]{1,128}")


class Subscriptions:
    """All of them."""

    def __init__(self) -> None:
        self._all: set[Subscriber] = set()

    def subscriber(self, plugin: str) -> Subscriber:
        """Return a new process's, without any yet."""
        return Subscriber(plugin, self._all)

    def to(self, event: str) -> Iterator[str]:
        """Yield plugins that have subscribed to ``event``, some perhaps twice."""
        return (one.plugin for one in self._all if one.matches(event))

    def has(self, plugin: str, event: str) -> bool:
        """Tell whether a process of ``plugin`` has subscribed to ``event``."""
        return any(one.plugin == plugin and one.matches(event) for one in self._all)


class Subscriber:
    """The subscriptions of one process of a plugin.

    Args:
        plugin: Whose.
        among: All that have any.
    """

    def __init__(self, plugin: str, among: set[Subscriber]) -> None:
        self.plugin = plugin
        self._among = among
        self._patterns: set[str] = set()
        self._closed = False

    def subscribe(self, pattern: str) -> None:
        """Have what matches ``pattern`` delivered for as long as the process lives.

        Raises:
            UsageError: The pattern is malformed, or there are too many.
        """
        if not _PATTERN.fullmatch(pattern):
            raise UsageError(
                f"{shown(pattern)} matches no event",
                "Use up to 128 letters, digits, '.', '_', '-', and '*' and '?' as wildcards",
            )
        if len(self._patterns) >= MAX_PATTERNS:
            raise UsageError(f"plugin '{self.plugin}' has more than {MAX_PATTERNS} subscriptions")
        if not self._closed:
            self._patterns.add(pattern)
            self._among.add(self)

    def unsubscribe(self, pattern: str) -> None:
        """Undo :meth:`subscribe`."""
        self._patterns.discard(pattern)

    def matches(self, event: str) -> bool:
        """Tell whether the process has subscribed to ``event``."""
        return any(fnmatchcase(event, pattern) for pattern in self._patterns)

    def close(self) -> None:
        """Drop them all, for good: the process has ended."""
        self._closed = True
        self._among.discard(self)
