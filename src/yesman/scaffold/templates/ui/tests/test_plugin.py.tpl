"""Run these with: yesman plugin test"""

from __future__ import annotations

from yesman.plugins import ui
from yesman.plugins.testing import PluginTestCase, parts


class Test${class_name}(PluginTestCase):
    """Each test has the plugin installed anew, in the real sandbox, with all that the manifest asks for."""

    plugin_name = "${name}"

    async def test_it_says_that_there_are_no_notes(self) -> None:
        assert parts(await self.panel("notes"), ui.Empty) == [ui.Empty("There are no notes", "Write one")]

    async def test_a_note_is_added_and_removed(self) -> None:
        assert await self.press("notes", "Add", {"note": "Water the plants"}) == "Added"
        assert parts(await self.panel("notes"), ui.Text) == [ui.Text("Water the plants")]
        await self.press("notes", "Remove")
        assert parts(await self.panel("notes"), ui.Text) == []

    async def test_a_note_is_not_empty(self) -> None:
        with self.assertRaises(ValueError):
            await self.press("notes", "Add", {"note": ""})
