"""The system's Chromium, driven as a person would: a home of its own, and no page but ours."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
MILLISECONDS = 60_000


@contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """A running Chromium that keeps what it must in ``home``; gone afterwards."""
    program = next(filter(None, map(shutil.which, NAMES)))
    environment: Any = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    }
    with sync_playwright() as playwright:
        # Without its own sandbox, which root cannot have: it is shown nothing but our own pages.
        browser = playwright.chromium.launch(executable_path=program, env=environment, timeout=MILLISECONDS)
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A browser without cookies of before; ``asked``, ``complaints``: what it did and said."""

    def __init__(self, browser: Browser, base: str, *, scripts: bool = False, **more: Any) -> None:
        self.base = base
        self.context = browser.new_context(java_script_enabled=scripts, base_url=base, **more)
        self.context.set_default_timeout(MILLISECONDS)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def close(self) -> None:
        self.context.close()

    def sign_in(self, token: str) -> None:
        """Fill in the form for signing in, which must be shown."""
        self.page.get_by_label("Your token").fill(token)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
