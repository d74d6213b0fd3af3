"""The classes that a plugin's own class derives from.

A plugin has exactly one such class in ``src/main.py``. Which one it derives from says what it must
contribute; every one of them may contribute commands, hooks and providers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins._command import PluginCommand
    from yesman.plugins._context import PluginContext
    from yesman.plugins._providers import IProvider


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

    def get_commands(self) -> list[PluginCommand]:
        """Return the plugin's commands."""
        return []

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return handlers by the event name they react to; each takes one ``Event``, sync or async."""
        return {}

    def get_providers(self) -> dict[str, IProvider]:
        """Return the plugin's service providers by name."""
        return {}


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
    """A plugin whose purpose is the dashboard.

    The class marks the type. It may contribute what any :class:`PluginBase` may: commands, hooks
    and providers, each optional.
    """


class IntegrationPlugin(PluginBase):
    """A plugin that connects an outside service; may contribute every kind, each optional."""
