"""Markdown of strangers becomes HTML that can do nothing but be read.

What always holds: HTML in it is text; pictures are words; links lead to http, https and mailto, carry
``rel="nofollow noopener noreferrer"`` and never lead into pages of ours; headings stand below
those of the page; what hides or reorders text is replaced by a sign. It goes through two filters that know
nothing of each other: a renderer that makes no other tags, once, when a package is published, which may take
seconds for a text that was made for that; and nh3, which lets no others pass, each time it is shown.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from yesman.model.plain_text import unsafe_character

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

SCHEMES: Final = frozenset({"http", "https", "mailto"})
DEPTH: Final = 20
LONGEST: Final = 256 * 1024
"""Characters of HTML; what comes to more is shown as the text that it is."""
_DEEPEST, _BELOW = 6, 2
_TAGS: Final = {
    *("p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a", "span"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


def rendered(text: str) -> str:
    """Return ``text``, which is Markdown, as HTML for :func:`cleaned`."""
    parser = _Parser("commonmark", {"html": False, "maxNesting": DEPTH})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("image", _picture)
    parser.core.ruler.push("headings", _lower_headings)
    env: dict[str, Any] = {}
    tokens = parser.parse(visible(text), env)
    if _addresses(tokens) <= LONGEST:
        made = str(parser.renderer.render(tokens, parser.options, env))
        if len(made) <= LONGEST:
            return made
    return f"<pre>{html.escape(visible(text))}</pre>"


def cleaned(made: str) -> Markup:
    """Return what of ``made`` may be shown, whoever wrote it."""
    shown = nh3.clean(
        made,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        attribute_filter=_filtered,
        url_schemes=set(SCHEMES),
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(shown)  # noqa: S704 - the filter is what makes it safe


def visible(text: str) -> str:
    """Return ``text`` with a sign in the place of each character that hides or reorders others."""
    if unsafe_character(text, allowed="\n\t\r") is None:
        return text
    return "".join(
        c if c in "\n\t\r" or unsafe_character(c) is None else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def leads_outside(address: str) -> bool:
    """Tell whether an address may be a link: absolute, and of a scheme that runs nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc if parts.scheme != "mailto" else parts.path)


class _Parser(MarkdownIt):
    """A parser to which nothing is a link that leads nowhere outside."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - its name there
        """Tell whether this may be a link; otherwise it stays text."""
        return leads_outside(url)


def _filtered(_tag: str, name: str, value: str) -> str | None:
    """Keep an attribute unless it is a link into pages of ours."""
    return value if name != "href" or leads_outside(value) else None


def _addresses(tokens: Iterable[Token]) -> int:
    """Return how long all attributes are together: few letters may name one long address a thousand times."""
    return sum(
        sum(len(str(value)) for value in token.attrs.values()) + _addresses(token.children or ())
        for token in tokens
    )


def _lower_headings(state: Any) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + _BELOW, _DEEPEST)}"


def _picture(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """Return what a picture is called: it would be somebody else's host that is asked for it."""
    said = "".join(child.content for child in tokens[index].children or ())
    return f"<span>[picture: {html.escape(said or 'without a description')}]</span>"
