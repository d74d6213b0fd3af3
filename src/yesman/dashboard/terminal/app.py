"""The terminal dashboard: sessions, plugins, and a tab for each panel that stands by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on, work
from textual.app import App
from textual.binding import Binding
from textual.widgets import Footer, Header, TabbedContent, TabPane

from yesman.dashboard.client import Client
from yesman.dashboard.formats import plain
from yesman.dashboard.terminal.asking import complain
from yesman.dashboard.terminal.plugins import PluginsView
from yesman.dashboard.terminal.sessions import SessionsView
from yesman.dashboard.terminal.tabs import PanelTabs
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

REFRESH_SECONDS: Final = 1.0
OURS: Final = ("sessions", "plugins")
"""The first tabs."""


class Dashboard(App[int]):
    """The whole screen.

    Args:
        socket: The server's.
    """

    TITLE = "yesman"
    BINDINGS: ClassVar[Any] = [
        ("q", "quit", "Quit"),
        ("f5", "refresh_all", "Refresh"),
        Binding("1", "tab(0)", "Tab", key_display="1-9"),
        *(Binding(str(digit), f"tab({digit - 1})", show=False) for digit in range(2, 10)),
    ]
    CSS = "Screen > TabbedContent { height: 1fr; } TabPane { padding: 0; }"

    def __init__(self, socket: Path) -> None:
        super().__init__()
        self._socket = socket
        self._client: Client | None = None
        self._stale = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Draw the frame; what it shows comes with the connection."""
        yield Header()
        yield PanelTabs()
        yield Footer()

    async def on_mount(self) -> None:
        """Connect, and begin to look."""
        try:
            self._client = await Client.open(self._socket)
        except YesmanError as error:
            self.exit(4, message=plain(str(error)))
            return
        tabs = self.query_one(PanelTabs)
        for ident, view in zip(OURS, (SessionsView(self._client), PluginsView(self._client)), strict=True):
            await tabs.add_pane(TabPane(ident.title(), view, id=ident))
        self._keep_fresh(self._client)
        self._end_with_the_server(self._client)

    @work
    async def _end_with_the_server(self, client: Client) -> None:
        await client.lost
        self.exit(4, message="The server has ended.")

    def action_refresh_all(self) -> None:
        """Look at everything anew, at once."""
        self._stale.set()

    async def action_tab(self, number: int) -> None:
        """Bring a tab to the front, and the keys to what is in it."""
        tabs = self.query_one(PanelTabs)
        idents = [*OURS, *tabs.panels]
        if number < len(idents):
            tabs.active = idents[number]

    @work
    async def _keep_fresh(self, client: Client) -> None:
        """Look at everything again and again; one look at a time, however long it takes."""
        while True:
            self._stale.clear()
            try:
                await self._renew(client)
            except YesmanError as error:
                complain(self, error)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._stale.wait()

    async def _renew(self, client: Client) -> None:
        rows = await client.call("panel.list")
        await self.query_one(PanelTabs).keep([row for row in rows if row["slot"] == "tab"])
        await self.query_one(SessionsView).renew([row for row in rows if row["slot"] == "session"])
        await self.query_one(PluginsView).renew()

    @on(TabbedContent.TabActivated)
    async def look(self, event: TabbedContent.TabActivated) -> None:
        """Look at the panel of the tab in front, and at no other."""
        tabs = self.query_one(PanelTabs)
        if event.tabbed_content is not tabs or self._client is None:
            return
        await tabs.look(self._client)
        for sessions in event.pane.query(SessionsView):
            await sessions.look()
        for inside in event.pane.query("Listing, PanelView"):
            inside.focus()
            break
