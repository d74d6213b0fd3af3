"""What one version of a plugin is asked before another takes its place: is it fit, what does it hand over?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from yesman.model.errors import PluginFailedError
from yesman.runtime.endings import busy
from yesman.runtime.framing import MAX_RESULT_CONTAINERS

if TYPE_CHECKING:
    from yesman.runtime.plugin import LivePlugin


async def check_health(live: LivePlugin) -> None:
    """Ask a plugin whether it is fit.

    Raises:
        PluginFailedError: It says no, fails, or does not answer in time.
    """
    frame = await live.calling.make("health", {}, deadline=live.policy.limits.hook_seconds)
    if not live.decoded(frame.body, bool, 0):
        raise PluginFailedError(f"plugin '{live.policy.plugin}' says that it is not fit to serve")


STATE_SECONDS: Final = 2.0
"""For a plugin to have time for its state, and then to export or import it: everybody who uses it waits."""
COMMAND_SECONDS: Final = 0.1
"""So long commands are waited for, which may run for ever; what they change afterwards stays behind."""


async def export_state(live: LivePlugin) -> bytes:
    """Return what a plugin, which is given nothing to do meanwhile, hands to its next version: JSON text.

    Raises:
        PluginFailedError: It is ``busy``, has failed, or what it returned is no data.
    """
    try:
        async with asyncio.timeout(STATE_SECONDS):
            await live.settle(COMMAND_SECONDS)
    except TimeoutError:
        raise busy(live.policy.plugin) from None
    frame = await live.calling.make("export", {}, deadline=STATE_SECONDS, patience=STATE_SECONDS)
    live.decoded(frame.blob, object, MAX_RESULT_CONTAINERS)
    return frame.blob


async def import_state(live: LivePlugin, state: bytes, version: str) -> None:
    """Hand over what the plugin's ``version`` has exported.

    Raises:
        PluginFailedError: It cannot take it.
    """
    await live.calling.make("import", {"version": version}, deadline=STATE_SECONDS, blob=state)
