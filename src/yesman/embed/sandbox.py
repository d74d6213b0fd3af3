"""``PluginSandbox``: runs single functions of an embedder, each confined in a process of its own.

What always holds: a function's process is forked afresh from a zygote that never held anything of
the embedder, is confined with no grants before its first line runs, and is gone with all that it
wrote when ``execute`` returns or raises. The embedder's event loop is never blocked.

This module is imported in the sandbox as well, by files that hold functions, so it imports little.
Source: plan section 5.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.embed.crossing import arguments, target
from yesman.embed.outcomes import as_builtin
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from yesman.embed.runner import Runner


class _Started(NamedTuple):
    """What belongs to one event loop."""

    loop: asyncio.AbstractEventLoop
    runner: Runner
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
        from yesman.embed.policy import limits_of  # noqa: PLC0415 - see the module's docstring

        called, crossing = target(func), arguments(args, kwargs)
        limits = limits_of(self.max_memory_mb, self.max_cpu_seconds, self.max_file_descriptors)
        try:
            return await self._for_this_loop().run(called, crossing, limits, timeout)
        except YesmanError as error:
            raise as_builtin(error) from None

    def _for_this_loop(self) -> Runner:
        from yesman.embed.runner import Runner  # noqa: PLC0415 - see the module's docstring

        loop = asyncio.get_running_loop()
        if self._started is not None and self._started.loop is not loop:
            if self._started.loop.is_running():
                raise RuntimeError(
                    "this PluginSandbox is in use by another event loop that is running; make one for each"
                )
            self.close()
        if self._started is None:
            runner = Runner()
            self._started = _Started(loop, runner, weakref.finalize(self, runner.close))
        return self._started.runner

    def close(self) -> None:
        """End the zygote, and with it whatever still runs; the next ``execute`` starts another."""
        started, self._started = self._started, None
        if started is not None:
            started.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
