"""One log per plugin: bounded in size and rate, one printable line a record."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from yesman.model.plain_text import unsafe_character

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAX_BYTES = 1024 * 1024
"""Size at which the log becomes ``NAME.log.1``, replacing the one before."""
LINES_PER_SECOND = 200.0
BURST = 1000.0
MAX_LINE = 2_000
LONGEST_RECORD = 12 * MAX_LINE
"""Bytes, at least: a character is written as ten at most."""
SHORTEST_SECRET = 8
"""Characters; hiding shorter ones would tell them by what is missing."""
HIDDEN = "(secret)"
TOO_FAST = f"more than {LINES_PER_SECOND:g} a second"


class PluginLog:
    """Appends records of one plugin; what floods is counted, not written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tokens = BURST
        self._filled = time.monotonic()
        self._dropped = 0
        self._hidden: tuple[str, ...] = ()

    def hide(self, values: Iterable[object]) -> None:
        """Write none of ``values`` from now on where it stands as it is: against accidents, not intent."""
        texts = {value for value in values if isinstance(value, str) and len(value) >= SHORTEST_SECRET}
        self._hidden = tuple(sorted(texts | set(self._hidden), key=len, reverse=True))

    def conceal(self, text: str) -> str:
        """Return ``text`` without what is hidden."""
        for secret in self._hidden:
            text = text.replace(secret, HIDDEN)
        return text

    def write(self, level: int, message: str) -> None:
        """Append a record for each line of ``message``; a full disk loses them, never the caller."""
        lines = self.conceal(message).splitlines() or [""]
        allowed = self._allowed(len(lines))
        if allowed:
            self.settle()
            self._append("".join(_record(level, line) for line in lines[:allowed]))
        self._dropped += len(lines) - allowed

    def settle(self) -> None:
        """Say how many lines were dropped since this was last said."""
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._append(_record(logging.WARNING, f"({dropped} lines dropped: {TOO_FAST})"))

    def _allowed(self, lines: int) -> int:
        """Return how many of ``lines`` may be written now."""
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._filled) * LINES_PER_SECOND)
        self._filled = now
        allowed = min(lines, int(self._tokens))
        self._tokens -= allowed
        return allowed

    def _append(self, text: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.path.exists() and self.path.stat().st_size > MAX_BYTES:
                self.path.replace(self.path.with_suffix(".log.1"))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            return  # a log that cannot be written must not stop what it is about

    def tail(self, lines: int) -> list[str]:
        """Return the last ``lines`` lines, oldest first."""
        self.settle()
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, self.path.stat().st_size - lines * LONGEST_RECORD))
                found = file.read().decode(errors="replace").splitlines()
        except OSError:
            return []
        return found[max(0, len(found) - lines) :]


class PluginLogs:
    """The logs of all plugins, one file each in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._logs: dict[str, PluginLog] = {}

    def of(self, name: str) -> PluginLog:
        """Return the log of plugin ``name``."""
        if name not in self._logs:
            self._logs[name] = PluginLog(self._folder / f"{name}.log")
        return self._logs[name]


def _record(level: int, line: str) -> str:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return f"{stamp} {logging.getLevelName(level)} {printable(line[:MAX_LINE])}\n"


def printable(text: str) -> str:
    """Return ``text`` with every control, bidi and invisible character escaped."""
    if unsafe_character(text, allowed="\t") is None:
        return text
    return "".join(map(_escaped, text))


@lru_cache(maxsize=1024)
def _escaped(character: str) -> str:
    if unsafe_character(character, allowed="\t") is None:
        return character
    return character.encode("unicode_escape", errors="replace").decode()
