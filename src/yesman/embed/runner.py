"""Runs sandboxed functions: the heavy half of ``PluginSandbox``, imported when the first one is run."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.embed.policy import installed_packages, policy_for
from yesman.host.network_only import NetworkOnly
from yesman.package.trees import remove_tree
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.witness import Witness
from yesman.runtime.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from yesman.embed.crossing import Target
    from yesman.model.limits import Limits
    from yesman.sandbox.policy import Policy

AT_ONCE = 16
"""Functions that run at the same time; further ones wait for their turn."""
STARTING_AT_ONCE = 4
"""Of those, how many are being started: that sends descriptors, and a process with a low limit of them may
send none of its own while its user has more than that many on their way (unix(7), ETOOMANYREFS)."""
_log = logging.getLogger("yesman.embed")


class Runner:
    """Runs functions in processes forked from one zygote, for one event loop."""

    def __init__(self) -> None:
        self._zygote = Zygote()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._starting = asyncio.Semaphore(STARTING_AT_ONCE)
        self._owner = os.getpid()

    def close(self) -> None:
        """End the zygote and everything that runs; does nothing in a fork, which owns none of it."""
        if os.getpid() == self._owner:
            self._zygote.close()

    async def run(self, target: Target, arguments: dict[str, Any], limits: Limits, seconds: float) -> Any:
        """Return what the function returns, if it takes no longer than ``seconds``.

        Raises:
            YesmanError: It did not come to that.
        """
        async with self._room, _scratch() as scratch:
            packages = installed_packages()
            policy = policy_for(target, scratch, packages, limits)
            live = await self._start(policy)
            params = {
                "name": target.name,
                "module": target.module,
                "file": target.file,
                "package": target.package,
                "path": list(packages),
                **arguments,
            }
            try:
                return await live.value("function", params, deadline=seconds)
            finally:
                await live.kill("its call is over", wanted=True)

    async def _start(self, policy: Policy) -> LivePlugin:
        network = Networks().of(policy.plugin, limits=policy.limits)
        async with self._starting:
            return await LivePlugin.start(
                self._zygote,
                policy,
                config={},
                declared=None,
                services=NetworkOnly(policy.plugin, network),
                network=network,
                witness=Witness(
                    lambda level, text: _log.log(min(level, logging.INFO), "%s: %s", policy.plugin, text)
                ),
            )


def _note(name: str, level: int, text: str) -> None:
    _log.log(min(level, logging.INFO), "%s: %s", name, text)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="yesman-function-")).resolve()
    for name in ("code", "data", "tmp"):
        (folder / name).mkdir(mode=0o700)
    return folder


@asynccontextmanager
async def _scratch() -> AsyncIterator[Path]:
    """Give a folder for one execution; what was written there is removed without blocking the loop."""
    folder = _folder()
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(remove_tree, folder))
