"""What the context's services do, each used with ``await`` or without."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from yesman.plugins import Done, Items, Pane, Plugin, Session, Text, Window

if TYPE_CHECKING:
    from yesman.plugins import Event, PluginContext


async def sessions(context: PluginContext) -> None:
    """Make, find, rename, mark and close a session."""
    manager = context.session_manager
    current = await manager.get_current_session()
    assert current.name == "compat-home"
    made = await manager.create_session("compat-made")
    assert isinstance(made, Session)
    assert (made.name, made.attached, bool(made.id), bool(made.cwd)) == ("compat-made", False, True, True)
    assert made.created > 0
    assert isinstance(manager.set_metadata(made, "ticket", "7"), Done)
    assert manager.get_session("compat-made").metadata["ticket"] == "7"
    await manager.rename_session(made, "compat-renamed")
    listed = await manager.list_sessions()
    assert isinstance(listed, Items)
    assert "compat-renamed" in [session.name for session in listed]
    assert not manager.close_session("compat-renamed")
    _refused(LookupError, manager.get_session, "compat-renamed")
    _refused(ValueError, manager.create_session, "compat-a:b")


def panes(context: PluginContext) -> None:
    """Look into the windows and panes of a session, and type."""
    tmux, home = context.tmux_manager, context.session_manager.get_session("compat-home")
    (window,) = tmux.list_windows(home)
    assert isinstance(window, Window)
    assert (window.index >= 0, bool(window.name), window.active, len(window.panes)) == (True, True, True, 1)
    (pane,) = tmux.list_panes("compat-home")
    assert isinstance(pane, Pane)
    assert pane.id == window.panes[0].id
    assert (pane.active, pane.pid > 0, pane.width > 0, pane.height > 0, bool(pane.cwd)) == (True,) * 5
    assert isinstance(tmux.send_keys(home, "echo com''pat", pane), Done)
    tmux.send_keys("compat-home", "not entered", enter=False)
    deadline = time.monotonic() + 20
    while "compat" not in (shown := tmux.capture_pane(home, pane, lines=40)).replace("com''pat", ""):
        assert time.monotonic() < deadline, shown
        time.sleep(0.05)
    assert isinstance(shown, Text)
    _refused(LookupError, tmux.capture_pane, home, "%999")


async def bus(context: PluginContext) -> None:
    """Subscribe twice, publish, and unsubscribe."""
    events = context.event_bus

    def hear(_event: Event) -> None:
        """Hear it."""

    events.subscribe("plugin.compat-command.*", hear)
    await events.subscribe("session.*", hear)
    assert isinstance(await events.publish("plugin.compat-command.said", {"n": 1}), Done)
    events.publish("plugin.compat-command.again")
    events.unsubscribe("plugin.compat-command.*", hear)
    _refused(LookupError, events.unsubscribe, "plugin.compat-command.*", hear)
    _refused(PermissionError, events.publish, "session.created", {})
    _refused(ValueError, events.subscribe, "session.*", None)


def plugins(context: PluginContext) -> None:
    """List plugins, and change none: nobody is there to say yes."""
    manager = context.plugin_manager
    mine = manager.get_plugin("compat-command")
    assert isinstance(mine, Plugin)
    assert (mine.name, mine.version, mine.state, mine.enabled) == ("compat-command", "1.0.0", "running", True)
    assert "plugin.manage" in mine.grants
    assert mine.description
    assert mine.name in [plugin.name for plugin in manager.list_plugins()]
    _refused(LookupError, manager.get_plugin, "nobody")
    _refused(PermissionError, manager.disable_plugin, "compat-provider")
    _refused(PermissionError, manager.remove_plugin, "compat-provider")


def _refused(kind: type[Exception], call: object, *arguments: object) -> None:
    try:
        call(*arguments)  # type: ignore[operator]  # a method, whichever
    except kind:
        return
    raise AssertionError(f"{call} was not refused")
