"""``PluginSandbox``: runs single functions of an embedder, each confined in a process of its own.

What always holds: a function's process is forked afresh from a zygote that never held anything of
the embedder, is confined with no grants before its first line runs, and is gone with all that it
wrote when ``execute`` returns or raises. The embedder's event loop is never blocked.
Source: plan section 5.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import weakref
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.embed.confinement import NetworkOnly, policy_for, prioritise, within_cpu
from yesman.embed.crossing import arguments, target
from yesman.embed.outcomes import as_builtin
from yesman.model.errors import YesmanError
from yesman.package.trees import remove_tree
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Self

    from yesman.embed.crossing import Target

AT_ONCE = 16
"""Functions of one sandbox that run at the same time; further ones wait for their turn."""
_log = logging.getLogger("yesman.embed")


class _Started(NamedTuple):
    """What belongs to one event loop."""

    loop: asyncio.AbstractEventLoop
    zygote: Zygote
    room: asyncio.Semaphore
    end: Callable[[], Any]


class PluginSandbox:
    """Sandbox for secure execution of functions.

    One process, the zygote, is started by the first ``execute`` and serves all that follow in the same
    event loop; :meth:`close` or ``async with`` ends it, else the end of this object or of the program.
    It must be started from the main thread.

    Args:
        max_memory_mb: MiB that a function may allocate on top of what the interpreter has.
        max_cpu_seconds: Seconds of CPU time for one execution, of all its threads together.
        max_file_descriptors: Descriptors it may have open at a time, a handful of ours included.
    """

    def __init__(
        self, max_memory_mb: int = 100, max_cpu_seconds: int = 10, max_file_descriptors: int = 50
    ) -> None:
        self.max_memory_mb = max_memory_mb
        self.max_cpu_seconds = max_cpu_seconds
        self.max_file_descriptors = max_file_descriptors
        self._started: _Started | None = None

    async def execute(self, func: Callable[..., Any], *args: Any, timeout: int = 30, **kwargs: Any) -> Any:  # noqa: ASYNC109 - the plan's signature; the process must end, which a caller's timeout cannot do
        """Run ``func(*args, **kwargs)`` in a sandbox and return what it returns, awaited if need be.

        Args:
            func: A function that a module defines at its top level. It crosses by file and qualified name:
                the module is imported anew in the sandbox.
            args: JSON data, at most 240 KiB together with ``kwargs``; a tuple arrives as a list.
            timeout: Seconds from when the function's process is ready.
            kwargs: Likewise.

        Returns:
            The result as JSON data, at most 4 MiB.

        Raises:
            TypeError: ``func`` or an argument cannot cross, or the result cannot.
            ValueError: The arguments are too large.
            MemoryError: It allocated more than ``max_memory_mb``.
            TimeoutError: It ran longer than ``timeout``, or used more than ``max_cpu_seconds``.
            PermissionError: It tried what nothing of the embedder's is open for; ``permission`` names it.
            Exception: What it raised, if that is a built-in exception, with its traceback as a note.
            RuntimeError: What it raised is no built-in exception, or its process died.
            yesman.model.errors.PlatformError: No process can be made or confined here.
        """
        called = target(func)
        crossing = arguments(args, kwargs)
        started = self._for_this_loop()
        async with started.room:
            try:
                return await self._run(started.zygote, called, crossing, timeout)
            except YesmanError as error:
                raise as_builtin(error) from None

    async def _run(self, zygote: Zygote, called: Target, crossing: dict[str, Any], seconds: float) -> Any:
        async with _scratch() as scratch:
            policy = policy_for(
                called, scratch, self.max_memory_mb, self.max_file_descriptors
            )
            network = Networks().of(policy.plugin, limits=policy.limits)
            live = await LivePlugin.start(
                zygote,
                policy,
                config={},
                declared=None,
                services=NetworkOnly(policy.plugin, network),
                network=network,
                log=lambda level, text: _log.log(min(level, logging.INFO), "%s: %s", called.name, text),
                on_spawned=prioritise,
            )
            params = {
                "name": called.name,
                "module": called.module,
                "file": called.file,
                "package": called.package,
                "path": [path for path in policy.read if path.endswith("-packages")],
                **crossing,
            }
            try:
                async with within_cpu(live, self.max_cpu_seconds):
                    return await live.value("function", params, deadline=seconds)
            finally:
                await live.kill("its call is over", wanted=True)

    def _for_this_loop(self) -> _Started:
        loop = asyncio.get_running_loop()
        if self._started is not None and self._started.loop is not loop:
            if self._started.loop.is_running():
                raise RuntimeError(
                    "this PluginSandbox is in use by another event loop that is running; make one for each"
                )
            self.close()
        if self._started is None:
            zygote = Zygote()
            end = weakref.finalize(self, _end, zygote, os.getpid())
            self._started = _Started(loop, zygote, asyncio.Semaphore(AT_ONCE), end)
        return self._started

    def close(self) -> None:
        """End the zygote, and with it whatever still runs; the next ``execute`` starts another."""
        started, self._started = self._started, None
        if started is not None:
            started.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


def _end(zygote: Zygote, owner: int) -> None:
    if os.getpid() == owner:  # a fork of the embedder must not end what is not its own
        zygote.close()


@asynccontextmanager
async def _scratch() -> AsyncIterator[Path]:
    """Give a folder for one execution; what was written there is removed without blocking the loop."""
    folder = Path(tempfile.mkdtemp(prefix="yesman-function-")).resolve()
    try:
        for name in ("code", "data", "tmp"):
            (folder / name).mkdir(mode=0o700)
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(remove_tree, folder))
