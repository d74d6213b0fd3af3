"""GitHub on loopback, a session in a clone of it, and the plugin in the real sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yesman.plugins import IVersionControlProvider
from yesman.plugins.testing import load_plugin, load_source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType

PLUGIN = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def stand_in() -> ModuleType:
    """What stands in for GitHub (``github_stand_in.py``)."""
    return load_source("tests/github_stand_in.py")


@pytest.fixture(scope="session")
def source() -> ModuleType:
    """The plugin's own modules by name."""
    return load_source()


@pytest.fixture
def github(stand_in: ModuleType, tmp_path: Path) -> Any:
    """GitHub, with the empty repository ``ada/app``."""
    return stand_in.GitHub(tmp_path.resolve() / "github")


@pytest.fixture
async def plugin(stand_in: ModuleType, github: Any) -> AsyncIterator[Any]:
    """The plugin, with a token that this GitHub accepts; ``plugin.github`` has the requests."""
    async with load_plugin(PLUGIN, config={"github_token": stand_in.TOKEN}) as loaded:
        loaded.github = loaded.mock_external_api("github.com", github)
        yield loaded


@pytest.fixture
async def work(plugin: Any, stand_in: ModuleType, github: Any) -> Any:
    """The current session's folder: a clone of one commit, ``main`` on GitHub, with ``topic`` begun."""
    session = await plugin.create_session("work", repo=stand_in.REPO, branch="main")
    made = stand_in.Work(Path(session.cwd))
    made.commit("first", README="first\n")
    made.send(github, "main")
    made.git("checkout", "--quiet", "-b", "topic")
    return made


@pytest.fixture
def provider(plugin: Any, work: Any) -> Any:
    """The plugin's provider, for the session in ``work``."""
    return plugin.provider("github", IVersionControlProvider)
