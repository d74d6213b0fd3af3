"""What other programs use of yesman: a sandbox for single functions, and a keeper of permissions.

``__all__`` is public and stable. Source: plan section 5. Everything else of this package is private.
What is named here is imported when it is asked for: files that hold functions for the sandbox
import this package in there once more, where it only costs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yesman.embed.permissions import PermissionManager
    from yesman.embed.sandbox import PluginSandbox
    from yesman.embed.stores import InstalledGrants, OwnGrants

__all__ = ["InstalledGrants", "OwnGrants", "PermissionManager", "PluginSandbox"]

_MODULES = {
    "InstalledGrants": "stores",
    "OwnGrants": "stores",
    "PermissionManager": "permissions",
    "PluginSandbox": "sandbox",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
