"""Plugins with providers and plugins that use them, in a server."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GIT = """
import asyncio, os, time
from pathlib import Path
from yesman.plugins import IVersionControlProvider, IntegrationPlugin, PluginCommand, ProviderError

class Git(IVersionControlProvider):
    def __init__(self, plugin):
        self.plugin = plugin

    secret = "not for others"

    def _hidden(self):
        return "hidden"

    def extra(self):
        return "beyond the interface"

    async def connect(self):
{connect}

    async def disconnect(self):
        self.plugin.note("disconnect")

    async def create_branch(self, name):
        self.plugin.note(f"branch {{name}}")

    async def commit(self, message, files):
{commit}

    def push(self, branch):
        self.plugin.note(f"push {{branch}}")

    async def create_pull_request(self, title, body, base, head):
        raise NotImplementedError("there is no forge")

class Made(IntegrationPlugin):
    def note(self, text):
        with open(Path(self.context.data_dir) / "notes", "a") as file:
            file.write(f"{{text}}\\n")

    def get_providers(self):
        return {providers}

    def get_commands(self):
        return [PluginCommand("git-go", "does it", self.go)]

    def go(self):
{go}

    async def cleanup(self):
        self.note("cleanup")
"""
CONNECT = "self.plugin.note('connect')"
COMMIT = "self.plugin.note(f'commit {message} {files}'); return 'c0ffee'"


def _indented(body: str) -> str:
    return textwrap.indent(textwrap.dedent(body), " " * 8)


@pytest.fixture
def provider(plugins: Any) -> Callable[..., Path]:
    """Make a plugin that provides version control as ``git``."""

    def make(
        name: str = "git-plugin",
        *,
        connect: str = CONNECT,
        commit: str = COMMIT,
        go: str = "pass",
        providers: str = "{'git': Git(self)}",
        offered: tuple[tuple[str, str], ...] = (("git", "IVersionControlProvider"),),
        **manifest: Any,
    ) -> Path:
        main = GIT.format(
            connect=_indented(connect), commit=_indented(commit), go=_indented(go), providers=providers
        )
        provides = [{"providers": [{"name": each, "interface": interface} for each, interface in offered]}]
        provides.append({"commands": [{"name": "git-go", "description": "does it"}]})
        return plugins.make(name, main=main, **({"provides": provides} | manifest))

    return make


USING = "from yesman.plugins import INotificationProvider, IVersionControlProvider, ProviderError"
GET = "git = self.context.providers.get('git', IVersionControlProvider)\n"


@pytest.fixture
def consumer(plugins: Any) -> Callable[..., Path]:
    """Make a plugin whose command ``go`` has a body that may use ``git``."""

    def make(body: str, name: str = "consumer", permissions: Any = ("provider.use:git",)) -> Path:
        commands = {"go": GET + textwrap.dedent(body)}
        return plugins.make(name, commands=commands, top=USING, permissions=list(permissions))

    return make


def notes_of(server: Any, plugin: str = "git-plugin") -> list[str]:
    path = server.data(plugin) / "notes"
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def notes(server: Any) -> Callable[..., list[str]]:
    """What a provider has noted so far."""
    return lambda plugin="git-plugin": notes_of(server, plugin)
