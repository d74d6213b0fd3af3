"""Where grants are kept that a ``PermissionManager`` gives: one place each, asked anew every time.

What always holds: what cannot be read grants nothing, and is never overwritten.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import msgspec

from yesman import durable
from yesman.cli.invocation import Invocation
from yesman.host.registry import Registry
from yesman.model.errors import AuthorError, VerificationError
from yesman.model.permissions import parse_permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from yesman.model.home import Home


class Grants(Protocol):
    """A place where grants are kept."""

    def granted(self) -> dict[str, list[str]]:
        """Return all grants by plugin.

        Raises:
            VerificationError: They cannot be read.
        """
        ...

    def grant(self, plugin_id: str, permissions: Sequence[str]) -> None:
        """Add to what ``plugin_id`` is granted, durably.

        Raises:
            YesmanError: Nothing was changed.
        """
        ...


class OwnGrants:
    """A file of the embedder's own, for plugins that are not installed; yesman itself never looks at it.

    Args:
        path: A JSON file; need not exist. Two programs that grant at the same time need one each.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.granted()

    def granted(self) -> dict[str, list[str]]:
        """Return all grants by plugin; see :class:`Grants`."""
        try:
            grants = msgspec.json.decode(self._path.read_bytes(), type=dict[str, list[str]])
            for text in (text for texts in grants.values() for text in texts):
                parse_permission(text)
        except FileNotFoundError:
            return {}
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OSError, AuthorError) as error:
            raise VerificationError(
                f"{self._path} cannot be read: {error}",
                "Restore it from a backup, or move it away to start anew",
            ) from error
        return grants

    def grant(self, plugin_id: str, permissions: Sequence[str]) -> None:
        """Add to what ``plugin_id`` is granted; see :class:`Grants`."""
        grants = self.granted()
        grants[plugin_id] = list(dict.fromkeys([*grants.get(plugin_id, ()), *permissions]))
        with durable.explained(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write(self._path, msgspec.json.format(msgspec.json.encode(grants)))


class InstalledGrants:
    """The grants of installed plugins: read from the registry, changed by the server that owns it.

    The server is started if need be, as by every ``yesman`` command.

    Args:
        home: Where yesman's state lies.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.granted()

    def granted(self) -> dict[str, list[str]]:
        """Return all grants by plugin; see :class:`Grants`."""
        records = Registry(self._home.registry).all()
        return {name: list(map(str, record.granted())) for name, record in records.items()}

    def grant(self, plugin_id: str, permissions: Sequence[str]) -> None:
        """Do what ``yesman plugin grant`` does; see :class:`Grants`.

        Raises:
            YesmanError: It is not installed, its manifest does not ask for one of them, or one can be
                granted to nobody; the sentence is the server's.
        """
        server = Invocation(os.environ | {"YESMAN_HOME": str(self._home.root)})
        params = {"name": plugin_id, "permissions": list(permissions), "by": "terminal"}
        server.call("plugin.grant", "it granted the permissions", params)
