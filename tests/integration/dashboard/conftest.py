"""A machine with a server, and the dashboard on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browsed.chromium import Window, chromium
from browsed.dashboard import Web
from hosted.desk import Desk, desk_of
from hosted.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

REFUSED = "the server responded with a status of 4"
"""What a browser says of a form that is not filled in as it must be; the page says it as well."""
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


@pytest.fixture(scope="module")  # its loop runs in this thread, so no other module could have one
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser."""
    with chromium(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, start: Callable[..., Web]) -> Iterator[Callable[..., Page]]:
    """Start the dashboard and come in with a browser; what else that did is looked at in the end."""
    windows: list[tuple[Web, Window]] = []

    def come(**more: Any) -> Page:
        web = start()
        windows.append((web, Window(browser, web.origin, scripts=True, **more)))
        page = windows[-1][1].page
        page.goto(web.link)
        return page

    yield come
    for web, window in windows:
        window.close()
        elsewhere = [asked for asked in window.asked if not asked.startswith(f"{web.origin}/")]
        assert elsewhere == [], "nothing is asked of any other host"
        assert [said for said in window.complaints if REFUSED not in said] == []


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """The dashboard's first page."""
    return visit()


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
