"""The plugin's class, with a context made by hand."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from yesman.plugins import Event, EventBus, PluginContext, SessionManager, TmuxManager


class Silent:
    """A transport that nobody may use: the plugin needs no service."""

    def call(self, method, /, **params):
        raise AssertionError((method, params))


@pytest.fixture
def journal(plugin, tmp_path):
    transport = Silent()
    context = PluginContext(
        plugin_id="session-journal",
        plugin_dir=str(Path(__file__).parents[1]),
        config={},
        logger=logging.getLogger("session-journal"),
        session_manager=SessionManager(transport),
        tmux_manager=TmuxManager(transport),
        event_bus=EventBus(transport),
        data_dir=str(tmp_path),
    )
    return plugin.main.SessionJournalPlugin(context)


def event(name, session, **payload):
    return Event("id", 1709208000.0, 1, name, "host", session, 1, payload)


def test_hooks_are_those_of_the_manifest(journal):
    manifest = (Path(__file__).parents[1] / "plugin.yaml").read_text()
    hooks = journal.get_hooks()
    assert sorted(hooks) == ["session.closed", "session.created", "session.renamed"]
    assert all(f"name: {name}\n" in manifest for name in hooks)
    assert all(f"handler: {handler.__name__}\n" in manifest for handler in hooks.values())


def test_events_are_written_and_printed(journal, tmp_path, capsys):
    for name in ("session.created", "session.renamed", "session.closed"):
        journal.get_hooks()[name](event(name, "demo"))
    data = journal.get_commands()[0].handler(last=2)
    assert data["total"] == 3
    assert data["path"] == str(tmp_path / "journal.md")
    assert capsys.readouterr().out.splitlines() == data["entries"]
    assert [line.split()[2] for line in data["entries"]] == ["renamed", "closed"]


def test_empty_journal_says_so(journal, capsys):
    assert journal.get_commands()[0].handler()["entries"] == []
    assert capsys.readouterr().out == "nothing has happened yet\n"


def test_negative_number_is_named(journal):
    with pytest.raises(ValueError, match="--last"):
        journal.get_commands()[0].handler(last=-1)
