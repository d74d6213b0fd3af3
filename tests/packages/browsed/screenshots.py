"""Takes the pictures of the dashboard that are in the documentation: ``make screenshots``.

What is seen is a real server with real sessions in tmux and two of the examples; the pictures go to
``docs/images``, each in both colour schemes.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hosted.desk import desk_of

from browsed.chromium import Window, chromium
from browsed.dashboard import Web

if TYPE_CHECKING:
    from hosted.desk import Desk
    from playwright.sync_api import Browser

ROOT: Final = Path(__file__).resolve().parents[3]
IMAGES: Final = ROOT / "docs" / "images"
MOST_BYTES: Final = 150_000
SETTLED_MS: Final = 1_500
PAGES: Final = {
    "sessions": "/",
    "session": "/session?name=lantern",
    "plugins": "/plugins",
    "plugin": "/plugins/git-insight",
    "panel": "/panels/usage-insight/usage",
}
HISTORY: Final = (
    ("Ada", 3, "lamp.py"),
    ("Tom", 9, "wick.py"),
    ("Ada", 16, "lamp.py"),
    ("Mira", 30, "oil.py"),
)


def seed(desk: Desk, folder: Path) -> None:
    """Install two examples, and open sessions in which there is something to see."""
    desk.environ = {k: v for k, v in desk.environ.items() if not k.startswith("PIP_")}
    desk.environ |= {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_"))}
    desk.environ |= index_settings()
    repository(folder / "lantern")
    for example in ("git-insight", "usage-insight"):
        desk.yesman("plugin", "install", str(ROOT / "examples" / example), "--yes")
    for name in ("lantern", "review", "notes"):
        where = folder / "lantern" if name != "notes" else folder
        desk.yesman("session", "new", name, "--cwd", str(where), "--", "cat")


def index_settings() -> dict[str, str]:
    """Return where packages come from on this machine, as the set-up finds it."""
    program = [sys.executable, "-I", str(ROOT / "tools/index_settings.py")]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    words = (shlex.split(line) for line in told.splitlines())
    return dict(word[1].split("=", 1) for word in words if word[:1] == ["export"])


def repository(folder: Path) -> None:
    """Make a repository with some history."""
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for number, (author, weeks, file) in enumerate(HISTORY * 3):
        (folder / file).write_text(f"light = {number}\n")
        who = ["-c", f"user.name={author}", "-c", f"user.email={author.lower()}@example.org"]
        date = f"--date={weeks + number} days ago"
        subprocess.run(["git", "-C", str(folder), "add", "."], check=True)
        subprocess.run(["git", "-C", str(folder), *who, "commit", "-qm", f"Change {file}", date], check=True)


def take(browser: Browser, web: Web, link: str, scheme: str) -> None:
    """Take all pictures in one colour scheme."""
    window = Window(
        browser, web.origin, scripts=True, color_scheme=scheme, viewport={"width": 1120, "height": 800}
    )
    window.page.goto(link)
    for name, path in PAGES.items():
        window.page.goto(path)
        window.page.wait_for_timeout(SETTLED_MS)
        image = IMAGES / f"dashboard-{name}-{scheme}.png"
        window.page.screenshot(path=image)
        size = image.stat().st_size
        sys.stdout.write(f"{image.relative_to(ROOT)}: {size / 1000:.0f} kB\n")
        if size > MOST_BYTES:
            raise SystemExit(f"screenshots: {image} is larger than {MOST_BYTES} bytes")
    window.close()


def main() -> None:
    """Start a dashboard, and look at it."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yesman-") as made, desk_of(Path(made)) as desk:
        folder = Path(made)
        seed(desk, folder)
        with chromium(folder / "browser") as browser:
            for scheme in ("light", "dark"):
                web = Web(desk)
                take(browser, web, web.link, scheme)
                web.close()


if __name__ == "__main__":
    main()
