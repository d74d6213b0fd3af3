"""What runs in sessions, in a real browser: looked at live, typed into when unlocked, agents answered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

KEYS = {
    "ArrowUp": r"\x1b[A",
    "Control+c": r"\x03",
    "Escape": r"\x1b",
    "Enter": r"\r",
    "Alt+x": r"\x1bx",
}
RAW = """
import os, tty
tty.setraw(0)
while data := os.read(0, 99):
    os.write(1, repr(data).encode() + b"\\r\\n")
"""
ACTING = Path(__file__).parents[1] / "host/answers/acting_agent.py"


@pytest.fixture
def agent(desk):
    """Start a session with what acts as an agent; return the file of the answers that it got."""

    def start(*commands, name="work"):
        folder = Path(desk.environ["HOME"]) / name
        folder.mkdir()
        command = [sys.executable, str(ACTING), str(folder), *commands]
        desk.yesman("session", "new", name, "--cwd", str(folder), "--", *command)
        return folder / "answers"

    return start


def test_an_agent_that_waits_is_answered_on_the_first_page(agent, page):
    answers = agent("touch made.txt", "touch other.txt")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="work"))
    expect(card).to_contain_text("touch made.txt", timeout=30_000)
    expect(card.get_by_text("waiting", exact=True)).to_be_visible()
    card.get_by_role("button", name="No", exact=True).click(timeout=30_000)
    expect(page.get_by_role("status")).to_contain_text("Answered: No", timeout=30_000)
    assert answers.read_text() == "touch made.txt: No\n"
    expect(card).to_contain_text("touch other.txt", timeout=30_000)


def test_an_answer_to_what_is_gone_is_refused(agent, desk, page):
    answers = agent("one", "two")
    page.get_by_role("link", name="work").click()
    button = page.get_by_role("button", name="Yes", exact=True)
    expect(button).to_be_visible(timeout=30_000)
    button.evaluate("(button) => { button.dataset.number = '7'; button.click(); }")
    expect(page.get_by_text("does not ask that any more")).to_be_visible(timeout=30_000)
    assert not answers.exists()


def test_a_terminal_is_shown_live_and_typed_into_only_once_that_is_unlocked(desk, page):
    desk.yesman(
        "session", "new", "work", "--cwd", "/", "--", "sh", "-c", r"printf '\033[31mhello\033[0m\n'; cat"
    )
    page.goto("/session?name=work")
    screen = page.locator(".screen")
    expect(screen).to_contain_text("hello")
    expect(screen.locator(".f1")).to_have_text("hello")
    screen.click()
    page.keyboard.type("locked\n")
    page.get_by_role("button", name="Type here").click()
    page.keyboard.type("unlocked;\n")
    expect(screen).to_contain_text("unlocked;")
    assert "locked\n" not in desk.yesman("session", "capture", "work").stdout.replace("unlocked;", "")
    page.get_by_role("button", name="Stop typing").click()
    screen.click()
    page.keyboard.type("again\n")
    page.wait_for_timeout(500)
    assert "again" not in desk.yesman("session", "capture", "work").stdout


def test_keys_reach_the_program_as_from_a_terminal(desk, page):
    program = (
        "import os, tty\ntty.setraw(0)\nwhile d := os.read(0, 99): os.write(1, repr(d).encode() + b'\\r\\n')"
    )
    desk.yesman("session", "new", "work", "--cwd", "/", "--", sys.executable, "-c", program)
    page.goto("/session?name=work")
    page.get_by_role("button", name="Type here").click()
    screen = page.locator(".screen")
    for key, sent in KEYS.items():
        page.keyboard.press(key)
        expect(screen).to_contain_text(f"b'{sent}'")


def test_what_a_terminal_shows_is_text(desk, page):
    script = "<script>window.owned=1</script><img src=x onerror=window.owned=1>"
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "sh", "-c", f"printf '%s' '{script}'; cat")
    page.goto("/session?name=work")
    expect(page.locator(".screen")).to_contain_text("onerror")
    assert page.evaluate("window.owned ?? 0") == 0


def test_panes_come_and_go(desk, page):
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    page.goto("/session?name=work")
    expect(page.locator(".screen")).to_have_count(1)
    tmux = ["tmux", "-S", str(desk.home / "tmux.sock")]
    subprocess.run([*tmux, "split-window", "-t", "work:", "cat"], check=True)
    expect(page.locator(".screen")).to_have_count(2)
