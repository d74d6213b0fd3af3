"""A panel of the dashboards: notes, and what adds and removes them."""

from __future__ import annotations

import json
from pathlib import Path

from yesman.plugins import UIPlugin, ui

FIELDS = {"properties": {"note": {"type": "string", "minLength": 1, "maxLength": 200, "required": True}}}


class ${class_name}(UIPlugin):
    """Made once, in a sandbox of its own, when somebody first looks."""

    async def initialize(self) -> None:
        """Make ready. What this raises stops the plugin, and the user is told."""
        self.file = Path(self.context.data_dir, "notes.json")

    def get_panels(self) -> list[ui.Panel]:
        """Return the panels that the manifest names, each with what shows it and what can be pressed."""
        return [ui.Panel("notes", self.show, {"add": self.add, "remove": self.remove})]

    def show(self, view: ui.View) -> ui.Node:
        """Return what the panel shows: data, drawn by the browser and by the terminal.

        This is called while somebody looks: at first, after each action, and after context.panels.changed().
        """
        notes = [self._line(number, note) for number, note in enumerate(self.notes())]
        form = ui.Form(FIELDS, ui.Action("add"), submit="Add")
        return ui.Stack([*(notes or [ui.Empty("There are no notes", "Write one")]), form])

    def add(self, act: ui.Act) -> str:
        """Keep a note. What was filled in is in act.values, checked; what is returned is said to the user."""
        self._keep([*self.notes(), act.values["note"]])
        return "Added"

    def remove(self, act: ui.Act) -> None:
        """Remove a note. act.arguments are those that the button was shown with."""
        self._keep([note for number, note in enumerate(self.notes()) if number != act.arguments["number"]])

    def notes(self) -> list[str]:
        """Return the notes, oldest first."""
        found: list[str] = json.loads(self.file.read_text("utf-8")) if self.file.exists() else []
        return found

    def _keep(self, notes: list[str]) -> None:
        self.file.write_text(json.dumps(notes), "utf-8")

    def _line(self, number: int, note: str) -> ui.Node:
        remove = ui.Action("remove", {"number": number}, confirm="Remove this note?")
        return ui.Stack([ui.Text(note), ui.Button("Remove", remove)], direction="across")
