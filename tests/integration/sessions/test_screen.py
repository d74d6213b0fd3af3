"""What a pane shows, with its colours, from a real tmux; and keys as a terminal sends them."""

from __future__ import annotations

import sys

import pytest

from yesman.model.errors import NotFoundError
from yesman.sessions.screens import Run

SHOW = (
    r"printf '\033]0;title\007\033[1;31mred\033[0m \033[44mblue\033[0m \033[38;5;208mx\033[0m\n"
    r"\033]8;;http://evil.example\033\\link\033]8;;\033\\\n'; exec cat"
)
RAW = "import os, sys, tty\ntty.setraw(0)\nos.write(1, b'ready\\r\\n')\n"
RAW += "while (data := os.read(0, 100)): os.write(1, repr(data).encode() + b'\\r\\n')"


def texts(screen):
    return ["".join(run.text for run in line).rstrip() for line in screen.lines]


async def test_colours_are_told_and_sequences_are_not(sessions, tmp_path, until):
    await sessions.create("work", tmp_path, ["sh", "-c", SHOW])

    async def shown():
        screen = await sessions.screen("work")
        return screen if "link" in texts(screen) else None

    screen = await until(shown)
    assert screen.columns == 200
    first = screen.lines[0]
    assert first[0] == Run("red", 1, None, ("bold",))
    assert Run("blue", None, 4) in first
    assert Run("x", 208) in first
    assert texts(screen)[1] == "link"
    assert screen.cursor == (0, 2)


async def test_a_pane_of_another_session_is_not_shown(sessions, tmp_path):
    await sessions.create("work", tmp_path, ["cat"])
    other = await sessions.create("other", tmp_path, ["cat"])
    with pytest.raises(NotFoundError):
        await sessions.screen("work", other.windows[0].panes[0].id)


@pytest.mark.parametrize(
    ("typed", "arrives"),
    [
        ("\x1b[A", "b'\\x1b[A'"),
        ("\x03", "b'\\x03'"),
        ("\r", "b'\\r'"),
        ("é;", "b'\\xc3\\xa9;'"),
        ("\t", "b'\\t'"),
    ],
)
async def test_keys_arrive_as_a_terminal_sends_them(sessions, tmp_path, until, typed, arrives):
    await sessions.create("work", tmp_path, [sys.executable, "-c", RAW])

    async def shows(text):
        found = "".join(texts(await sessions.screen("work")))
        return found if text in found else None

    await until(lambda: shows("ready"))
    await sessions.send("work", typed, enter=False)
    assert arrives in await until(lambda: shows(arrives))
