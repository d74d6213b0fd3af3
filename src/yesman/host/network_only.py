"""What a process that is not, or not yet, a plugin may ask the host: names and connections, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.host.recorder import Recorder
from yesman.host.services import PluginServices
from yesman.model.errors import UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from yesman.runtime.network import PluginNetwork


class NetworkOnly:
    """Answers it (:class:`yesman.runtime.peer.Services`).

    Args:
        name: What is confined.
        network: Its way to the network.
    """

    def __init__(self, name: str, network: PluginNetwork) -> None:
        nothing: Any = None  # no service that is let through looks at sessions or events
        self._host = PluginServices(name, tuple, nothing, nothing, nothing, network, Recorder())

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
        """Answer one call; raise UsageError for any other."""
        if not method.startswith("net."):
            raise UsageError(f"there is no service {shown(method)} here")
        return await self._host.serve(method, params, cause)
