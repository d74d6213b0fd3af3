"""What other programs use of yesman: plugins, a sandbox for single functions, permissions, a marketplace.

``__all__`` is public and stable. Source: plan sections 4 to 6. Everything else of this package is private.
What is named here is imported when it is asked for: files that hold functions for the sandbox
import this package in there once more, where it only costs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yesman.embed.group import PluginCommandError, PluginGroup
    from yesman.embed.loader import LoadedPlugin, PluginLoader
    from yesman.embed.marketplace import PluginMarketplace, SecurityError
    from yesman.embed.permissions import PermissionManager
    from yesman.embed.registry import PluginRegistry
    from yesman.embed.sandbox import PluginSandbox
    from yesman.embed.stores import InstalledGrants, OwnGrants

__all__ = [
    "InstalledGrants",
    "LoadedPlugin",
    "OwnGrants",
    "PermissionManager",
    "PluginCommandError",
    "PluginGroup",
    "PluginLoader",
    "PluginMarketplace",
    "PluginRegistry",
    "PluginSandbox",
    "SecurityError",
]

_MODULES = {
    "InstalledGrants": "stores",
    "LoadedPlugin": "loader",
    "OwnGrants": "stores",
    "PermissionManager": "permissions",
    "PluginCommandError": "group",
    "PluginGroup": "group",
    "PluginLoader": "loader",
    "PluginMarketplace": "marketplace",
    "PluginRegistry": "registry",
    "PluginSandbox": "sandbox",
    "SecurityError": "marketplace",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
