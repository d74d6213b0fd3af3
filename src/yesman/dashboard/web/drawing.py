"""Draws the nodes of a panel as HTML.

What always holds: no text of a plugin is read as markup, and nothing of it runs; what can be pressed tells
only where in the panel it stands (``data-press``) and what is asked first (``data-confirm``); there is no
style in an attribute and no script, so that a page may forbid both.

Each node stands in an element with its path (``data-path``), to be replaced alone. Scripts turn the pages of
tables, sort them, and change tabs.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import nh3
from markupsafe import Markup

from yesman.dashboard.formats import written
from yesman.dashboard.web.charts import chart, sparkline
from yesman.dashboard.web.forms import form
from yesman.dashboard.web.html import element, hidden, joined
from yesman.dashboard.web.tables import table
from yesman.dashboard.wording import SIGNS, delta, named, share
from yesman.model import panels
from yesman.web.markdown import cleaned, rendered

if TYPE_CHECKING:
    from yesman.dashboard.web.scene import Scene
    from yesman.model.panels import Node, Tone

_WORDS: Final[dict[Tone, str]] = {"good": "Good: ", "warning": "Warning: ", "bad": "Bad: "}
_DEEPEST = 6


def part(node: Node, path: str, scene: Scene) -> Markup:
    """Return a node as an element that says where in the panel it stands."""
    kind = type(node).__name__.lower()
    return element("div", draw(node, path, scene), class_=f"part part-{kind}", data_path=path)


@singledispatch
def draw(node: Node, path: str, scene: Scene) -> Markup:
    """Return what shows ``node``, which stands at ``path``."""
    raise TypeError(f"{type(node).__name__} at {path} of {scene.plugin} is no node of a panel")


@draw.register(panels.Text)
def _text(node: panels.Text, _path: str, _scene: Scene) -> Markup:
    strong = " strong" if node.strong else ""
    return element("p", _toned(node.text, node.tone), class_=f"text tone-{node.tone}{strong}")


@draw.register(panels.Markdown)
def _markdown(node: panels.Markdown, _path: str, _scene: Scene) -> Markup:
    # What was filtered is filtered once more, which is how nh3 sets an attribute of its own.
    away = nh3.clean(
        cleaned(rendered(node.text)),
        link_rel="nofollow noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return element("div", Markup(away), class_="prose")  # noqa: S704 - the filter is what makes it safe


@draw.register(panels.KeyValue)
def _pairs(node: panels.KeyValue, _path: str, _scene: Scene) -> Markup:
    pairs = (
        element("div", element("dt", name), element("dd", written(value, "text")))
        for name, value in node.rows
    )
    return element("dl", *pairs, class_="pairs")


@draw.register(panels.Table)
def _table(node: panels.Table, _path: str, _scene: Scene) -> Markup:
    return table(node)


@draw.register(panels.Metric)
def _metric(node: panels.Metric, _path: str, _scene: Scene) -> Markup:
    figure = [element("span", written(node.value, node.format), class_="value")]
    if change := delta(node):
        figure += [Markup(" "), element("span", change.text, class_=f"delta {change.tone}")]
    return element(
        "div",
        element("p", node.label, class_="label"),
        element("p", *figure, class_="figure"),
        sparkline(node) if len(node.trend) > 1 else "",
        class_="metric",
    )


@draw.register(panels.Chart)
def _chart(node: panels.Chart, _path: str, _scene: Scene) -> Markup:
    return chart(node)


@draw.register(panels.Progress)
def _progress(node: panels.Progress, path: str, scene: Scene) -> Markup:
    ident = scene.id_of(path, "bar")
    said = element("p", element("label", node.label, for_=ident), " ", element("span", share(node)))
    return element("div", said, element("progress", id=ident, max=1, value=node.value), class_="progress")


@draw.register(panels.Tree)
def _tree(node: panels.Tree, _path: str, _scene: Scene) -> Markup:
    return element("div", _branch(node.items), class_="tree")


def _branch(items: tuple[panels.Item, ...]) -> Markup:
    return element("ul", *(element("li", _item(item)) for item in items))


def _item(item: panels.Item) -> Markup:
    text = element("span", _toned(item.text, item.tone), class_=f"tone-{item.tone}")
    if not item.children:
        return text
    return element("details", element("summary", text), _branch(item.children), open=item.open)


@draw.register(panels.Log)
def _log(node: panels.Log, _path: str, _scene: Scene) -> Markup:
    # A line end right at the beginning is not read.
    return element("pre", "\n", "\n".join(node.lines), class_="log", tabindex=0)


@draw.register(panels.Image)
def _image(node: panels.Image, _path: str, scene: Scene) -> Markup:
    address = f"/assets/{quote(scene.plugin, safe='')}/{quote(node.asset)}"
    return element("img", src=address, alt=node.alt, loading="lazy")


@draw.register(panels.Button)
def _button(node: panels.Button, path: str, _scene: Scene) -> Markup:
    return element(
        "button",
        named(node.label),
        type="button",
        class_=f"press tone-{node.tone}",
        data_press=path,
        data_confirm=node.action.confirm or None,
    )


@draw.register(panels.Menu)
def _menu(node: panels.Menu, path: str, scene: Scene) -> Markup:
    buttons = (part(item, f"{path}/items/{number}", scene) for number, item in enumerate(node.items))
    summary = element("summary", named(node.label))
    return element("details", summary, element("div", *buttons), class_="menu")


@draw.register(panels.Form)
def _form(node: panels.Form, path: str, scene: Scene) -> Markup:
    return form(node, path, scene)


@draw.register(panels.Tabs)
def _tabs(node: panels.Tabs, path: str, scene: Scene) -> Markup:
    titles, sheets = [], []
    for number, tab in enumerate(node.tabs):
        title, sheet = scene.id_of(path, "tab", number), scene.id_of(path, "panel", number)
        titles.append(
            element(
                "button",
                named(tab.title),
                type="button",
                role="tab",
                id=title,
                aria_controls=sheet,
                aria_selected="false" if number else "true",
                tabindex=-1 if number else 0,
            )
        )
        content = part(tab.content, f"{path}/tabs/{number}/content", scene)
        sheets.append(
            element(
                "div",
                content,
                role="tabpanel",
                id=sheet,
                aria_labelledby=title,
                tabindex=0,
                hidden=bool(number),
            )
        )
    return element("div", element("div", *titles, role="tablist"), *sheets, class_="tabs")


@draw.register(panels.Stack)
def _stack(node: panels.Stack, path: str, scene: Scene) -> Markup:
    title = element(f"h{min(scene.heading, _DEEPEST)}", node.title) if node.title else ""
    inner = scene.below(node)
    parts = (part(child, f"{path}/children/{number}", inner) for number, child in enumerate(node.children))
    return element("section", title, element("div", *parts, class_=node.direction), class_="stack")


@draw.register(panels.Empty)
def _empty(node: panels.Empty, _path: str, _scene: Scene) -> Markup:
    return element("div", element("p", node.text), _hint(node.hint), class_="empty")


@draw.register(panels.Error)
def _error(node: panels.Error, _path: str, _scene: Scene) -> Markup:
    said = element("p", _toned(node.text, "bad"), class_="strong")
    return element("div", said, _hint(node.hint), class_="error", role="note")


def _hint(text: str) -> Markup | str:
    return element("p", text, class_="hint") if text else ""


def _toned(text: str, tone: Tone) -> Markup:
    """Return a text and what its tone is, seen and read out."""
    if tone not in SIGNS:
        return joined(text)
    return joined(
        element("span", f"{SIGNS[tone]} ", class_="sign", aria_hidden="true"), hidden(_WORDS[tone]), text
    )
