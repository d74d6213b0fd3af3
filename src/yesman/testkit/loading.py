"""``load_plugin``: a real plugin, installed and running in the real sandbox, for the length of a test.

What always holds: the plugin, its host and all they wrote are gone when the event loop that they ran
in is closed, whether the test passed, failed or forgot about them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.embed.sandbox import PluginSandbox
from yesman.testkit.controls import Controls
from yesman.testkit.deprecations import pass_on

if TYPE_CHECKING:
    import os
    from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
    from typing import Self

    from yesman.testkit.hosting import Host

CPU_SECONDS = 2
"""What ``execute_in_sandbox`` gives a function, instead of ten: nobody should wait for an endless loop."""
__tracebackhide__ = True  # where a test fails, pytest shows the test


def load_plugin(
    name: str | os.PathLike[str],
    *,
    config: Mapping[str, Any] | None = None,
    roots: Sequence[str | os.PathLike[str]] = (),
) -> Loading:
    """Install a plugin in a host of its own and start it: ``await`` it, or use it with ``async with``.

    It is granted all that its manifest asks for. Without ``async with`` it ends with the event loop.

    Args:
        name: The name in the plugin's manifest, looked for from the calling file upwards
            (:func:`yesman.testkit.finding.find_folder`), or the path of its folder.
        config: Its settings.
        roots: Folders that its bare ``filesystem.read`` and ``filesystem.write`` open.

    Raises:
        YesmanError: When awaited: it is not there, cannot be installed, or does not start.
    """
    start = folder_of(sys._getframe(1).f_globals)  # noqa: SLF001 - the test's
    return Loading(name, config or {}, start, roots)


def folder_of(module: Mapping[str, Any]) -> Path:
    """Return the folder that a module lies in, given its names."""
    file = module.get("__file__")
    return Path(file).resolve().parent if file else Path.cwd()


class Loading:
    """A plugin about to be loaded."""

    def __init__(
        self,
        name: str | os.PathLike[str],
        config: Mapping[str, Any],
        start: Path,
        roots: Sequence[str | os.PathLike[str]] = (),
    ) -> None:
        self._name = name
        self._config = config
        self._start = start
        self._roots = [str(Path(root).resolve()) for root in roots]
        self._plugin: PluginUnderTest | None = None

    def __await__(self) -> Generator[Any, None, PluginUnderTest]:
        return self._load().__await__()

    async def __aenter__(self) -> PluginUnderTest:
        self._plugin = await self._load()
        return self._plugin

    async def __aexit__(self, *_: object) -> None:
        if self._plugin is not None:
            await self._plugin.close()

    async def _load(self) -> PluginUnderTest:
        from yesman.testkit.finding import find_folder  # noqa: PLC0415 - see the package's docstring
        from yesman.testkit.hosting import Host  # noqa: PLC0415 - likewise

        folder = find_folder(self._name, self._start)
        host = Host(self._roots)
        try:
            plugin = PluginUnderTest(await host.install(folder, self._config), host)
            await plugin._begin()  # noqa: SLF001 - its other half
        except BaseException:
            await host.close()
            raise
        return plugin


class PluginUnderTest(Controls):
    """A running plugin.

    Any public method of its class may be called here by its name, and is awaited: arguments and result
    cross as JSON data. What it raises arrives as ``PluginSandbox.execute`` tells.

    Attributes:
        name: From its manifest.
        sandbox: Runs the functions of :meth:`execute_in_sandbox`; its limits may be changed.
    """

    def __init__(self, name: str, host: Host) -> None:
        super().__init__(name, host)
        self.sandbox = PluginSandbox(max_cpu_seconds=CPU_SECONDS)
        self._end: asyncio.Task[None] | None = None

    async def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a public method of the plugin's class by its name.

        Raises:
            AttributeError: It has none of that name, or the name is private.
            Exception: See :meth:`yesman.embed.PluginSandbox.execute`.
        """
        return await self._settled(self._host.invoke, self.name, method, args, kwargs)

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        if method.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {method!r}")

        def called(*args: Any, **kwargs: Any) -> Awaitable[Any]:
            return self.call(method, *args, **kwargs)

        return called

    async def execute_in_sandbox(
        self,
        func: Callable[..., Any],
        *args: Any,
        timeout: int = 30,  # noqa: ASYNC109 - as in the sandbox itself
        **kwargs: Any,
    ) -> Any:
        """Run a function of the test's in a sandbox; see :meth:`yesman.embed.PluginSandbox.execute`."""
        return await self.sandbox.execute(func, *args, timeout=timeout, **kwargs)

    async def close(self) -> None:
        """End the plugin and its host; they would end with the event loop as well.

        What it uses of our API that is on its way out is warned of here, as if it were the test that uses it.
        """
        try:
            if self._end is not None:
                pass_on(self.log)
        finally:
            await self._ended()

    async def _ended(self) -> None:
        if self._end is not None:
            self._end.cancel()
            await asyncio.wait({self._end})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _begin(self) -> None:
        self._end = asyncio.ensure_future(self._end_with_loop())
        await asyncio.sleep(0)  # a task that is cancelled before its first step does nothing

    async def _end_with_loop(self) -> None:
        """Wait to be cancelled, as every task is before its loop is closed, and clean up then."""
        try:
            await asyncio.Event().wait()
        finally:
            self.sandbox.close()
            await self._host.close()
