"""Asks the bystanders, tells numbered events and makes numbered sessions while something goes wrong."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PAUSE = 0.03
SESSION_PAUSE = 0.2
TMUX_SECONDS = 10.0


class Asking(threading.Thread):
    """Runs a command of each bystander in turn until stopped; one of them tells a numbered event.

    Attributes:
        worst: The longest answer, in seconds.
        asked: How often somebody was asked.
        told: Numbers of events that were told for certain.
        maybe: Numbers of events whose teller was interrupted.
        failures: Answers that were none.
    """

    def __init__(self, server: Any, first: int) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._next = first
        self._stop_asked = threading.Event()
        self.worst = 0.0
        self.asked = 0
        self.told: list[str] = []
        self.maybe: list[str] = []
        self.failures: list[str] = []

    def run(self) -> None:
        """Ask (called by the thread)."""
        while not self._stop_asked.wait(PAUSE):
            number = str(self._next)
            self._next += 1
            told = self._ask("answers", "tick", number)
            (self.told if told else self.maybe).append(number)
            self._ask("counts", "count", number)
            self._ask("listens", "last", "")

    def _ask(self, plugin: str, command: str, arg: str) -> bool:
        """Tell whether it answered as it should."""
        started = time.monotonic()
        try:
            answer = self._server.run(plugin, command, arg)
            wrong = answer.failure or (arg and answer.value != arg and f"answered {answer.value!r}")
        except OSError as error:
            wrong = f"{error!r}"
        self.worst = max(self.worst, time.monotonic() - started)
        self.asked += 1
        if wrong:
            self.failures.append(f"{plugin}: {wrong['message'] if isinstance(wrong, dict) else wrong}")
        return not wrong

    def stop(self) -> int:
        """Stop; return the next number."""
        self._stop_asked.set()
        self.join(90)
        return self._next


class Sessions(threading.Thread):
    """Makes and kills numbered sessions with bare tmux until stopped.

    Attributes:
        made: Their names.
    """

    def __init__(self, socket: Path, first: int) -> None:
        super().__init__(daemon=True)
        self._socket = socket
        self._next = first
        self._stop_asked = threading.Event()
        self.made: list[str] = []

    def run(self) -> None:
        """Make sessions (called by the thread)."""
        while not self._stop_asked.wait(SESSION_PAUSE):
            name = f"m{self._next}"
            self._next += 1
            if tmux(self._socket, "new-session", "-d", "-s", name, "sleep 1000") == 0:
                self.made.append(name)
                tmux(self._socket, "kill-session", "-t", f"={name}")

    def stop(self) -> int:
        """Stop; return the next number."""
        self._stop_asked.set()
        self.join(2 * TMUX_SECONDS)
        return self._next


def tmux(socket: Path, *arguments: str) -> int | None:
    """Run bare tmux; return its exit code, None if it does not end."""
    with suppress(subprocess.TimeoutExpired):
        command = ["tmux", "-S", str(socket), *arguments]
        return subprocess.run(command, capture_output=True, check=False, timeout=TMUX_SECONDS).returncode
    return None
