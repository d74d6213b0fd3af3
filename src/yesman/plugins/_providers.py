"""Interfaces of the services that a plugin can provide to the host."""

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
