"""What a test may do to a plugin: events, permissions, sessions. All real but for where it leads."""

from __future__ import annotations

import asyncio
import io
import unittest
from typing import ClassVar

import pytest

from yesman.plugins import Allow, Deny
from yesman.plugins.testing import PluginTestCase, load_plugin

HOOKS = """
def heard(self, event):
    self.logger.info("heard %s", event.payload)
    if event.session == "bad":
        raise KeyError("bad")
    self.context.event_bus.publish("plugin.demo.heard", {"of": event.session, "saw": event.payload})

def closing(self, event):
    return {"no": Deny("because"), "broken": 3}.get(event.session)

def answering(self, event):
    return Allow(event.payload["prompt"]["options"][0]["label"])

async def later(self):
    asyncio.get_running_loop().call_later(0.05, self.context.event_bus.publish, "plugin.demo.late")
"""
PROVIDES = [
    {
        "hooks": [
            {"name": "session.created", "handler": "heard"},
            {"name": "plugin.other.*", "handler": "heard"},
            {"name": "session.closing", "handler": "closing"},
            {"name": "prompt.answering", "handler": "answering"},
        ]
    }
]
PERMISSIONS = ["session.read", "session.modify", "session.type", "network.external:a.example"]


@pytest.fixture
def hooked(plugin_of):
    return load_plugin(plugin_of(HOOKS, provides=PROVIDES, permissions=PERMISSIONS))


async def test_what_is_emitted_has_been_handled_on_return_and_its_blanks_filled(hooked):
    async with hooked as plugin:
        assert await plugin.emit_event("session.created", session="s", cwd="/here") is None
        (heard,) = [event for event in plugin.events if event.source == "plugin:demo"]
        assert heard.payload == {"of": "s", "saw": {"cwd": "/here", "id": ""}}
        assert any(line.endswith("heard {'id': '', 'cwd': '/here'}") for line in plugin.log)
        await plugin.emit_event("plugin.other.x", n=1)
        assert plugin.events[-1].payload["saw"] == {"n": 1}


async def test_questions_are_answered_as_the_engine_of_hooks_sees_it(hooked):
    async with hooked as plugin:
        assert await plugin.emit_event("session.closing", session="no") == Deny("because")
        assert await plugin.emit_event("session.closing", session="yes") is None
        prompt = {"options": [{"label": "Go on"}, {"label": "Stop"}]}
        assert await plugin.emit_event("prompt.answering", session="s", prompt=prompt) == Allow("Go on")
        await plugin.revoke_permission("session.modify")
        assert await plugin.emit_event("session.closing", session="no") is None


async def test_what_a_handler_raises_the_test_raises(hooked):
    async with hooked as plugin:
        with pytest.raises(KeyError, match="bad") as raised:
            await plugin.emit_event("session.created", session="bad")
        assert "in heard" in raised.value.__notes__[0]
        await plugin.emit_event("session.created", session="good")  # once


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [("sesion.created", {}, "session.created"), ("session.created", {"cwd": 3}, "no payload")],
)
async def test_what_cannot_happen_is_refused(hooked, name, payload, said):
    async with hooked as plugin:
        with pytest.raises(ValueError, match=said):
            await plugin.emit_event(name, session="s", **payload)


async def test_events_still_to_come_are_waited_for(hooked):
    async with hooked as plugin:
        await plugin.later()
        assert (await plugin.wait_for_event("plugin.demo.l*")).name == "plugin.demo.late"
        assert (await plugin.wait_for_event("plugin.demo.late")).source == "plugin:demo"
        with pytest.raises(TimeoutError):
            await plugin.wait_for_event("plugin.demo.never", timeout=0.01)


async def test_without_the_permission_a_plugin_sees_no_payload(hooked):
    async with hooked as plugin:
        plugin.revoke_permission("session.read")
        await plugin.emit_event("session.created", session="s", cwd="/here")
        assert plugin.events[-1].payload["saw"] == {}
        plugin.grant_permission("session.read:s")
        await plugin.emit_event("session.created", session="s", cwd="/here")
        assert plugin.events[-1].payload["saw"] == {"cwd": "/here", "id": ""}


async def test_a_permission_nobody_asked_for_cannot_be_granted(hooked):
    async with hooked as plugin:
        with pytest.raises(ValueError, match="does not ask for"):
            await plugin.grant_permission("filesystem.read")
        await plugin.emit_event("session.created", session="s")  # what was waited for is over


async def test_sessions_are_real_and_the_newest_is_the_current_one(plugin_of):
    body = """
    def where(self):
        manager = self.context.session_manager
        session = manager.get_current_session()
        return [session.name, session.metadata, [s.name for s in manager.list_sessions()]]
    """
    provides = [{"commands": [{"name": "where", "handler": "where"}]}]
    async with load_plugin(plugin_of(body, provides=provides, permissions=["session.read"])) as plugin:
        metadata = {"repo": "owner/project", "branch": "topic"}
        assert await plugin.execute_command("where") == ["test", metadata, ["test"]]
        made = await plugin.create_session("work", repo="me/mine", branch="b")
        assert (made.name, made.metadata) == ("work", {"repo": "me/mine", "branch": "b"})
        assert await plugin.execute_command("where") == ["work", made.metadata, ["test", "work"]]


async def test_what_a_plugin_has_noted_on_a_session_is_seen(plugin_of):
    body = """
    def note(self):
        self.context.session_manager.set_metadata("test", "seen", "yes")
    """
    provides = [{"commands": [{"name": "note", "handler": "note"}]}]
    async with load_plugin(plugin_of(body, provides=provides, permissions=["session.modify"])) as plugin:
        await plugin.create_session("test")
        assert (await plugin.get_session("test")).metadata == {}
        await plugin.execute_command("note")
        assert (await plugin.get_session("test")).metadata == {"seen": "yes"}
        with pytest.raises(LookupError):
            await plugin.get_session("absent")


def outcome_of(case: type[PluginTestCase]) -> unittest.TestResult:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return unittest.TextTestRunner(stream=io.StringIO()).run(suite)


def test_a_test_case_fails_for_a_change_that_it_never_waited_for(plugin_of):
    folder = plugin_of("def ping(self):\n    return 1")

    class Mistaken(PluginTestCase):
        plugin_name = folder

        async def test_it(self):
            self.grant_permission("session.read")

        async def test_control(self):
            assert await self.plugin.ping() == 1

    result = outcome_of(Mistaken)
    assert (result.testsRun, len(result.errors)) == (2, 1)
    assert "does not ask for" in result.errors[0][1]


def test_settings_that_a_plugin_needs_have_values_that_fit(plugin_of):
    properties = {
        "token": {"type": "string", "required": True, "minLength": 20},
        "level": {"type": "integer", "required": True, "minimum": 3},
        "mode": {"type": "string", "required": True, "enum": ["a", "b"]},
        "list": {"type": "array", "items": {"type": "string"}, "required": True},
        "on": {"type": "boolean", "required": True},
        "given": {"type": "string", "required": True},
    }
    folder = plugin_of("def shown(self):\n    return self.context.config", config={"properties": properties})

    class Settings(PluginTestCase):
        plugin_name = folder
        config: ClassVar = {"given": "theirs"}

        async def test_it(self):
            shown = await self.plugin.shown()
            assert shown.pop("token").startswith("test-token")
            assert shown == {"level": 3, "mode": "a", "list": [], "on": False, "given": "theirs"}

    assert outcome_of(Settings).wasSuccessful()


def test_what_a_test_case_loaded_is_gone_afterwards(plugin_of):
    folder, roots = plugin_of("def ping(self):\n    return 1"), []

    class Failing(PluginTestCase):
        plugin_name = folder

        async def test_it(self):
            roots.append(self.plugin._host._root)
            await self.create_session("left")
            await asyncio.sleep(0)
            self.fail()

    assert len(outcome_of(Failing).failures) == 1
    assert not roots[0].exists()
