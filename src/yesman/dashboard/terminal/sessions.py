"""Sessions: what runs where, what its agent does and asks, and what its terminal shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.containers import Vertical
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from yesman.dashboard.formats import plain
from yesman.dashboard.terminal.asking import Confirmation, complain
from yesman.dashboard.terminal.listing import Listing
from yesman.dashboard.terminal.tabs import PanelTabs
from yesman.model.errors import YesmanError
from yesman.process import run_here

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from yesman.dashboard.client import Client

STYLES: Final = {"waiting": "bold yellow", "busy": "green", "exited": "dim", "idle": "dim"}


class SessionsView(Vertical):
    """The list of sessions, and below it the one at the cursor.

    Args:
        client: Leads to the server.
    """

    BINDINGS: ClassVar[Any] = [
        ("a", "attach", "Attach"),
        ("x", "close", "Close session"),
    ]
    DEFAULT_CSS = """
    SessionsView > Listing { height: 40%; }
    SessionsView > TabbedContent { height: 1fr; }
    SessionsView #terminal { padding: 0 1; }
    """

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self._list = Listing("SESSION", "AGENT", "STATE", "ASKS", "FOLDER")
        self._terminal = Static(Text(""), id="terminal")
        self._sheets = PanelTabs()

    def compose(self) -> ComposeResult:
        """Draw the list and the sheets below it."""
        yield self._list
        yield self._sheets

    async def on_mount(self) -> None:
        """Take the keys."""
        await self._sheets.add_pane(TabPane("Terminal", self._terminal))
        self._list.focus()

    async def renew(self, panels: list[dict[str, Any]]) -> None:
        """Ask for everything anew; ``panels`` are those that are shown with a session."""
        sessions = await self._client.call("session.list")
        agents = {agent["session"]: agent for agent in await self._client.call("agent.status")}
        self._list.show((one["name"], _row(one, agents.get(one["name"]))) for one in sessions)
        await self._sheets.keep(panels)
        await self._show_terminal()

    async def _show_terminal(self) -> None:
        name = self._list.chosen
        if name is None:
            self._terminal.update(
                Text("No session. Start one: yesman session new NAME -- claude", style="dim")
            )
            return
        try:
            text = await self._client.text("session.capture", name=name, lines=None)
        except YesmanError:  # it has ended meanwhile
            return
        lines = text.rstrip().splitlines()[-max(1, self._terminal.container_size.height or 10) :]
        self._terminal.update(Text("\n".join(map(plain, lines)), no_wrap=True))

    @on(DataTable.RowHighlighted)
    @on(TabbedContent.TabActivated)
    async def look(self) -> None:
        """Look at the session at the cursor: its terminal, or the panel in front."""
        await self._show_terminal()
        if self._list.chosen is not None:
            await self._sheets.look(self._client, self._list.chosen)

    def action_attach(self) -> None:
        """Show the session in this terminal until its user detaches."""
        self._show_here()

    @work
    async def _show_here(self) -> None:
        name = self._list.chosen
        if name is None:
            return
        try:
            told = await self._client.call("session.attach", name=name, tmux=os.environ.get("TMUX"))
            with self.app.suspend():
                run_here(told["argv"], typing=True)
        except YesmanError as error:
            complain(self, error)

    def action_close(self) -> None:
        """End the session, after asking."""
        self._close()

    @work
    async def _close(self) -> None:
        name = self._list.chosen
        question = f"End session '{name}' and all that runs in it?"
        if name is None or not await self.app.push_screen_wait(Confirmation(question)):
            return
        try:
            await self._client.call("session.close", name=name)
        except YesmanError as error:
            complain(self, error)


def _row(session: dict[str, Any], agent: dict[str, Any] | None) -> list[Text]:
    state = agent["state"] if agent else ""
    prompt = (agent["prompt"] or {}) if agent else {}
    about = next((prompt[key] for key in ("command", "file", "url", "question") if prompt.get(key)), "")
    asks = ": ".join(filter(None, (str(prompt.get("tool") or prompt.get("kind") or ""), str(about))))
    cells = (session["name"], agent["agent"] if agent else "", state, asks[:60], _short(session["cwd"]))
    return [Text(plain(str(cell)), style=STYLES.get(state, "") if cell == state else "") for cell in cells]


def _short(folder: str) -> str:
    """Return a folder as people write it, with ~ for their own."""
    home = str(Path.home())
    return f"~{folder.removeprefix(home)}" if f"{folder}/".startswith(f"{home}/") else folder
