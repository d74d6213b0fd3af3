"""A program that acts as Claude Code does at a permission prompt; for what the real one cannot be had to do.

Usage: ``acting_agent.py FOLDER COMMAND…``. It calls itself claude, tells each command by the real hook
program, shows the prompt, follows the arrow keys, writes ``COMMAND: ANSWER`` to FOLDER/answers at Enter, and
goes on to the next command, at last to the box. FOLDER may hold ``silent`` (no hook), ``name`` (what it calls
itself), ``swap`` (the command to change to at the first key) and ``stuck`` (keys do nothing). At SIGUSR1 it
shows what FOLDER/now says instead.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import tty
from pathlib import Path

ANSWERS = ("Yes", "Yes, and don't ask again", "No")
DOWN, UP, ENTER = b"\x1b[B", b"\x1b[A", b"\r"


class Acting:
    """What it shows, and what it does at a key."""

    def __init__(self, folder: Path, commands: list[str]) -> None:
        self.folder, self.commands, self.at = folder, commands, 0
        signal.signal(signal.SIGUSR1, lambda *_: self.swap("now"))

    def swap(self, file: str) -> None:
        self.commands[0] = (self.folder / file).read_text()
        self.show()

    def tell(self) -> None:
        event = {"hook_event_name": "PermissionRequest", "tool_name": "Bash"}
        event["tool_input"] = {"command": self.commands[0]}
        if not (self.folder / "silent").exists():
            program = [sys.executable, "-I", "-m", "yesman.agents.event"]
            subprocess.run(program, input=json.dumps(event).encode(), check=True)

    def show(self) -> None:
        width, height = shutil.get_terminal_size()
        if self.commands:
            marks = [f" {'❯' if n == self.at else ' '} {n + 1}. {a}" for n, a in enumerate(ANSWERS)]
            dashes = "╌" * width
            rows = ["─" * width, " Bash command", dashes, f" {self.commands[0]}", dashes]
            rows += [" Do you want to proceed?", *marks, "", " Esc to cancel"]
            column, row = 2, height - len(rows) + 7 + self.at
        else:
            rows = ["─" * width, "❯", "─" * width, "  ? for shortcuts"]
            column, row = 3, height - 2
        text = "\r\n".join([""] * (height - len(rows)) + rows)
        os.write(1, f"\x1b[2J\x1b[H{text}\x1b[{row};{column}H".encode())

    def press(self, key: bytes) -> None:
        if (self.folder / "swap").exists():
            self.swap("swap")
        if not self.commands or (self.folder / "stuck").exists():
            return
        if key == ENTER:
            with (self.folder / "answers").open("a") as file:
                file.write(f"{self.commands.pop(0)}: {ANSWERS[self.at]}\n")
            self.at = 0
            self.ask()
            return
        self.at += {DOWN: 1, UP: -1}.get(key, 0)
        self.show()

    def ask(self) -> None:
        self.show()
        if self.commands:
            self.tell()


def main() -> None:
    folder = Path(sys.argv[1])
    name = folder / "name"
    Path("/proc/self/comm").write_text(name.read_text() if name.exists() else "claude")
    tty.setraw(0, termios.TCSANOW)
    acting = Acting(folder, sys.argv[2:])
    acting.ask()
    while keys := os.read(0, 64):
        for key in re.findall(rb"\x1b\[.|.", keys, re.DOTALL):
            acting.press(key)


if __name__ == "__main__":
    main()
