"""A plugin's panels: what each shows, and what happens when somebody presses something in it.

Which panel may be shown and which action is offered is the host's to decide; here it is only carried out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.plugins import ui
from yesman.worker.loading import LoadError, maybe_await

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SAID = 2_000


async def render(panels: Mapping[str, ui.Panel], params: dict[str, Any]) -> Any:
    """Return what a panel shows as JSON data.

    Raises:
        LoadError: The plugin has no such panel any more, or it shows something else than a node.
        Exception: Whatever the plugin raises.
    """
    found = await maybe_await(_panel(panels, params["name"]).render(ui.View(params["session"])))
    if not isinstance(found, ui.Node):
        raise LoadError(f"the panel '{params['name']}' shows {type(found).__name__}, not a node of ui")
    return ui.data(found)


async def act(panels: Mapping[str, ui.Panel], params: dict[str, Any]) -> str | None:
    """Carry out an action of a panel; return what is to be said of it.

    Raises:
        LoadError: The plugin has no such panel, or that no such action.
        Exception: Whatever the plugin raises.
    """
    action = _panel(panels, params["name"]).actions.get(params["action"])
    if action is None:
        raise LoadError(f"the panel '{params['name']}' has no action '{params['action']}'")
    view = ui.View(params["session"])
    said = await maybe_await(action(ui.Act(params["action"], params["arguments"], params["values"], view)))
    return said[:MAX_SAID] if isinstance(said, str) else None


def _panel(panels: Mapping[str, ui.Panel], name: str) -> ui.Panel:
    if name not in panels:
        raise LoadError(f"the plugin no longer has a panel '{name}'; reinstall it")
    return panels[name]
