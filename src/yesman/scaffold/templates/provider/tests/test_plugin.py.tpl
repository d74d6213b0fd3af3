"""Run these with: yesman plugin test"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import IsolatedAsyncioTestCase

from src.notebook import Notebook
from yesman.plugins.testing import PluginTestCase


class Test${class_name}(PluginTestCase):
    """Each test has the plugin installed anew, in the real sandbox, with all that the manifest asks for."""

    plugin_name = "${name}"

    async def test_it_delivers_what_the_manifest_declares(self) -> None:
        assert self.warnings == []


class TestNotebook(IsolatedAsyncioTestCase):
    """What has nothing to do with yesman needs no plugin to be tested."""

    async def asyncSetUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.notebook = Notebook(Path(folder.name))
        await self.notebook.connect()

    async def test_it_writes_down_what_it_is_asked_for(self) -> None:
        await self.notebook.create_branch("topic")
        await self.notebook.push("topic")
        assert self.notebook.notes.read_text("utf-8") == "branch topic\npush topic\n"

    async def test_commits_have_ids_of_their_own(self) -> None:
        first = await self.notebook.commit("Begin", ["README.md"])
        assert await self.notebook.commit("Begin", ["README.md"]) != first
