"""Takes the pictures of the marketplace's pages that are in the documentation: ``make screenshots``.

What is seen is a real server with every example, a review, a second version, and a plugin that waits for
moderators; the pictures go to ``docs/images``, each in both colour schemes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from browsed.chromium import Window, chromium

from marketed.authors import Author, packed
from marketed.looking import png
from marketed.market import Market
from yesman.marketplace.place import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT: Final = Path(__file__).resolve().parents[3]
IMAGES: Final = ROOT / "docs" / "images"
MOST_BYTES: Final = 150_000
PAGES: Final = {
    "search": "/",
    "plugin": "/plugins/git-insight",
    "diff": "/plugins/lantern/diff/1.0.0...1.1.0",
    "desk": "/desk/lantern",
}
SOURCE: Final = (
    "from yesman.plugins import IntegrationPlugin\n\n\nclass Lantern(IntegrationPlugin):\n    colour = {!r}\n"
)
REVIEWS: Final = (("tom", 5, "Found my slow commits in a minute."), ("ada", 4, "Clear, and asks for little."))
LANTERN: Final = "Lights the line that waits for you"


def publish(market: Market, author: Author, file: Path) -> None:
    """Publish a package as the client does."""
    answer = market.publish(author, author.sign(file))
    if answer.status not in {201, 202}:
        raise SystemExit(f"screenshots: {answer.body!r}")


def seed(market: Market, folder: Path) -> None:
    """Publish what the examples show of themselves, and a plugin with three versions of which one waits."""
    author = market.author("examples")
    for example in sorted(path.parent for path in (ROOT / "examples").glob("*/plugin.yaml")):
        about = yaml.safe_load((example / "plugin.yaml").read_text("utf-8"))
        said = {
            key: json.dumps(about[key]) for key in ("description", "permissions", "author") if key in about
        }
        files = {"README.md": (example / "README.md").read_bytes()}
        publish(market, author, packed(folder, about["name"], about["version"], files=files, **said))
    lanterns(market, folder)
    for name, stars, text in REVIEWS:
        path = "/api/plugins/git-insight/reviews"
        market.ask("PUT", path, {"stars": stars, "text": text}, market.author(name))
    said = {"kind": "malware", "text": "Version 1.1.0 sends what it reads to lights.example.org."}
    market.ask("POST", "/api/plugins/lantern/reports", said, market.author("tom"))


def lanterns(market: Market, folder: Path) -> None:
    """Publish a plugin that comes to ask for more, and then is suspicious."""
    author = market.author("mira")
    files = {
        "assets/icon.png": png(64, 64, (168, 100, 0)),
        "README.md": b"# Lantern\n\nOne light, one line.\n",
    }
    hosts = "'network.external:lights.example.org:443'"
    for version, colour, asks, said in (
        ("1.0.0", "amber", "[session.read]", LANTERN),
        ("1.1.0", "green", f"[session.read, {hosts}]", LANTERN),
        ("1.2.0", "red", "[session.read]", "A suspicious lantern"),
    ):
        source = SOURCE.format(colour)
        more = {"files": files, "description": said, "permissions": asks}
        publish(market, author, packed(folder, "lantern", version, source, **more))


def take(browser: Browser, market: Market, scheme: str) -> None:
    """Take all pictures in one colour scheme."""
    window = Window(browser, market.url, color_scheme=scheme, viewport={"width": 1120, "height": 800})
    window.page.goto("/")
    for name, path in PAGES.items():
        if name == "desk":
            window.page.goto("/sign-in")
            window.sign_in(market.author("judge", "moderate").token)
        window.page.goto(path)
        image = IMAGES / f"market-{name}-{scheme}.png"
        window.page.screenshot(path=image)
        size = image.stat().st_size
        sys.stdout.write(f"{image.relative_to(ROOT)}: {size / 1000:.0f} kB\n")
        if size > MOST_BYTES:
            raise SystemExit(f"screenshots: {image} is larger than {MOST_BYTES} bytes")
    window.close()


def main() -> None:
    """Start a marketplace, fill it, and look at it."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yesman-") as made:
        folder = Path(made)
        market = Market(folder / "market", Settings())
        try:
            seed(market.start(), folder)
            with chromium(folder / "home") as browser:
                for scheme in ("light", "dark"):
                    take(browser, market, scheme)
        finally:
            market.close()


if __name__ == "__main__":
    main()
