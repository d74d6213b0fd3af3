"""Compiles a plugin's packages to bytecode inside a sandbox of its own.

Compiling runs no line of what is compiled, but the compiler's input is a stranger's, so it
happens in a confined process that may write to the one folder and nowhere else. It more than
halves the time heavy packages take to import; without it everything works, slower.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

from yesman.model.errors import UsageError, YesmanError
from yesman.runtime.dialling import DirectDialer
from yesman.runtime.names import SystemResolver
from yesman.runtime.network import PluginNetwork
from yesman.runtime.peer import Peer
from yesman.sandbox.policy import Policy

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.runtime.zygote import Zygote

COMPILE_SECONDS = 120.0


class _NoServices:
    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:  # noqa: ARG002
        raise UsageError(f"'{method}' is not for a compiler")


async def compile_packages(zygote: Zygote, folder: Path, scratch: Path) -> None:
    """Write bytecode beside every source file below ``folder``.

    Args:
        zygote: Forks the process.
        folder: Installed packages, not sealed yet.
        scratch: An empty folder the process may use as its home.

    Raises:
        YesmanError: It did not work out; some files may lack bytecode.
    """
    policy = Policy(
        plugin="compiler",
        code=str(folder.resolve()),
        packages="",
        data=str(scratch.resolve()),
        tmp=str(scratch.resolve()),
        write=(str(folder.resolve()),),
        environment={"HOME": str(scratch), "LANG": "C.UTF-8"},
    )
    spawned = await zygote.spawn(policy)
    peer = Peer("compiler", _NoServices(), lambda _level, _text: None, lambda _strike: None)
    network = PluginNetwork("compiler", (), SystemResolver(), DirectDialer())
    os.close(spawned.log)
    try:
        await network.adopt(spawned.handover, spawned.pidfd, lambda _denial: None)
        await peer.connect(spawned.down, spawned.up)
        async with asyncio.timeout(COMPILE_SECONDS):
            await peer.greeted()
            ident = peer.begin("compile", {"folder": policy.code})
            await peer.answer(ident, None)
    except (TimeoutError, ConnectionError) as error:
        raise YesmanError("the packages could not be compiled") from error
    finally:
        peer.close()
        network.close()
        signal.pidfd_send_signal(spawned.pidfd, signal.SIGKILL)
        os.close(spawned.pidfd)
        await spawned.exited
