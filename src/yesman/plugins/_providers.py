"""Interfaces of the services that a plugin can provide to the host and to other plugins.

The classes are the interfaces: what may be called, with which arguments and for which result is read
off their abstract methods, by the host and by the worker alike. All of it is data that JSON can hold.
"""

from __future__ import annotations

from abc import ABC, abstractmethod


class IProvider(ABC):
    """What every provider can do."""

    @abstractmethod
    async def connect(self) -> None:
        """Make ready for use; raise when that is impossible."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Give back what :meth:`connect` took."""


class IVersionControlProvider(IProvider):
    """A place where branches, commits and pull requests live."""

    @abstractmethod
    async def create_branch(self, name: str) -> None:
        """Make a branch of that name from the current commit."""

    @abstractmethod
    async def commit(self, message: str, files: list[str]) -> str:
        """Commit the named files and return the commit's id."""

    @abstractmethod
    async def push(self, branch: str) -> None:
        """Send the branch to the remote."""

    @abstractmethod
    async def create_pull_request(self, title: str, body: str, base: str, head: str) -> str:
        """Ask for ``head`` to be merged into ``base`` and return the request's URL."""


class INotificationProvider(IProvider):
    """A way by which a message reaches the user: a chat, a telephone, a light."""

    @abstractmethod
    async def send(self, title: str, body: str, urgency: str = "normal") -> None:
        """Pass a message on; ``urgency`` is ``low``, ``normal`` or ``critical``."""


class ProviderError(RuntimeError):
    """A provider of another plugin could not do what it was asked: it failed, died, hung or sent nonsense."""
