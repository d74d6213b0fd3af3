"""``PluginTestCase``: the plugin, installed anew for every test, in the real sandbox."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar
from unittest import IsolatedAsyncioTestCase

from yesman.testkit.controls import Controls
from yesman.testkit.loading import Loading, folder_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from yesman.testkit.loading import PluginUnderTest

__tracebackhide__ = True  # as in controls


class PluginTestCase(Controls, IsolatedAsyncioTestCase):
    """A test case of the standard library's kind; test methods may be async.

    Each test has the plugin installed in a host of its own, with all permissions that its manifest asks for.

    Attributes:
        plugin_name: The name in the plugin's manifest, looked for from the test's file upwards, or the path
            of its folder; without one it is the plugin that the test's file lies in.
        config: Settings; a required one that is not given gets some value that fits.
        roots: Folders that its bare ``filesystem.read`` and ``filesystem.write`` open, instead of those of
            sessions.
        plugin: The plugin itself, to call its methods by their names.
    """

    plugin_name: ClassVar[str | os.PathLike[str]] = ""
    config: ClassVar[Mapping[str, Any]] = {}
    roots: ClassVar[Sequence[str | os.PathLike[str]]] = ()
    plugin: PluginUnderTest

    def __init__(self, methodName: str = "runTest") -> None:  # noqa: N803 - unittest's own
        IsolatedAsyncioTestCase.__init__(self, methodName)

    async def asyncSetUp(self) -> None:
        """Install and start the plugin; a subclass that does more calls this first."""
        from yesman.testkit.finding import enclosing_plugin  # noqa: PLC0415 - see the package's docstring

        start = folder_of(sys.modules[type(self).__module__].__dict__)
        folder = self.plugin_name or enclosing_plugin(start)
        self.plugin = await Loading(folder, self.config, start, self.roots)
        self.addAsyncCleanup(self.plugin.close)
        Controls.__init__(self, self.plugin.name, self.plugin._host)  # noqa: SLF001 - its other half

    async def asyncTearDown(self) -> None:
        """Wait for changes that nobody has waited for: what went wrong with them fails the test."""
        await self._settled(_nothing)
        self._raise_own()


async def _nothing() -> None:
    return
