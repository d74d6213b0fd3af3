"""A panel on the screen: shown as it changes, while it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text
from textual import on, work
from textual.containers import VerticalScroll
from textual.widgets import Static

from yesman.dashboard.formats import plain
from yesman.dashboard.parts import stale
from yesman.dashboard.terminal.asking import Confirmation, complain
from yesman.dashboard.terminal.drawing import Part, Pressed
from yesman.model.errors import YesmanError
from yesman.model.panels import read_panel, walk
from yesman.model.patch import patched

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from yesman.dashboard.client import Client
    from yesman.model.panels import Node
    from yesman.model.patch import Change


class Where(NamedTuple):
    """A panel, and the session that it is shown with."""

    plugin: str
    panel: str
    session: str | None = None


class PanelView(VerticalScroll):
    """Shows one panel from when it is mounted until it is removed.

    Args:
        client: Leads to the server.
        where: Which panel.
    """

    DEFAULT_CSS = "PanelView { height: 1fr; padding: 0 1; }"

    def __init__(self, client: Client, where: Where) -> None:
        super().__init__()
        self.where = where
        self._client = client
        self._look = self._revision = 0
        self._data: Any = None

    def compose(self) -> ComposeResult:
        """Say that it comes."""
        yield Static(Text(f"{self.where.plugin} is asked what it shows…", style="dim"))

    def on_mount(self) -> None:
        """Begin to look."""
        self._watch()

    @work
    async def _watch(self) -> None:
        params = self.where._asdict()
        try:
            async for line in self._client.lines("panel.watch", **params):
                await self._show(line)
        except YesmanError as error:
            await self.remove_children()
            await self.mount(Static(Text(plain(str(error)), style="bold red")))

    async def _show(self, line: dict[str, Any]) -> None:
        made: list[Change] = [(path, value) for path, value in line["changes"]]
        self._data = patched(self._data, made)
        node = read_panel(self._data)
        self._look, self._revision = line["look"], line["revision"]
        for path in stale([path for path, _ in made], node):
            await self._draw(node, path)

    async def _draw(self, node: Node, path: str) -> None:
        part = next((part for part in self.query(Part) if part.path == path), None)
        below = next(found for at, found in walk(node) if at == path)
        if part is not None:
            await part.show(below)  # type: ignore[arg-type]  # parts stand at nodes, not at items
        else:
            await self.remove_children()
            await self.mount(Part(node, ""))

    @on(Pressed)
    def press(self, event: Pressed) -> None:
        """Ask, if that is wanted, and have the plugin do it."""
        event.stop()
        self._press(event)

    @work
    async def _press(self, event: Pressed) -> None:
        revision = self._revision
        if event.confirm and not await self.app.push_screen_wait(Confirmation(event.confirm)):
            return
        params = {"look": self._look, "revision": revision, "path": event.path, "values": event.values}
        try:
            said = await self._client.call("panel.press", **params)
        except YesmanError as error:
            complain(self, error)
            return
        if said:
            self.notify(said, title=self.where.plugin, markup=False)
