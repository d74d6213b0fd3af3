"""What other programs use of yesman: a sandbox for single functions, and a keeper of permissions.

``__all__`` is public and stable. Source: plan section 5. Everything else of this package is private.
"""

from yesman.embed.permissions import PermissionManager
from yesman.embed.sandbox import PluginSandbox
from yesman.embed.stores import InstalledGrants, OwnGrants

__all__ = ["InstalledGrants", "OwnGrants", "PermissionManager", "PluginSandbox"]
