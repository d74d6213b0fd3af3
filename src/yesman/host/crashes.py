"""When a plugin that crashed is started again, and when no more. Values in, values out.

What always holds: only crashes of the last :data:`WINDOW_SECONDS` count; with :data:`TOO_MANY` of them a
plugin is quarantined, and nothing but the user's word undoes that; what is kept of a crash is bounded.
"""

from __future__ import annotations

from typing import Final

import msgspec

WINDOW_SECONDS: Final = 300.0
TOO_MANY: Final = 3
FIRST_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 60.0
LOG_LINES: Final = 30
"""The interpreter's own report of a deadly signal names the innermost of some twenty frames first."""
MAX_LOG_LINE: Final = 200
"""Characters."""
MAX_WORDS: Final = 300


class Crash(msgspec.Struct, frozen=True, kw_only=True):
    """One process that died unasked.

    Attributes:
        time: Unix seconds.
        version: Of the plugin.
        end: How the process ended: "died of SIGSEGV", "exited with code 3".
        why: Why the host ended it, or "".
        during: The call it began last, or "".
        cpu_ms: Processor time it used in all.
        peak_kib: Its peak resident memory.
        log: The last lines of the plugin's log, oldest first.
    """

    time: float
    version: str
    end: str
    why: str
    during: str
    cpu_ms: int
    peak_kib: int
    log: tuple[str, ...] = ()

    def __str__(self) -> str:
        during = f" while running '{self.during}'" if self.during else ""
        return f"{self.why or f'it {self.end}'}{during}"


class History(msgspec.Struct, frozen=True):
    """The crashes of one plugin that matter, oldest first.

    Attributes:
        crashes: At most :data:`TOO_MANY`.
        quarantined: Whether it is not started any more.
    """

    crashes: tuple[Crash, ...] = ()
    quarantined: bool = False

    @property
    def reason(self) -> str:
        """Why it is quarantined, for the middle of a sentence."""
        minutes = f"{WINDOW_SECONDS / 60:g} minutes"
        return (
            f"it crashed {len(self.crashes)} times within {minutes}, the last time because {self.crashes[-1]}"
        )


def after(history: History, crash: Crash) -> History:
    """Return what ``crash`` makes of ``history``; the blame of a quarantine stays as it was.

    A crash that seems to come from the future was before somebody set the clock back: it cannot be
    placed and does not count.
    """
    if history.quarantined:
        return history
    recent = (*(c for c in history.crashes if 0 <= crash.time - c.time < WINDOW_SECONDS), crash)
    return History(recent, len(recent) >= TOO_MANY)


def recent(history: History, now: float) -> int:
    """Return how many crashes count at the time ``now``."""
    return sum(0 <= now - crash.time < WINDOW_SECONDS for crash in history.crashes)


def with_log(history: History, crash: Crash, log: tuple[str, ...]) -> History:
    """Return ``history`` with the log of ``crash`` replaced: its last words may come after its end."""
    amended = msgspec.structs.replace(crash, log=log)
    return History(tuple(amended if c == crash else c for c in history.crashes), history.quarantined)


def pause(times: int, chance: float) -> float:
    """Return the seconds until the next start after ``times`` failures in a row.

    Args:
        times: 1 or more.
        chance: 0 to 1, random: plugins that fell together should not rise together.
    """
    longest: float = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(times - 1, 16))
    return longest * (1 + chance) / 2


def bounded(log: list[str]) -> tuple[str, ...]:
    """Return the end of a log as it is kept."""
    return tuple(line[:MAX_LOG_LINE] for line in log[-LOG_LINES:])
