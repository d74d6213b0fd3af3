"""HTML as a reader gets it: a tree of elements, and what is seen of each part of a panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = {"br", "hr", "img", "input"}
MARKS = {"ascending": "▲", "descending": "▼"}  # as the style sheet adds them


@dataclass
class Element:
    """An element; its children are elements and texts."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def all(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all()

    def named(self, tag: str) -> list[Element]:
        return [one for one in self.all() if one.tag == tag]

    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    def with_class(self, name: str) -> list[Element]:
        return [one for one in self.all() if name in one.classes()]

    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text() for c in self.children)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {names}"
        made = Element(tag, dict(attrs))
        self._open[-1].children.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_endtag(self, tag):
        assert self._open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self._open[-1].children.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl):
        raise AssertionError(f"a declaration: {decl}")

    def finish(self):
        self.close()
        assert self._open == [self.root], "an element without an end"
        return self.root


def parsed(markup: str) -> Element:
    """The tree of a piece of HTML; whatever is not well-formed fails."""
    reader = _Reader()
    reader.feed(markup)
    return reader.finish()


def read_page(markup: str) -> dict[str, str]:
    """What is seen of each part by itself, by path: every sheet and branch opened, without its spaces."""
    return {
        one.attributes["data-path"] or "": "".join("".join(_seen(one)).split())
        for one in parsed(markup).all()
        if "data-path" in one.attributes
    }


def _seen(above: Element) -> Iterator[str]:
    number = int(above.attributes.get("start") or 1)
    for child in above.children:
        if isinstance(child, str):
            yield child
        elif above.tag == "ol":
            yield f"{number}."
            yield from _seen(child)
            number += 1
        elif not (_unseen(child) or "data-path" in child.attributes):
            yield from _control(child) if child.tag in {"input", "select", "img"} else _seen(child)
            yield MARKS.get(child.attributes.get("aria-sort") or "", "")


def _unseen(one: Element) -> bool:
    """Tell what nobody sees; or, of charts, what a terminal has no room for: ticks and labels between."""
    return one.tag == "title" or bool({"out", "y", "middle"} & set(one.classes()))


def _control(one: Element) -> Iterator[str]:
    if one.tag == "img":
        yield f"[{one.attributes['alt']}]"
    elif one.tag == "select":
        options = one.named("option")
        yield next((o for o in options if "selected" in o.attributes), options[0]).text()
    elif one.attributes["type"] == "password":
        yield "•" * len(one.attributes["value"] or "")
    elif one.attributes["type"] != "checkbox":
        yield one.attributes["value"] or ""


def sent(form: Element) -> dict[str, str]:
    """What a browser would send of a form that nobody has touched."""
    found = {}
    for one in form.all():
        name = one.attributes.get("name")
        if one.tag == "select":
            chosen = [o for o in one.named("option") if "selected" in o.attributes]
            found[name] = (chosen[0].attributes["value"] or "") if chosen else ""
        elif one.tag == "input" and (one.attributes["type"] != "checkbox" or "checked" in one.attributes):
            found[name] = one.attributes["value"] or ""
    return found
