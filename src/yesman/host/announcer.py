"""Events about plugins themselves. No plugin is told of its own life: dying of that would go on for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from yesman.model.hook_specs import ConfigPayload, DeniedPayload, PluginPayload, ReasonPayload
from yesman.model.permissions import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.bus import Bus
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.zygote import Exit

DENIED_SECONDS = 1.0
"""Between two events of one plugin and permission."""
MAX_REASON = 300


class Announcer:
    """Publishes them.

    Args:
        bus: Where; None publishes nothing.
        clock: Seconds, monotonic.
    """

    def __init__(self, bus: Bus | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._clock = clock
        self._versions: dict[LivePlugin, str] = {}
        self._denied: dict[tuple[str, str], float] = {}

    def loaded(self, plugin: str, version: str, live: LivePlugin) -> None:
        """Tell that a process was taken into service."""
        self._versions[live] = version
        self._publish("plugin.loaded", PluginPayload(plugin, version), besides=plugin)

    def reloaded(self, plugin: str, version: str, new: LivePlugin, old: LivePlugin) -> None:
        """Tell that the process ``new`` took over from ``old``, whose end is not told of any more."""
        self._versions.pop(old, None)
        self._versions[new] = version
        self._publish("plugin.reloaded", PluginPayload(plugin, version), besides=plugin)

    def ended(self, plugin: str, live: LivePlugin, end: Exit) -> None:
        """Tell that a process has ended, if it was ever in service."""
        version = self._versions.pop(live, None)
        if version is None:
            return
        name = "plugin.unloaded" if live.wanted_end else "plugin.crashed"
        reason = live.cause_of_end or f"it {end}"
        self._publish(name, ReasonPayload(plugin, version, reason[:MAX_REASON]), besides=plugin)

    def quarantined(self, plugin: str, version: str, reason: str) -> None:
        """Tell that a plugin crashed too often and is not started any more."""
        self._publish(
            "plugin.quarantined", ReasonPayload(plugin, version, reason[:MAX_REASON]), besides=plugin
        )

    def denied(self, plugin: str, what: str) -> None:
        """Tell that a plugin was refused a permission or, if none allows it, a deed."""
        name = what.partition(":")[0]
        permission = name if name in NAMES else ""
        now = self._clock()
        if now - self._denied.get((plugin, permission), now - DENIED_SECONDS) >= DENIED_SECONDS:
            self._denied[plugin, permission] = now
            self._publish("plugin.denied", DeniedPayload(plugin, permission), besides=plugin)

    def configured(self, plugin: str, keys: set[str]) -> None:
        """Tell that settings were changed; the plugin itself as well, whose next process has them."""
        self._publish("config.changed", ConfigPayload(plugin, sorted(keys)))

    def _publish(self, name: str, payload: msgspec.Struct, *, besides: str = "") -> None:
        if self._bus is not None:
            self._bus.publish(name, msgspec.to_builtins(payload), source="host", besides=besides)
