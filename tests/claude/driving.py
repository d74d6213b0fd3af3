"""The real ``claude`` in a real tmux, with a home of its own and nothing of the caller's environment."""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.agents.claude_screen import read
from yesman.agents.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.agents.model import Reading

PATIENCE = 60.0
SCREENS = Path(__file__).parents[1] / "screens" / "claude"
# Not a key: it is long enough to be asked about, and goes to the stand-in on loopback only.
NO_KEY = "sk-ant-api03-this-is-not-a-key-0000000000"


class Agent:
    """One claude in one pane.

    Args:
        binary: The program.
        folder: Short and empty; holds the tmux socket, the agent's home and its project.
        api: Where the stand-in listens.
        size: Columns and rows.
    """

    def __init__(self, binary: Path, folder: Path, api: str, size: tuple[int, int]) -> None:
        self.binary, self.api, self.size = binary, api, size
        self.home, self.project, self.socket = folder / "home", folder / "project", folder / "s"
        self.home.mkdir()
        self.project.mkdir()
        # The first run asks a host of its maker's whether it may be used here; that is not what is tested.
        first_run = {"hasCompletedOnboarding": True, "theme": "dark"}
        (self.home / ".claude.json").write_text(json.dumps(first_run))

    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "SHELL": "/bin/sh",
            "TERM": "tmux-256color",
            "YESMAN_HOME": str(self.home / "y"),
            "ANTHROPIC_BASE_URL": self.api,
            "ANTHROPIC_API_KEY": NO_KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": "1",
            "DISABLE_AUTOUPDATER": "1",
            "HTTP_PROXY": self.api,
            "HTTPS_PROXY": self.api,
            "NO_PROXY": "127.0.0.1",
        }

    def tmux(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-f", "/dev/null", "-S", str(self.socket), *arguments]
        environment = self.environment() | {"TERM": "xterm-256color"}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    def start(self, *arguments: str) -> None:
        width, height = self.size
        # The second session keeps the server when the agent ends.
        self.tmux("new-session", "-d", "-s", "keep", "sleep", "3600")
        self.tmux("set-option", "-g", "default-terminal", "tmux-256color")
        command = shlex.join([str(self.binary), "--permission-mode", "manual", *arguments])
        self.tmux(
            "new-session",
            "-d",
            "-s",
            "a",
            "-x",
            str(width),
            "-y",
            str(height),
            "-c",
            str(self.project),
            command,
        )

    def stop(self) -> None:
        """End everything, and wait for the agent: it writes to its home to the very end."""
        pids = [int(pid) for pid in self.tmux("list-panes", "-a", "-F", "#{pane_pid}").split()]
        ends = [os.pidfd_open(pid) for pid in pids]
        self.tmux("kill-server")
        for end in ends:
            assert select.select([end], [], [], PATIENCE)[0], "the agent does not end"
            os.close(end)

    def screen(self) -> Screen:
        shown = self.tmux(
            "capture-pane", "-p", "-t", "a:", ";", "display-message", "-p", "-t", "a:", POSITION
        )
        text, _, position = shown.rstrip("\n").rpartition("\n")
        column, row = position.split()
        return Screen.of(text, int(column), int(row))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", "-t", "a:", key)
            self.settled()

    def choose(self, label: str) -> None:
        """Move to the answer that begins so, see that it is selected, and press Enter."""
        self.settled()  # a prompt is drawn a moment before it takes keys
        deadline = time.monotonic() + PATIENCE
        while not self._selected().startswith(label):
            assert time.monotonic() < deadline, f"{label!r} cannot be selected"
            self.press("Down")
        self.press("Enter")

    def _selected(self) -> str:
        prompt = read(self.screen()).prompt
        return next((option.label for option in prompt.options if option.selected), "") if prompt else ""

    def say(self, words: str) -> None:
        self.tmux("send-keys", "-t", "a:", "-l", words)
        # The box shows the '!' of a command apart from the rest.
        self.until(lambda _: words.lstrip("!") in "\n".join(self.screen().rows), f"typing {words!r}")
        self.tmux("send-keys", "-t", "a:", "Enter")

    def until(self, met: Callable[[Reading], bool], what: str) -> Reading:
        """Wait until what the screen is read as is as wanted, and drawn to the end."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            reading = read(self.screen())
            if met(reading) and read(self.settled()) == reading:
                return reading
        shown = "\n".join(self.screen().rows)
        raise AssertionError(
            f"{what} did not come about; the screen, read as {read(self.screen())}:\n{shown}"
        )

    def settled(self) -> Screen:
        """Return the screen once two looks at it agree, or after a while where it keeps moving."""
        deadline = time.monotonic() + 2
        before, now = None, self.screen()
        while before != now and time.monotonic() < deadline:
            time.sleep(0.15)  # not to synchronise: the distance of two looks
            before, now = now, self.screen()
        return now

    def record(self, name: str) -> None:
        """Keep the screen as a fixture of the reader's tests, where that was asked for."""
        if not os.environ.get("RECORD_SCREENS"):
            return
        screen = self.settled()
        width, height = self.size
        folder = SCREENS / f"{width}x{height}"
        folder.mkdir(parents=True, exist_ok=True)
        rows = (
            "\n".join(screen.rows).replace(str(self.project), "/work/app").replace(str(self.home), "/home/u")
        )
        (folder / f"{name}.txt").write_text(f"{screen.column} {screen.row}\n{rows}\n", encoding="utf-8")


POSITION = "#{cursor_x} #{cursor_y}"
