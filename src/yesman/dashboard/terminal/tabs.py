"""Tabs that show panels: they come and go with their plugins, and only the one in front is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import TabbedContent, TabPane

from yesman.dashboard.terminal.panel import PanelView, Where

if TYPE_CHECKING:
    from yesman.dashboard.client import Client


class PanelTabs(TabbedContent):
    """Tabs, some of which show panels; others may stand before them."""

    def __init__(self) -> None:
        super().__init__()
        self._panels: dict[str, Where] = {}

    @property
    def panels(self) -> list[str]:
        """The tabs that show panels, from left to right."""
        return list(self._panels)

    async def keep(self, rows: list[dict[str, Any]]) -> None:
        """Have a tab for the panel of each row, and none for any other."""
        wanted = {_ident(row): row for row in rows}
        for ident in self._panels.keys() - wanted.keys():
            await self.remove_pane(ident)
            del self._panels[ident]
        for ident, row in wanted.items():
            if ident not in self._panels:
                await self.add_pane(TabPane(Content(row["title"]), id=ident))
                self._panels[ident] = Where(row["plugin"], row["name"])

    async def look(self, client: Client, session: str | None = None) -> None:
        """Look at the panel in front, with that session, and at no other."""
        front = self._panels.get(self.active)
        where = front._replace(session=session) if front is not None else None
        for view in self.query(PanelView):
            if view.where != where:
                await view.remove()
        if where is not None and not self.query(PanelView):
            await self.get_pane(self.active).mount(PanelView(client, where))


def _ident(row: dict[str, Any]) -> str:
    """Return the widget's name; no name of a plugin holds a ``_``, so that no two make the same."""
    return f"panel-{row['plugin']}_{row['name']}"
