"""A machine with a server, and the dashboard on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browsed.dashboard import Web
from hosted.desk import Desk, desk_of
from hosted.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MANIFEST = """type: ui
description: Shows things
provides:
  - panels:
      - {name: main, title: Things}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path) as made:
        yield made


@pytest.fixture
def dashboard(desk: Desk) -> Iterator[Callable[..., Screen]]:
    """Open the dashboard; it is closed afterwards."""
    opened: list[Screen] = []

    def show(**more: Any) -> Screen:
        opened.append(Screen(desk.home, [*desk.program, "dashboard", "--tui"], desk.environ, **more))
        return opened[-1]

    try:
        yield show
    finally:
        for screen in opened:
            screen.close()


@pytest.fixture
def start(desk: Desk) -> Iterator[Callable[..., Web]]:
    """Start the dashboard in the browser; it is ended afterwards."""
    started: list[Web] = []

    def run(*arguments: str) -> Web:
        started.append(Web(desk, *arguments))
        return started[-1]

    try:
        yield run
    finally:
        for web in started:
            web.close()


@pytest.fixture
def web(start: Callable[..., Web]) -> Web:
    """The dashboard in the browser; nobody has come in yet."""
    return start()


@pytest.fixture
def panel(desk: Desk) -> Callable[..., str]:
    """Install a plugin whose panel shows ``node``, with more methods; return its name."""

    def install(node: str, more: str = "", actions: str = "{}", manifest: str = MANIFEST) -> str:
        source = (
            "import time\n"
            "from yesman.plugins import UIPlugin, ui\n"
            "class Things(UIPlugin):\n"
            "    def get_panels(self):\n"
            f"        return [ui.Panel('main', self.show, {actions})]\n"
            "    def show(self, view):\n"
            f"        return {node}\n" + more
        )
        desk.yesman("plugin", "install", str(desk.plugin("things", source, manifest)), "--yes")
        return "things"

    return install
