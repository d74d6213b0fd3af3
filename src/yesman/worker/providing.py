"""A plugin's providers: whether each is what its manifest says, calls of their methods, and their end.

Which provider and which method may be called is the host's to decide; here it is only carried out. What was
connected is disconnected before the plugin cleans up.
"""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

from yesman import plugins
from yesman.plugins._proxies import LIFECYCLE, operations
from yesman.worker.loading import LoadError, maybe_await

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_REASON = 200


class Providing:
    """The providers of one plugin.

    Args:
        providers: What ``get_providers`` returned.
        declared: Rows of the manifest: ``name`` and ``interface``.
    """

    def __init__(self, providers: dict[str, Any], declared: Iterable[dict[str, str]]) -> None:
        self._providers = providers
        self._connected: dict[str, Any] = {}
        rows = ((row["name"], row["interface"]) for row in declared if row["name"] in providers)
        lacking = {name: _lacks(providers[name], interface) for name, interface in rows}
        self._unmet = {name: lacks[:MAX_REASON] for name, lacks in lacking.items() if lacks}

    def describe(self) -> dict[str, Any]:
        """Return, for the host, which providers there are, and why some are not what they should be."""
        return {"providers": sorted(self._providers.keys() - self._unmet.keys()), "unmet": self._unmet}

    async def call(self, name: str, method: str, arguments: dict[str, Any]) -> Any:
        """Call a method of a provider.

        Raises:
            LoadError: The plugin has no such provider any more.
            Exception: Whatever the provider raises.
        """
        if name not in self._providers:
            raise LoadError(f"the plugin no longer has a provider '{name}'; reinstall it")
        provider = self._providers[name]
        value = await maybe_await(getattr(provider, method)(**arguments))
        if method == "connect":
            self._connected[name] = provider
            return None
        return value

    async def disconnect(self) -> None:
        """Disconnect what was connected; one that fails is logged and keeps no other from it."""
        while self._connected:
            name, provider = self._connected.popitem()
            try:
                await maybe_await(provider.disconnect())
            except Exception:
                logging.getLogger(__name__).exception("disconnecting the provider '%s'", name)


def _lacks(provider: object, interface: str) -> str:
    """Return what keeps ``provider`` from being an ``interface`` of the author API, or ""."""
    wanted = operations(getattr(plugins, interface))
    for name, signature in {**dict.fromkeys(LIFECYCLE, inspect.Signature()), **wanted}.items():
        method = getattr(provider, name, None)
        if not callable(method):
            return f"it has no method {name}()"
        try:
            inspect.signature(method).bind(**dict.fromkeys(signature.parameters))
        except (TypeError, ValueError) as error:
            return f"{name}() cannot be called with {', '.join(signature.parameters) or 'nothing'}: {error}"
    return ""
