"""What a dashboard may ask about panels: which there are, look at one, press what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.panels import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.panels import Panels
    from yesman.server.connection import Request


class Nothing(msgspec.Struct):
    """No parameters."""


class Watched(msgspec.Struct):
    """A panel, and the session that it is shown with."""

    plugin: str
    panel: str
    session: str | None = None


class Press(msgspec.Struct):
    """What was pressed: in which look, in which of its states, where, and what was filled in."""

    look: int
    revision: int
    path: str
    values: dict[str, Any] = {}


class Paneling:
    """Answers these requests.

    Args:
        panels: The panels.
    """

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {
            "panel.list": (Nothing, self._list),
            "panel.show": (Watched, self._show),
            "panel.watch": (Watched, self._watch),
            "panel.press": (Press, self._press),
        }

    async def _list(self, _params: Nothing, _request: Request) -> list[dict[str, Any]]:
        return self._panels.all()

    async def _show(self, params: Watched, _request: Request) -> bytes:
        """Return what a panel shows now, as JSON, which may be too large for the frame of a value."""
        look = self._panels.look(Place(params.plugin, params.panel, params.session))
        try:
            return msgspec.json.encode((await look.next()).changes[0][1])
        finally:
            look.close()

    async def _watch(self, params: Watched, request: Request) -> None:
        """Write a line of JSON for each state of a panel, until the viewer goes.

        Each has ``look``, by which what is shown can be pressed, ``revision`` and ``changes``.
        """
        look = self._panels.look(Place(params.plugin, params.panel, params.session))
        try:
            while True:
                update = await look.next()
                line = {"look": look.ident, "revision": update.revision, "changes": update.changes}
                request.output("out", msgspec.json.encode(line) + b"\n")
                await request.drained()
        finally:
            look.close()

    async def _press(self, params: Press, _request: Request) -> str:
        look = self._panels.found(params.look)
        return await look.press(params.revision, params.path, params.values)
