"""Looking at a real pane, and typing one key into it: only if it is as it was when it was looked at."""

from __future__ import annotations

import asyncio

import pytest

from yesman.agents import panes
from yesman.model.errors import NotFoundError
from yesman.sessions.control import ControlClient

SCRIPT = "stty raw -echo; printf '%%begin 1 2 3\\r\\n%%end\\r\\n'; exec cat -v"


async def shows(scene, text):
    async with asyncio.timeout(30):
        rows = ()
        while text not in rows:
            view = await panes.look(scene.tmux, "%0")
            rows = view.screen.rows if view else ()  # one that was just made may not be told of in full
            await asyncio.sleep(0.02)


@pytest.fixture(params=["control", "processes"])
async def pane(scene, request):
    """A pane whose program shows each key, and what looks like tmux's own words."""
    await scene.sessions.create("work", scene.folder, ["/bin/sh", "-c", SCRIPT])
    if request.param == "control":
        scene.tmux.control = await ControlClient.open(scene.tmux, lambda: None)
    await shows(scene, "%end")
    yield scene
    if scene.tmux.control:
        await scene.tmux.control.close()


async def test_a_look_is_the_whole_screen_and_who_typed_when(pane):
    view = await panes.look(pane.tmux, "%0")
    assert view.screen.rows == ("%begin 1 2 3", "%end")
    assert (view.screen.column, view.screen.row, view.free) == (0, 2, True)
    (session,) = await pane.sessions.list()
    assert view.first == session.windows[0].panes[0].pid
    assert view.typed_at >= session.created - 1


async def test_a_key_is_typed_once_while_nothing_has_changed(pane):
    view = await panes.look(pane.tmux, "%0")
    assert await panes.press(pane.tmux, "%0", "Down", view)
    await shows(pane, "^[[B")
    assert not await panes.press(pane.tmux, "%0", "Enter", view)  # the cursor has moved
    later = await panes.look(pane.tmux, "%0")
    assert later.screen.rows[-1] == "^[[B"
    assert await panes.press(pane.tmux, "%0", "Enter", later)
    await shows(pane, "^[[B^M")


@pytest.mark.parametrize("change", [("copy-mode",), ("set-option", "-w", "synchronize-panes", "on")])
async def test_no_key_is_typed_where_it_would_go_elsewhere(pane, change):
    view = await panes.look(pane.tmux, "%0")
    await pane.tmux.run(
        (*change, "-t", "%0") if change[0] == "copy-mode" else (*change[:2], "-t", "%0", *change[2:])
    )
    assert not await panes.press(pane.tmux, "%0", "Enter", view)
    assert not (await panes.look(pane.tmux, "%0")).free


async def test_a_pane_that_has_gone_cannot_be_looked_at(pane):
    with pytest.raises(NotFoundError):
        await panes.look(pane.tmux, "%99")
