"""A server with the plugins of one released version, installed from their packages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hosted.fixtures import cold, environ, home, orphans, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hosted.server import Server

__all__ = ["cold", "environ", "home", "orphans", "until"]


class Driven:
    """The command line against a server that has these plugins."""

    def __init__(self, server: Server, packages: Path) -> None:
        self.server, self._packages = server, packages

    def install(self, name: str, *more: str) -> None:
        """Install a packed plugin; nothing may be warned of."""
        (file,) = self._packages.glob(f"{name}-*.yplug")
        told = json.loads(self.said("plugin", "install", str(file), "--yes", "--json", *more))
        assert told["warnings"] == []

    def said(self, *words: str, code: int = 0) -> str:
        """Run a command line and return what it printed."""
        ran = self.server.yesman(*words)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout if code == 0 else ran.stderr

    def value(self, command: str, *words: str) -> Any:
        """Run a plugin's command and return its result."""
        return json.loads(self.said(command, "--json", *words))


@pytest.fixture
def driven(cold: Server, tmp_path: Path) -> Callable[[Path], Driven]:
    """Make a server for the packages in a folder, with a session to work in."""

    def drive(packages: Path) -> Driven:
        assert cold.start() is None
        made = Driven(cold, packages)
        made.said("session", "new", "compat-home", "--cwd", str(tmp_path))
        return made

    return drive
