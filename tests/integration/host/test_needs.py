"""Plugins that need plugins: the needed one runs first, and what keeps it from running is said."""

from __future__ import annotations

import os
import signal

import pytest

TELL = {"tell": "return os.getpid()"}
START = "import os, time\nSTARTED = time.monotonic()"
TIMES = {"tell": "return STARTED"}


def needing(*plugins):
    return {"packages": [], "plugins": list(plugins)}


@pytest.fixture
def pair(server, plugins):
    """A server with a plugin that needs another one."""
    server.install(plugins.make("base", commands=TIMES, top=START))
    server.install(plugins.make("dependent", commands=TIMES, top=START, dependencies=needing("base>=1.0,<2")))
    return server


def refusal(server, name="dependent"):
    return server.explained(server.run(name, "tell"))


def test_the_needed_plugin_is_started_first(pair):
    pair.call("plugin.disable", name="base")
    pair.call("plugin.enable", name="base")
    assert pair.plugin_pid("base") is None
    started = pair.value("dependent", "tell")
    assert pair.plugin_pid("base") is not None
    assert pair.value("base", "tell") < started


def test_one_that_died_is_started_again_for_the_next_use(pair, until):
    pair.value("dependent", "tell")
    before = pair.plugin_pid("base")
    os.kill(before, signal.SIGKILL)
    until(lambda: pair.plugin_pid("base") is None)
    pair.value("dependent", "tell")
    assert pair.plugin_pid("base") not in {None, before}


def test_a_disabled_one_is_named_with_the_way_out(pair):
    assert pair.call("plugin.disable", name="base")["needed_by"] == ["dependent"]
    refused = refusal(pair)
    assert refused["message"] == "plugin 'dependent' needs plugin 'base', but it is disabled"
    assert refused["next_step"] == "Enable it: yesman plugin enable base"
    assert pair.call("plugin.show", name="dependent")["reason"] == refused["message"]
    pair.call("plugin.enable", name="base")
    assert pair.value("dependent", "tell")


def test_a_quarantined_one_is_named_with_the_reason(server, plugins):
    server.install(plugins.make("base", commands={"die": "os.abort()"}))
    server.install(plugins.make("dependent", commands=TELL, dependencies=needing("base")))
    for _ in range(3):
        server.run("base", "die")
    assert "needs plugin 'base', but it is quarantined: it crashed 3 times" in refusal(server)["message"]


def test_one_that_does_not_start_is_named_too(pair, plugins, tmp_path):
    pair.call("plugin.remove", name="base")
    folder = plugins.make("base", commands=TIMES, top=START)
    pair.install(folder, link=True)
    plugins.make("base", commands=TIMES, top="raise RuntimeError('broken today')")
    message = refusal(pair)["message"]
    assert message.startswith("plugin 'dependent' needs plugin 'base', but it ")
    assert "broken today" in message


def test_a_missing_one_is_refused_at_install_and_told_of_after_removal(pair, plugins):
    folder = plugins.make("third", commands=TELL, dependencies=needing("nobody"))
    failure = pair.explained(pair.try_install(folder))
    assert failure["message"] == "plugin 'third' needs plugin 'nobody', which is not installed"
    assert pair.call("plugin.remove", name="base")["needed_by"] == ["dependent"]
    assert refusal(pair)["message"] == "plugin 'dependent' needs plugin 'base', which is not installed"


def test_another_version_is_refused(pair, plugins):
    updated = pair.install(plugins.make("base", commands=TIMES, top=START, version="2.1"))
    assert updated["warnings"] == ["plugin 'dependent' needs base<2,>=1.0, and does not run with 2.1"]
    message = refusal(pair)["message"]
    assert message == ("plugin 'dependent' needs plugin 'base' in a version '<2,>=1.0', but 2.1 is installed")


def test_a_cycle_is_refused_at_install_by_name(pair, plugins):
    folder = plugins.make("base", commands=TELL, version="1.5", dependencies=needing("dependent"))
    failure = pair.explained(pair.try_install(folder))
    assert (
        failure["message"] == "the plugins need each other in a cycle: 'base' needs 'dependent' needs 'base'"
    )
    assert pair.call("plugin.show", name="base")["version"] == "1.0.0"


def test_who_needs_whom_is_shown(pair):
    assert pair.call("plugin.show", name="base")["needed_by"] == ["dependent"]
    assert pair.call("plugin.show", name="dependent")["needs"] == ["base<2,>=1.0"]
    shown = pair.yesman("plugin", "show", "dependent").stdout
    assert "Needs" in shown
    assert "dependent needs it and does not run without it" in pair.yesman("plugin", "disable", "base").stderr
