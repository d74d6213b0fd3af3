"""A terminal that somebody looks at: a program in a tmux server of its own, keys typed, the screen read."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PATIENCE = 40.0
ENDED = "[ended with code "


class Screen:
    """The terminal.

    Args:
        folder: Short, for the socket.
        argv: The program.
        environ: Its environment.
        size: Columns and lines.
    """

    def __init__(
        self, folder: Path, argv: Sequence[str], environ: dict[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        self._socket = folder / "screen.sock"
        self._environ = environ | {"TERM": "xterm-256color"}
        self._said = ""
        columns, lines = map(str, size)
        program = ["sh", "-c", f'"$@"; echo "{ENDED}$?]"; cat', "sh", *argv]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", lines, *program)

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket), *arguments]
        return subprocess.run(command, env=self._environ, check=True, capture_output=True, text=True).stdout

    def text(self) -> str:
        """Return what is on the screen."""
        return self._tmux("capture-pane", "-p")

    def styled(self) -> str:
        """Return it with escape sequences for colours."""
        return self._tmux("capture-pane", "-p", "-e")

    def title(self) -> str:
        """Return the title that the program has given the terminal."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip()

    def type(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self._tmux("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux("send-keys", "-l", text)

    def until(self, *texts: str, gone: str = "") -> str:
        """Return the screen once it shows all ``texts``, and not ``gone``."""
        return self.until_met(
            lambda shown: all(t in shown for t in texts) and (not gone or gone not in shown)
        )

    def until_met(self, met: Callable[[str], bool]) -> str:
        """Return the screen once it is as it should be."""
        deadline = time.monotonic() + PATIENCE
        while not met(shown := self.text()):
            assert time.monotonic() < deadline, f"the screen shows:\n{shown}"
            time.sleep(0.05)
        return shown

    def type_until(self, key: str, *texts: str, gone: str = "") -> str:
        """Press a key again and again, every second, until the screen shows ``texts``, and not ``gone``."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.type(key)
            again = time.monotonic() + 1.0
            while time.monotonic() < again:
                shown = self.text()
                if all(text in shown for text in texts) and (not gone or gone not in shown):
                    return shown
                time.sleep(0.05)
            assert time.monotonic() < deadline, f"the screen shows:\n{shown}"

    def end(self) -> int:
        """Return the exit code of the program, which is about to end."""
        shown = self.until(ENDED)
        return int(shown.partition(ENDED)[2].partition("]")[0])

    def close(self) -> None:
        """End it."""
        subprocess.run(
            ["tmux", "-S", str(self._socket), "kill-server"],
            env=self._environ,
            check=False,
            capture_output=True,
        )
