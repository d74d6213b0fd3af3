"""The real command line against a real server, with and without a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hosted.desk import PATIENCE, desk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hosted.desk import Desk

TALKER = """
import json, sys, time
from yesman.plugins import CommandPlugin, PluginCommand

GIFTS = {
    "data": {"success": True, "name": "Jos\\u00e9\\x1b[2J\\x7f"},
    "rows": [{"name": "a", "n": 1}, {"name": "b", "n": 2}],
    "text": "two\\nlines\\x1b[8m",
    "nothing": None,
    "nan": float("nan"),
}

class Talker(CommandPlugin):
    def get_commands(self):
        return [PluginCommand(name, f"It does {name}.", getattr(self, name), options)
                for name, options in COMMANDS.items()]

    def say(self, text, err):
        print(text.encode().decode("unicode_escape"), end="", file=sys.stderr if err else sys.stdout)

    def give(self, what):
        return GIFTS[what]

    def both(self):
        print("printed")
        return {"returned": 1}

    def echo(self):
        for line in sys.stdin:
            print("got", line.rstrip("\\n"), flush=True)
        return "end"

    def first(self):
        print("name? ", end="", flush=True)
        print("hello", sys.stdin.readline().rstrip())

    def wait(self, stubborn):
        try:
            print("waiting", flush=True)  # who is heard may be interrupted from here on
            time.sleep(60)
        except KeyboardInterrupt:
            print("cleaning up", flush=True)
            if stubborn:
                time.sleep(1.5)
                return "survived"
            raise

    def leave(self, code):
        sys.exit(code)

    def fail(self):
        raise ValueError("not\\nlike this\\x1b[2J")

    def pour(self):
        while True:
            print("x" * 100)

    def terminal(self):
        import shutil
        size = list(shutil.get_terminal_size())
        return {"in": sys.stdin.isatty(), "out": sys.stdout.isatty(), "size": size}

COMMANDS = {
    "say": [{"name": "--text", "required": True}, {"name": "--err", "is_flag": True}],
    "give": [{"name": "--what", "required": True}],
    "both": [],
    "echo": [],
    "first": [],
    "wait": [{"name": "--stubborn", "is_flag": True}],
    "leave": [{"name": "--code", "type": int, "default": 0}],
    "fail": [],
    "pour": [],
    "terminal": [],
}
"""
COMMANDS = ("say", "give", "both", "echo", "first", "wait", "leave", "fail", "pour", "terminal")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A machine where nothing was started yet."""
    with desk_of(tmp_path) as desk:
        yield desk


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A machine with a plugin whose commands do what terminals must bear."""
    with desk_of(tmp_path_factory.mktemp("user")) as desk:
        folder = desk.plugin("talker", TALKER, commands=COMMANDS)
        desk.yesman("plugin", "install", str(folder))
        yield desk


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Poll until something is true."""

    def poll(attempt: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (answer := attempt()):
            assert time.monotonic() < deadline, "nothing happened in time"
            time.sleep(0.01)
        return answer

    return poll
