"""The terminal's screen as a reader gets it: what stands where each part of a panel is."""

from __future__ import annotations

import re

from textual.app import App
from textual.containers import Horizontal
from textual.widgets import Collapsible, TabPane, Tree

from yesman.dashboard.terminal.drawing import Part, Pressed
from yesman.model import panels
from yesman.model.panels import walk

WIDE, HIGH = 240, 400
LINES = re.compile("[\u2500-\u259f■]")  # borders, branches, bars: drawn, not read
ARROWS = re.compile("[▲▼▶]")  # what opens and closes something
OPENED = panels.Tree | panels.Menu | panels.Form
BULLETS = re.compile("[•◦‣⬤]")


class Alone(App):
    """Shows one panel with room for all of it: below each other, every sheet and branch open."""

    def __init__(self, node):
        super().__init__()
        self._node = node
        self.pressed: list[Pressed] = []

    def compose(self):
        yield Part(self._node, "")

    def on_pressed(self, event):
        self.pressed.append(event)

    async def open(self, pilot):
        """Open what can be opened, and wait until it is drawn."""
        for one in self.query(Collapsible):
            one.collapsed = False
        for one in self.query(Tree):
            one.root.expand_all()
            one.styles.height = "auto"
        for one in self.query(Part):
            if isinstance(one.parent, Horizontal):
                one.parent.styles.layout = "vertical"
                one.styles.width = "100%"
        for one in self.query(TabPane):
            one.display = True
        await pilot.pause()
        await pilot.pause()

    def read(self) -> dict[str, str]:
        """What is seen of each part by itself, by path, without its spaces."""
        strips = [strip.text for strip in self.screen._compositor.render_strips()]
        places = {part.path: part.region for part in self.query(Part)}
        nodes = dict(walk(self._node))
        return {path: self._seen(path, nodes[path], places, strips) for path in places}

    def _seen(self, path, node, places, strips):
        own = places[path]
        inner = [place for other, place in places.items() if other != path and other.startswith(path)]
        rows = [
            "".join(
                strips[y][x]
                for x in range(own.x, min(own.right, len(strips[y])))
                if not any(place.contains(x, y) for place in inner)
            )
            for y in range(own.y, own.bottom)
        ]
        text = LINES.sub("", "".join(rows))
        if isinstance(node, OPENED):
            text = ARROWS.sub("", text)
        if isinstance(node, panels.Markdown):
            text = BULLETS.sub("", text)
        return "".join(text.split())


async def read_screen(node):
    """What a reader of the terminal gets of each part of a panel."""
    app = Alone(node)
    async with app.run_test(size=(WIDE, HIGH)) as pilot:
        await app.open(pilot)
        return app.read()
