"""The pytest plugin: fixtures for tests that are functions. ``yesman plugin test`` loads it.

Elsewhere: ``pytest_plugins = ["yesman.testkit.fixtures"]`` in a conftest.py, and pytest-asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from yesman.testkit.finding import enclosing_plugin
from yesman.testkit.loading import Loading
from yesman.testkit.surroundings import Events, Sessions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from yesman.testkit.loading import PluginUnderTest


@pytest.fixture
def plugin_config() -> dict[str, Any]:
    """Settings of the plugin; to be overridden."""
    return {}


@pytest_asyncio.fixture
async def plugin(
    request: pytest.FixtureRequest, plugin_config: dict[str, Any]
) -> AsyncIterator[PluginUnderTest]:
    """The plugin that the test's file lies in, installed for this test alone, in the real sandbox."""
    folder = enclosing_plugin(request.path.parent)
    async with Loading(folder, plugin_config, folder) as loaded:
        yield loaded


@pytest.fixture
def run(plugin: PluginUnderTest) -> Callable[..., Awaitable[Any]]:
    """What runs a command and returns its result.

    Example: ``await run("greet", to="Ada")``
    """
    return plugin.execute_command


@pytest.fixture
def events(plugin: PluginUnderTest) -> Events:
    """What is published; ``await events.emit("session.created", session="work")`` lets something happen."""
    return Events(plugin)


@pytest.fixture
def sessions(plugin: PluginUnderTest) -> Sessions:
    """Real sessions: ``await sessions.create("work", repo="owner/project")``."""
    return Sessions(plugin)
