"""A process in service, what it was started on, and how another took over: values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yesman.host.confinement import NOT_THERE, ground

if TYPE_CHECKING:
    from yesman.runtime.plugin import LivePlugin
    from yesman.sandbox.policy import Policy


class Basis(NamedTuple):
    """What a process is started on; another basis takes another process."""

    policy: Policy
    files: str
    folders: str

    def allows_all_of(self, old: Basis) -> bool:
        """Tell whether a process on ``old`` can touch nothing at this moment that this one forbids.

        A folder that it was granted may have been moved away: the kernel grants it that one still.
        """
        now = ground(old.policy).split()
        same = all(was in {NOT_THERE, found} for was, found in zip(old.folders.split(), now, strict=True))
        return same and self.policy.allows_all_of(old.policy)


class Served(NamedTuple):
    """A process in service."""

    live: LivePlugin
    basis: Basis
    version: str


class Reloaded(NamedTuple):
    """How a plugin was reloaded.

    Attributes:
        plugin: Which.
        version: That serves now.
        pid: Its process.
        load_ms: Milliseconds the new process took to be fit; the old one served meanwhile.
        swap_ms: Milliseconds for which whoever used the plugin had to wait.
        state: Whether it was handed the state of the one before.
        template: Whether the new process was forked from the plugin's template.
    """

    plugin: str
    version: str
    pid: int
    load_ms: float
    swap_ms: float
    state: bool
    template: bool
