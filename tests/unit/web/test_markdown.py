"""Markdown that was written to do harm does none; what was written to be read is readable."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from marketed.looking import Page

from yesman.web import markdown


def shown(text: str) -> Page:
    return Page(str(markdown.cleaned(markdown.rendered(text))).encode())


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>",
        "<iframe src='//evil.example'></iframe>",
        "<form action='/desk'><button>",
        "`<script>`",
        "```html\n<script>alert(1)</script>\n```",
        "```<script>\n<\n```",
        "&lt;script&gt;",
        "[<script>alert(1)</script>](https://example.org)",
        "![<script>](https://example.org/x.png)",
        "| <script> |\n|---|\n| <b onclick=x> |",
    ],
)
def test_html_is_text(text):
    page = shown(text)
    assert "<" in page.text or "pre" in page.tags  # it is there to be read
    assert page.tags <= {"p", "pre", "code", "a", "span", "table", "thead", "tbody", "tr", "th", "td"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "/sign-out",
        "//evil.example/",
        "?q=x",
        "#content",
        "desk",
        "https:",
        "http:///x",
    ],
)
@pytest.mark.parametrize("form", ["[x]({})", "<{}>", "[x][r]\n\n[r]: {}"])
def test_a_link_that_could_do_something_is_none(address, form):
    assert not any(shown(form.format(address)).links)


@pytest.mark.parametrize("address", ["https://example.org/a?b=1", "http://example.org", "mailto:a@b.example"])
def test_a_link_elsewhere_is_one_that_vouches_for_nothing(address):
    (link,) = shown(f"[x]({address})").all("a")
    assert link == {"href": address, "rel": "nofollow noopener noreferrer"}


def test_pictures_are_words():
    page = shown("![our *logo*](https://tracker.example/1.png) ![](https://x.example/x.png)")
    assert "img" not in page.tags
    assert page.text == "[picture: our logo] [picture: without a description]"


def test_what_hides_or_reorders_text_is_seen():
    assert shown("a\u202eb\u200bc").text == "a\ufffdb\ufffdc"
    assert shown("naïve 日本 👍").text == "naïve 日本 👍"


def test_headings_stand_below_those_of_the_page():
    assert [tag for tag, _ in shown("# a\n\n## b\n\n###### c").elements] == ["h3", "h4", "h6"]


def test_a_readme_looks_like_one():
    text = "# T\n\n*a* **b** ~~c~~ `d`\n\n1. x\n2. y\n\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert shown(text).tags >= {"h3", "em", "strong", "s", "code", "ol", "li", "blockquote", "table", "td"}


UNITS = (
    "[",
    "![",
    "> ",
    "- ",
    "*a_ ",
    "<",
    "**a",
    "[a](",
    "`",
    "|a",
    "1. ",
    "~~a ",
    "  - a\n",
    "a|b\n-|-\n|\n",
)


@pytest.mark.parametrize("unit", UNITS)
def test_what_was_made_to_take_long_or_to_be_deep_ends(unit):
    text = (unit * 32768)[:32768]
    began = time.process_time()
    page = shown(text)
    assert time.process_time() - began < 60  # a few seconds; quadratic work would be hours
    assert not page.unbalanced
    assert len(page.elements) < 32768


def test_html_without_end_is_shown_as_what_it_is():
    wide = "|".join(["a"] * 200) + "\n" + "|".join(["-"] * 200) + "\n" + "|\n" * 30000
    assert shown(wide).tags == {"pre"}
    assert shown("|a|\n|-|\n|b|\n").tags > {"table"}  # the control


@pytest.mark.parametrize("definition", ["[a]: https://x/{}", "[a]: https://x/ '{}'"])
def test_a_long_address_that_is_named_a_thousand_times_is_not_written_out(definition):
    text = definition.format("&" * 20_000) + "\n\n" + "[a] " * 10_000
    tracemalloc.start()
    made = markdown.rendered(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made.startswith("<pre>[a]: https://x/")
    assert peak < 100 << 20  # it was 2 GB
    assert "<a " in markdown.rendered(definition.format("&") + "\n\n" + "[a] " * 1000)
