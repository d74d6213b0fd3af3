"""Plugins that are kept from running for as long as somebody says so: nothing of it is on disk.

What always holds: in safe mode no plugin runs, for the life of the server; else all do, unless one
holder has named the few that may; whatever ends the server or the holder ends that as well.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from yesman.model.errors import LeftOutError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SAFE_MODE = "no plugin runs in safe mode"


class Suspension:
    """Says who may run.

    Args:
        safe_mode: Whether nobody may.
    """

    def __init__(self, *, safe_mode: bool = False) -> None:
        self.safe_mode = safe_mode
        self._only: frozenset[str] | None = None

    @property
    def held(self) -> bool:
        """Whether somebody has named those that may run."""
        return self._only is not None

    def allows(self, plugin: str) -> bool:
        """Tell whether ``plugin`` may run."""
        return not self.safe_mode and (self._only is None or plugin in self._only)

    def check(self, plugin: str) -> None:
        """Refuse a plugin that may not run.

        Raises:
            UsageError: It says why not, and what to do.
        """
        if self.safe_mode:
            raise UsageError(
                f"plugin '{plugin}' is not run: the server was started in safe mode",
                "To run plugins again: yesman server stop",
            )
        if not self.allows(plugin):
            raise LeftOutError(
                f"plugin '{plugin}' is not run while 'yesman plugin bisect' looks for a culprit",
                "Wait until it is done, or end it",
            )

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the one who names those that may run; at the end all may again.

        Raises:
            UsageError: Somebody else is, or there is nobody to name.
        """
        if self.safe_mode:
            raise UsageError("no plugin runs in safe mode", "Stop the server first: yesman server stop")
        if self.held:
            raise UsageError("another 'yesman plugin bisect' is going on", "Wait until it is done, or end it")
        self._only = frozenset()
        try:
            yield
        finally:
            self._only = None

    def name(self, plugins: Iterable[str]) -> None:
        """Name those that may run, as the holder."""
        assert self.held  # noqa: S101 - only a holder calls this
        self._only = frozenset(plugins)
