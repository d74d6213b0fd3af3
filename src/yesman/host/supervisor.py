"""Watches how plugins end: waits a little longer after each crash, and after three gives up on them.

What always holds: a crash is a process that died unasked and by its own fault; it is on disk before
the plugin can be started again; a plugin that does not start at all is tried ever more rarely, whatever
asks for it, but for a user who runs a command and is there to see what comes of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING, Final

from yesman.host.crash_file import CrashFile
from yesman.host.crashes import (
    LOG_LINES,
    MAX_WORDS,
    Crash,
    History,
    after,
    bounded,
    pause,
    recent,
    with_log,
)
from yesman.model.errors import PlatformError, PluginFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from yesman.host.logs import PluginLog
    from yesman.host.recorder import Recorder
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.zygote import Exit

PATIENCE_SECONDS: Final = 1.0
"""So long a use waits for the next start; it is refused if that is further away."""
LAST_WORDS_SECONDS: Final = 0.2
"""After the end of a process, for what it printed last to be read."""


_log = logging.getLogger("yesman.supervision")


class Supervisor:
    """Decides when a plugin may be started.

    Args:
        path: Where crashes are kept.
        recorder: Hears of quarantines.
        log_of: A plugin's log.
        again: Called when a plugin that failed may be started again, or was given up.
        counting: Whether crashes count at this moment.
        chance: Random, 0 to 1.
    """

    def __init__(  # noqa: PLR0917 - called in one place, the manager
        self,
        path: Path,
        recorder: Recorder,
        log_of: Callable[[str], PluginLog],
        again: Callable[[str], None],
        counting: Callable[[], bool],
        chance: Callable[[], float] = random.random,  # spreads load, guards nothing
    ) -> None:
        self._file = CrashFile(path)
        self._recorder = recorder
        self._log_of = log_of
        self._again = again
        self._counting = counting
        self._chance = chance
        self._crashed_until: dict[str, float] = {}
        self._failed_until: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closed = False

    # --- may it be started?

    def history(self, plugin: str) -> History:
        """Return how ``plugin`` has crashed of late."""
        return self._file.of(plugin)

    def check(self, plugin: str) -> None:
        """Refuse a plugin that is quarantined.

        Raises:
            UsageError: It says why, and what lets it run again.
        """
        history = self.history(plugin)
        if history.quarantined:
            raise UsageError(
                f"plugin '{plugin}' is quarantined: {history.reason}",
                f"See 'yesman plugin show {plugin}'; to let it run again: yesman plugin enable {plugin}",
            )

    def hopeless(self, plugin: str) -> bool:
        """Tell whether a use of ``plugin`` at this moment would be refused."""
        return self.history(plugin).quarantined or self._left(plugin) > PATIENCE_SECONDS

    async def turn(self, plugin: str, *, asked: bool) -> None:
        """Return when ``plugin`` may be started.

        Args:
            plugin: Which.
            asked: Whether a user asks for it and sees what comes of it.

        Raises:
            PluginFailedError: That is too far away.
        """
        left = self._left(plugin, asked=asked)
        if left > PATIENCE_SECONDS:
            raise PluginFailedError(
                f"plugin '{plugin}' does not start and is tried again in {left:.0f} seconds",
                f"See 'yesman plugin logs {plugin}'",
                failure="crashed",
            )
        await asyncio.sleep(left)

    def _left(self, plugin: str, *, asked: bool = False) -> float:
        until = self._crashed_until.get(plugin, 0.0)
        if not asked:
            until = max(until, self._failed_until.get(plugin, 0.0))
        return max(0.0, until - time.monotonic())

    # --- what happened

    def ended(self, plugin: str, version: str, live: LivePlugin, end: Exit) -> None:
        """Take note of the end of a process."""
        if self._closed:
            return
        if end.collateral:
            self._again_in(plugin, pause(1, self._chance()))
        elif live.crashed(end) and self._counting():
            self._crashed(plugin, _blame(version, live, end, self._log_of(plugin)))

    def _crashed(self, plugin: str, crash: Crash) -> None:
        before = self.history(plugin)
        history = after(before, crash)
        self._file.put(plugin, history)
        asyncio.get_running_loop().call_later(LAST_WORDS_SECONDS, self._hear_out, plugin, crash)
        if history.quarantined:
            if not before.quarantined:
                self._recorder.quarantined(plugin, crash.version, history.reason)
            self._again_in(plugin, 0.0)  # another process of it may be left
            return
        left = pause(recent(history, crash.time), self._chance())
        self._crashed_until[plugin] = time.monotonic() + left
        self._again_in(plugin, left)

    def _hear_out(self, plugin: str, crash: Crash) -> None:
        history = self.history(plugin)
        log = bounded(self._log_of(plugin).tail(LOG_LINES))
        if log != crash.log and crash in history.crashes and not self._closed:
            self._file.put(plugin, with_log(history, crash, log))

    def did_not_start(self, plugin: str) -> None:
        """Take note of a start that failed."""
        times = self._failures[plugin] = self._failures.get(plugin, 0) + 1
        left = pause(times, self._chance())
        self._failed_until[plugin] = time.monotonic() + left
        self._again_in(plugin, left)

    def started(self, plugin: str) -> None:
        """Take note of a start that succeeded, or of a change after which it may."""
        self._failures.pop(plugin, None)
        self._failed_until.pop(plugin, None)

    def pardon(self, plugin: str) -> bool:
        """Forget all crashes of ``plugin``; return whether it was quarantined.

        Raises:
            PlatformError: That cannot be written down; nothing is forgotten.
        """
        was = self.history(plugin).quarantined
        self._file.drop(plugin)
        self._crashed_until.pop(plugin, None)
        self.started(plugin)
        return was

    def forget(self, plugin: str) -> None:
        """Forget all crashes of ``plugin``, which is another one now; if that cannot be kept, nothing is."""
        try:
            self.pardon(plugin)
        except PlatformError as error:
            _log.error("the crashes of plugin '%s' cannot be forgotten: %s", plugin, error)

    def close(self) -> None:
        """Start nothing any more."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()

    def _again_in(self, plugin: str, seconds: float) -> None:
        if plugin in self._timers:
            self._timers[plugin].cancel()
        self._timers[plugin] = asyncio.get_running_loop().call_later(seconds, self._go, plugin)

    def _go(self, plugin: str) -> None:
        self._timers.pop(plugin, None)
        self._again(plugin)


def _blame(version: str, live: LivePlugin, end: Exit, log: PluginLog) -> Crash:
    return Crash(
        time=time.time(),
        version=version,
        end=str(end),
        why=live.cause_of_end[:MAX_WORDS],
        during=live.doing[:MAX_WORDS],
        cpu_ms=end.cpu_ms,
        peak_kib=end.peak_kib,
        log=bounded(log.tail(LOG_LINES)),
    )
