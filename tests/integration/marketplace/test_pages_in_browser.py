"""The pages in a real browser, without scripts: found, read, reported, judged; in both colour schemes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from browsed.chromium import Window, chromium
from marketed.looking import png
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

README = "# Lamps\n\nSome *light*, [more](https://example.org), and `code`.\n\n```\nyesman lamp on\n```\n"
CONTRAST = (Path(__file__).parents[2] / "packages/browsed/contrast.js").read_text("utf-8")
PAGES = (
    "/", "/search?q=lamp", "/search?q=nothing+like+this", "/plugins/lamp", "/plugins/lamp/diff/1.0.0...1.1.0",
    "/plugins/lamp/reviews", "/publishers/lamplighter", f"/plugins/{'m' * 64}", "/sign-in", "/nowhere",
)  # fmt: skip
OWN_PAGES = (
    "/plugins/lamp",
    "/plugins/lamp/report",
    "/desk",
    "/desk/lamp",
    "/desk/lamp/1.1.0",
    "/reported/lamp",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator:
    with chromium(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def lit(shared, tmp_path_factory):
    author, folder = shared.author("lamplighter"), tmp_path_factory.mktemp("lamps")
    files = {"README.md": README.encode(), "assets/icon.png": png(64, 64)}
    said = {
        "files": files,
        "description": "'An odd lamp for long sessions'",
        "permissions": "[system.execute, session.read]",
    }
    for version in ("1.0.0", "1.1.0"):
        signed = author.make(folder, "lamp", version, source=f"V = '{version}'\n", **said)
        assert shared.publish(author, signed).status == 201
    longest = shared.author("w" * 64)
    signed = longest.make(folder, "m" * 64, "1.0.0.dev1234567890", description="lamp " + "x" * 400)
    assert shared.publish(longest, signed).status == 201
    reviewer = shared.author("lamp-reader")
    shared.ask("PUT", "/api/plugins/lamp/reviews", {"stars": 4, "text": "Bright"}, reviewer)
    shared.ask("POST", "/api/plugins/lamp/reports", {"kind": "other", "text": "Flickers"}, reviewer)
    assert (
        shared.publish(author, author.make(folder, "lamp", "2.0.0", description="suspicious")).status == 202
    )
    return shared


@pytest.fixture
def window(browser, lit):
    opened = Window(browser, lit.url)
    yield opened
    opened.close()


def test_somebody_finds_a_plugin_reports_it_and_a_moderator_decides(browser, window, market, tmp_path):
    author = market.author("shady-dealer")
    market.publish(author, author.make(tmp_path, "torch", description="Burns things"))
    page = window.page
    page.goto("/")
    page.get_by_label("Search by name, words or commands").fill("burns")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="torch", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("torch")
    expect(page.get_by_text("yesman plugin install torch")).to_be_visible()
    page.get_by_role("link", name="Report this plugin").click()
    window.sign_in(market.author("witness", "report", trusted=True).token)
    page.get_by_label("It does harm").check()
    page.get_by_label("What you saw, and where").fill("It burnt my keys")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    page.goto("/plugins/torch")
    expect(page.get_by_role("heading", level=1)).to_contain_text("is under review")
    judge_about_it(Window(browser, market.url), market)
    page.goto("/plugins/torch")
    expect(page.get_by_role("heading", level=1)).to_have_text("torch")
    assert {urlsplit(url).netloc for url in window.asked} == {urlsplit(market.url).netloc}
    # What a browser says of the page that is not there any more, and nothing else: no policy was broken.
    assert all("404" in said for said in window.complaints), window.complaints


def judge_about_it(desk: Window, market) -> None:
    page = desk.page
    page.goto("/desk")
    desk.sign_in(market.author("bench", "moderate").token)
    while not page.get_by_role("link", name="torch", exact=True).count():
        with page.expect_navigation():
            page.get_by_role("link", name="Next page").click()
    page.get_by_role("link", name="torch", exact=True).click()
    expect(page.get_by_text("It burnt my keys")).to_be_visible()
    page.get_by_role("link", name="files of 1.0.0").click()
    expect(page.get_by_text("class Made(IntegrationPlugin):")).to_be_visible()
    page.go_back()
    page.get_by_label("Restore").check()
    page.get_by_label("Reason").fill("It only lights candles")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("It only lights candles")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/desk")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert desk.complaints == []
    desk.close()


def test_a_review_is_written_without_a_mouse(window, market):
    page = window.page
    page.goto("/sign-in?next=/plugins/lamp")
    window.sign_in(market.author("typist", "review").token)
    page.get_by_label("5", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Written by hand")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Written by hand")).to_be_visible()


def test_the_first_tab_leads_past_the_header(window):
    window.page.goto("/")
    window.page.keyboard.press("Tab")
    expect(window.page.get_by_text("Go to the content")).to_be_focused()
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("main")).to_be_focused()


def test_a_policy_that_is_broken_would_be_seen(window):
    """The control of what the first test says of complaints: this picture is another host's."""
    window.page.goto("/")
    with window.page.expect_console_message() as said:
        window.page.evaluate(
            "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.2:9/x'}))"
        )
    assert "Content Security Policy" in said.value.text


def every_page(browser, market, **more) -> Iterator[tuple[Window, str]]:
    """All pages, opened one after the other: as a stranger, then as somebody who may do everything."""
    window = Window(browser, market.url, **more)
    for path in PAGES:
        window.page.goto(path)
        yield window, path
    window.page.goto("/sign-in")
    window.sign_in(market.author("everybody", "review", "report", "moderate").token)
    for path in OWN_PAGES:
        window.page.goto(path)
        yield window, path
    window.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_in_both_colour_schemes(browser, lit, scheme):
    for window, path in every_page(browser, lit, color_scheme=scheme):
        assert window.page.evaluate(CONTRAST) == [], path
        body = "getComputedStyle(document.body).backgroundColor"
        window.page.evaluate(f"document.querySelector('h1').style.color = {body}")
        assert window.page.evaluate(CONTRAST)  # the control


@pytest.mark.parametrize("width", [320, 768])
def test_no_page_is_wider_than_the_screen(browser, lit, width):
    for window, path in every_page(browser, lit, viewport={"width": width, "height": 700}):
        assert window.page.evaluate("document.documentElement.scrollWidth") <= width, path
