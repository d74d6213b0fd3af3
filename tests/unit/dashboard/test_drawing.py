"""Every node is drawn in a terminal, whatever is in it."""

from __future__ import annotations

import asyncio

import pytest
from drawn.nodes import KINDS, trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App

from yesman.dashboard.terminal.drawing import Part, draw
from yesman.model import panels
from yesman.model.panels import read_panel, walk


class Alone(App):
    """Shows one node."""

    def __init__(self, node):
        super().__init__()
        self._node = node

    def compose(self):
        yield Part(self._node, "")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_there_is_a_way_to_draw_every_kind(kind):
    assert draw.dispatch(kind) is not draw.dispatch(object)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees(st.text(max_size=30)))
def test_no_panel_ends_the_dashboard(data):
    """Drawn for real, without a terminal; an exception in any widget would be raised here."""
    tree = read_panel(data)

    async def shown():
        async with Alone(tree).run_test(size=(60, 20)) as pilot:
            await pilot.pause()
            drawn = {part.path for part in pilot.app.query(Part)}
            assert drawn == {path for path, found in walk(tree) if not isinstance(found, panels.Item)}

    asyncio.run(shown())
