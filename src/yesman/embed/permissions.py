"""``PermissionManager``: asks the user what a plugin may do, and remembers the answer.

What always holds: a permission counts only if somebody on a terminal said yes to it; no terminal, no
answer, and grants that cannot be read are all no. Source: plan section 5.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar, Final

from yesman.cli import consent
from yesman.embed.stores import OwnGrants
from yesman.host.consent import rows
from yesman.model.errors import AuthorError
from yesman.model.home import Home
from yesman.model.narrowing import covered
from yesman.model.permissions import NAMES, Permission, Risk, parse_permission

if TYPE_CHECKING:
    from yesman.embed.stores import Grants

OWN_FILE: Final = "embedded_grants.json"
_LEVELS: Final = {risk: level for level, risk in enumerate(Risk, start=1)}


class PermissionManager:
    """Manage plugin permissions.

    Args:
        grants: Where they are kept: an :class:`~yesman.embed.OwnGrants` file, or
            :class:`~yesman.embed.InstalledGrants`, the grants of installed plugins. By default the file
            ``embedded_grants.json`` below ``$YESMAN_HOME``.

    Raises:
        VerificationError: Here and in every method: what was granted cannot be read.
    """

    PERMISSION_LEVELS: ClassVar[dict[str, int]] = {
        name: _LEVELS[Permission(name).risk] for name in sorted(NAMES)
    }
    """Every permission with its risk: 1 low, 2 medium, 3 high."""

    def __init__(self, grants: Grants | None = None) -> None:
        self._grants = grants or OwnGrants(Home.of(os.environ).root / OWN_FILE)

    @property
    def granted_permissions(self) -> dict[str, list[str]]:
        """What is granted, by plugin: a copy, read anew; to change it is to request."""
        return self._grants.granted()

    def request_permissions(self, plugin_id: str, requested: list[str]) -> bool:
        """Ask the user for permissions; what they agree to is added to what was granted before.

        Args:
            plugin_id: Who asks for them.
            requested: Names, each optionally with a scope: ``network.external:api.example.org:443``.

        Returns:
            Whether all of them are granted. Without a terminal nobody is asked: False.

        Raises:
            ValueError: One is no permission, or its scope is malformed.
            YesmanError: The grants could not be saved.
        """
        texts = [str(_parsed(text)) for text in requested]
        if not self._show_permission_dialog(plugin_id, texts):
            return False
        self._grants.grant(plugin_id, texts)
        return True

    def check_permission(self, plugin_id: str, permission: str) -> bool:
        """Tell whether ``plugin_id`` was granted all that ``permission`` opens; no for what is none."""
        try:
            wanted = parse_permission(permission)
        except AuthorError:
            return False
        held = map(parse_permission, self._grants.granted().get(plugin_id, ()))
        return covered(wanted, held, os.path.expanduser("~"))  # noqa: PTH111 - text

    def _show_permission_dialog(self, plugin_id: str, requested: list[str]) -> bool:
        """Show the request on the terminal and return whether the user agreed; may be overridden."""
        return consent.request(plugin_id, rows(map(parse_permission, requested), (), ""))


def _parsed(text: str) -> Permission:
    if text.partition(":")[0] not in NAMES:
        raise ValueError(f"Unknown permission: {text}")
    try:
        return parse_permission(text)
    except AuthorError as error:
        raise ValueError(str(error)) from error
