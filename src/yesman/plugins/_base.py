"""The classes that a plugin's own class derives from.

A plugin has exactly one such class in ``src/main.py``. Which one it derives from says what it must
contribute; every one of them may contribute commands, hooks, providers and panels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins._command import PluginCommand
    from yesman.plugins._context import PluginContext
    from yesman.plugins._providers import IProvider
    from yesman.plugins.ui import Panel


class PluginBase(ABC):  # noqa: B024 - nothing is abstract here: a plugin may contribute any kind, or none
    """Base class of all plugins.

    Args:
        context: What the host gives this plugin.
    """

    def __init__(self, context: PluginContext) -> None:
        self.context = context
        self.logger = context.logger

    async def initialize(self) -> None:  # noqa: B027 - optional on purpose
        """Make ready, once, before anything else is called; optional.

        A subclass may define it with ``def`` or ``async def``. What it raises stops the plugin.
        """

    async def cleanup(self) -> None:  # noqa: B027 - optional on purpose
        """Give back what :meth:`initialize` took, before the plugin stops; optional, as above."""

    async def health_check(self) -> bool | None:
        """Say whether this version is fit to take over from the one that runs; optional, as above.

        Asked when the plugin is reloaded or updated, after :meth:`initialize`. Returning False or raising
        leaves the version before in service.
        """
        return None

    async def export_state(self) -> Any:
        """Return what the next version of the plugin is to go on with, as JSON data; optional, as above.

        Called when the plugin is reloaded or updated, when all its events have been handled. Commands that
        still run then go on; what they change afterwards is not handed over. It has two seconds; if it raises
        or takes longer, the next version begins without.
        """
        return None

    async def import_state(self, state: Any, version: str) -> None:  # noqa: B027 - optional on purpose
        """Go on with what :meth:`export_state` of the plugin's ``version`` has returned; optional, as above.

        It has two seconds; if it raises or takes longer, the version before stays in service.
        """

    def get_commands(self) -> list[PluginCommand]:
        """Return the plugin's commands."""
        return []

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return handlers by the event name they react to; each takes one ``Event``, sync or async."""
        return {}

    def get_providers(self) -> dict[str, IProvider]:
        """Return the plugin's service providers by name."""
        return {}

    def get_panels(self) -> list[Panel]:
        """Return the plugin's panels (:mod:`yesman.plugins.ui`), asked for once, after :meth:`initialize`."""
        return []


class CommandPlugin(PluginBase):
    """A plugin that adds commands to the command line."""

    @abstractmethod
    def get_commands(self) -> list[PluginCommand]:
        """Return the plugin's commands."""


class HookPlugin(PluginBase):
    """A plugin that reacts to events."""

    @abstractmethod
    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return handlers by the event name they react to; each takes one ``Event``, sync or async."""


class ProviderPlugin(PluginBase):
    """A plugin that provides services to the host."""

    @abstractmethod
    def get_providers(self) -> dict[str, IProvider]:
        """Return the plugin's service providers by name."""


class UIPlugin(PluginBase):
    """A plugin that adds panels to the dashboards."""

    @abstractmethod
    def get_panels(self) -> list[Panel]:
        """Return the plugin's panels (:mod:`yesman.plugins.ui`)."""


class IntegrationPlugin(PluginBase):
    """A plugin that connects an outside service; may contribute every kind, each optional."""
