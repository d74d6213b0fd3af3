"""Run these with: yesman plugin test"""

from __future__ import annotations

from yesman.plugins.testing import PluginTestCase, Reply


class Test${class_name}(PluginTestCase):
    """Each test has the plugin installed anew, in the real sandbox, with all that the manifest asks for."""

    plugin_name = "${name}"
    config = {"token": "secret"}

    async def test_it_reports_sessions(self) -> None:
        service = self.mock_external_api("example.com", {"POST /sessions": {"id": 1}})
        await self.emit_event("session.created", session="work", cwd="/srv/work")
        (request,) = service.requests
        assert request.host == "api.example.com"
        assert request.headers["authorization"] == "Bearer secret"
        assert request.json() == {"event": "session.created", "session": "work", "folder": "/srv/work"}
        shown = await self.execute_command("${name}")
        assert shown == {"reported": ["session.created work"], "configured": True}

    async def test_what_the_service_refuses_was_not_reported(self) -> None:
        self.mock_external_api("example.com", {"POST /sessions": Reply(status=503)})
        with self.assertRaises(OSError):
            await self.emit_event("session.created", session="work", cwd="/srv/work")
        assert (await self.execute_command("${name}"))["reported"] == []

    async def test_it_reaches_nothing_without_the_permission(self) -> None:
        service = self.mock_external_api("example.com", {"POST /sessions": {"id": 1}})
        self.revoke_permission("network.external")
        with self.assertRaises(PermissionError):
            await self.emit_event("session.created", session="work", cwd="/srv/work")
        assert service.requests == []


class Test${class_name}WithoutToken(PluginTestCase):
    """Out of the box."""

    plugin_name = "${name}"

    async def test_it_reports_nothing(self) -> None:
        await self.emit_event("session.closed", session="work")
        shown = await self.execute_command("${name}")
        assert shown == {"reported": [], "configured": False}
