"""What a plugin class must define, and what it may leave out."""

from __future__ import annotations

import inspect
import logging

import pytest

from yesman import plugins
from yesman.plugins import (
    CommandPlugin,
    EventBus,
    HookPlugin,
    IntegrationPlugin,
    IVersionControlProvider,
    PluginBase,
    PluginContext,
    ProviderPlugin,
    SessionManager,
    TmuxManager,
    UIPlugin,
)


@pytest.fixture
def context(transport) -> PluginContext:
    return PluginContext(
        plugin_id="me",
        plugin_dir="/plugins/me",
        config={"depth": 3},
        logger=logging.getLogger("me"),
        session_manager=SessionManager(transport),
        tmux_manager=TmuxManager(transport),
        event_bus=EventBus(transport),
        data_dir="/data/me",
    )


@pytest.mark.parametrize("kind", [PluginBase, IntegrationPlugin])
async def test_these_need_nothing_defined(kind, context):
    plugin = type("Mine", (kind,), {})(context)
    assert await plugin.initialize() is None
    assert await plugin.cleanup() is None
    assert (plugin.get_commands(), plugin.get_hooks(), plugin.get_providers()) == ([], {}, {})
    assert plugin.get_panels() == []
    assert (plugin.context, plugin.logger) == (context, context.logger)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (CommandPlugin, "get_commands"),
        (HookPlugin, "get_hooks"),
        (ProviderPlugin, "get_providers"),
        (UIPlugin, "get_panels"),
    ],
)
def test_these_must_define_their_one_method(kind, method, context):
    with pytest.raises(TypeError, match=method):
        type("Mine", (kind,), {})(context)
    whole = type("Mine", (kind,), {method: lambda _self: {}})
    assert getattr(whole(context), method)() == {}


def test_a_provider_must_define_the_whole_interface():
    abstract = IVersionControlProvider.__abstractmethods__
    assert abstract == {"connect", "disconnect", "create_branch", "commit", "push", "create_pull_request"}


def test_every_public_name_exists_and_is_documented():
    for name in plugins.__all__:
        assert inspect.getdoc(getattr(plugins, name)), name
    assert list(plugins.__all__) == sorted(plugins.__all__)
