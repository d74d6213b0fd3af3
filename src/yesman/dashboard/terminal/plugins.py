"""Plugins: their states, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from yesman.dashboard.formats import plain
from yesman.dashboard.terminal.asking import Confirmation, Reading, complain
from yesman.dashboard.terminal.listing import Listing
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from yesman.dashboard.client import Client

LOG_LINES: Final = 500
STYLES: Final = {"running": "green", "failed": "bold red", "quarantined": "bold red", "blocked": "bold red"}


class PluginsView(Vertical):
    """The list of installed plugins, and what there is to say of the one at the cursor.

    Args:
        client: Leads to the server.
    """

    BINDINGS: ClassVar[Any] = [
        ("e", "switch", "Enable/disable"),
        ("r", "reload", "Reload"),
        ("b", "roll_back", "Roll back"),
        ("l", "logs", "Logs"),
        ("v", "revoke", "Revoke grants"),
        ("delete", "remove", "Remove"),
    ]
    DEFAULT_CSS = """
    PluginsView > Listing { height: 1fr; }
    PluginsView > Static { height: auto; max-height: 50%; padding: 0 1; border-top: solid $primary; }
    """

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self._list = Listing("PLUGIN", "VERSION", "TYPE", "STATE", "DESCRIPTION")
        self._about = Static(Text(""))
        self._rows: dict[str, dict[str, Any]] = {}

    def compose(self) -> ComposeResult:
        """Draw the list and the place below it."""
        yield self._list
        yield self._about

    async def renew(self) -> None:
        """Ask for everything anew."""
        rows = await self._client.call("plugin.list")
        self._rows = {row["name"]: row for row in rows}
        self._list.show((row["name"], _row(row)) for row in rows)
        await self.about()

    @on(DataTable.RowHighlighted)
    async def about(self) -> None:
        """Say what there is to say of the plugin at the cursor."""
        name = self._list.chosen
        if name is None:
            self._about.update(Text("No plugin. Install one: yesman plugin install NAME", style="dim"))
            return
        try:
            found = await self._client.call("plugin.show", name=name)
        except YesmanError as error:
            self._about.update(Text(plain(str(error))))
            return
        self._about.update(_described(found))

    def action_switch(self) -> None:
        """Let the plugin run, or not."""
        row = self._rows.get(self._list.chosen or "", {})
        self._do("plugin.enable" if row.get("state") == "installed" else "plugin.disable")

    def action_reload(self) -> None:
        """Have it go on in a new process."""
        self._do("plugin.reload")

    def action_roll_back(self) -> None:
        """Go back to the version before, after asking."""
        self._do("plugin.rollback", "Go back to the version before of plugin '{name}'?")

    def action_remove(self) -> None:
        """Remove it, after asking; its data stays."""
        self._do("plugin.remove", "Remove plugin '{name}'? Its data is kept.")

    @work
    async def _do(self, method: str, question: str = "") -> None:
        name = self._list.chosen
        if name is None:
            return
        if question and not await self.app.push_screen_wait(Confirmation(question.format(name=name))):
            return
        await self._call(method, name=name)

    async def _call(self, method: str, **params: Any) -> None:
        try:
            await self._client.call(method, **params)
        except YesmanError as error:
            complain(self, error)
            return
        await self.renew()

    def action_revoke(self) -> None:
        """Take all permissions back, after asking."""
        self._revoke()

    @work
    async def _revoke(self) -> None:
        name = self._list.chosen
        if name is None:
            return
        held = await self._client.call("plugin.permissions", name=name)
        granted = _granted(held)
        if not granted:
            self.notify(f"Plugin '{name}' has no permissions.", markup=False)
            return
        question = f"Take from plugin '{name}', at once:\n\n" + "\n".join(granted)
        if await self.app.push_screen_wait(Confirmation(question)):
            await self._call("plugin.revoke", name=name, permissions=granted)

    def action_logs(self) -> None:
        """Show what it has logged."""
        self._read_log()

    @work
    async def _read_log(self) -> None:
        name = self._list.chosen
        if name is None:
            return
        try:
            text = await self._client.text("plugin.logs", name=name, lines=LOG_LINES)
        except YesmanError as error:
            text = plain(str(error))
        await self.app.push_screen(Reading(f"Log of {name}", plain(text, "\n") or "Nothing has been logged."))


def _row(row: dict[str, Any]) -> list[Text]:
    cells = (row["name"], row["version"], row["type"])
    state = Text(row["state"], style=STYLES.get(row["state"], ""))
    return [*map(Text, cells), state, Text(plain(row["description"]))]


def _described(found: dict[str, Any]) -> Text:
    lines = {
        "State": f"{found['state']}{': ' + found['reason'] if found['reason'] else ''}",
        "Permissions": ", ".join(_granted(found)) or "none",
        "Author": found["author"],
        "From": found["source"],
        "Before": found["previous"],
    }
    return Text("\n").join(
        Text.assemble((f"{name:<13}", "dim"), plain(str(text))) for name, text in lines.items() if text
    )


def _granted(found: dict[str, Any]) -> list[str]:
    return [grant for row in found["permissions"] for grant in row["grants"]]
