"""A limit that a plugin went over: what was too much, and how to allow more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yesman.model.errors import PluginFailedError
from yesman.model.limit_settings import size, written

if TYPE_CHECKING:
    from yesman.model.limits import Limits

_TWICE = 2


@dataclass(frozen=True)
class Exceeded:
    """One limit, exceeded.

    Attributes:
        limit: Its name (``yesman.model.limit_settings``).
        failure: The word for it in :class:`~yesman.model.errors.PluginFailedError`.
        deed: What was too much, for the middle of a sentence: "it used …".
        used: In the limit's own unit (bytes, seconds).
        allowed: Likewise.
        where: Folders that hold too much, for people; or "".
    """

    limit: str
    failure: str
    deed: str
    used: float
    allowed: float
    where: str = ""

    def error(self, plugin: str, doing: str = "", *, ended: bool = True) -> PluginFailedError:
        """Return it as the error of whoever waits; ``ended`` if the process ended for it."""
        during = f" while running '{doing}'" if doing else ""
        how = f"was stopped{during}" if ended else "is not started"
        return PluginFailedError(
            f"plugin '{plugin}' {how}: {self.deed}", self.next_step(plugin), failure=self.failure
        )

    def next_step(self, plugin: str) -> str:
        """Return what the user can do about it."""
        if self.where:
            return (
                f"Free some space in {self.where}, or {self.to_raise(plugin)}; "
                f"to delete all of it: yesman plugin remove {plugin} --purge"
            )
        return f"See 'yesman plugin logs {plugin}'; {self.to_raise(plugin)}"

    def to_raise(self, plugin: str) -> str:
        """Return how the user raises the limit, for the middle of a sentence."""
        return f"to allow more: yesman plugin limits {plugin} {self.limit}={self._more}"

    @property
    def _more(self) -> str:
        return written(self.limit, math.ceil(_TWICE * self.allowed))


def too_much_memory(used: int, limits: Limits) -> Exceeded:
    """Return that ``used`` bytes of memory are too much."""
    allowed = limits.memory_bytes
    deed = f"it used {size(used)} of memory, more than the {size(allowed)} that it may"
    return Exceeded("memory", "memory", deed, used, allowed)


def out_of_memory(limits: Limits) -> Exceeded:
    """Return that the kernel refused to give it more memory: a ``MemoryError`` in a handler."""
    deed = f"it asked for more memory than the {size(limits.data_bytes)} that it may reserve"
    return Exceeded("memory", "memory", deed, limits.data_bytes, limits.memory_bytes)


def too_much_cpu(used: float, limits: Limits, where: str = "") -> Exceeded:
    """Return that ``used`` seconds of processor time are too much; ``where``, if not in a command."""
    deed = f"it used more than {limits.cpu_seconds:g} seconds of processor time{where and ' '}{where}"
    return Exceeded("cpu", "timeout", deed, used, limits.cpu_seconds)


def too_slow(limit: str, seconds: float, doing: str) -> Exceeded:
    """Return that it did not finish in time; ``limit`` is ``command``, ``event`` or ``load``."""
    deed = f"it did not finish {doing} within {seconds:g} seconds"
    return Exceeded(limit, "timeout", deed, seconds, seconds)


def too_much_disk(used: int, limits: Limits, folders: tuple[str, ...]) -> Exceeded:
    """Return that its own ``folders`` hold ``used`` bytes or more, which is too much."""
    deed = f"its own folders hold more than the {size(limits.disk_bytes)} that they may"
    return Exceeded("disk", "disk", deed, used, limits.disk_bytes, " or ".join(folders))


def unclear_disk(why: str, used: int) -> Exceeded:
    """Return that nobody can tell what it keeps on the disk, and ``why``; ``used`` bytes were found.

    As if nothing were allowed: no limit but none lets it go on.
    """
    return Exceeded("disk", "disk", f"what it keeps on the disk cannot be told: {why}", used, 0.0)
