"""Run these with: yesman plugin test"""

from __future__ import annotations

from yesman.plugins.testing import PluginTestCase


class Test${class_name}(PluginTestCase):
    """Each test has the plugin installed anew, in the real sandbox, with all that the manifest asks for."""

    plugin_name = "${name}"

    async def test_it_greets_from_the_current_session(self) -> None:
        await self.create_session("work")
        result = await self.execute_command("${name}", to="Ada")
        assert result == {"greeting": "Hello Ada, this is session work.", "session": "work"}

    async def test_it_cannot_see_sessions_without_the_permission(self) -> None:
        self.revoke_permission("session.read")
        with self.assertRaises(PermissionError):
            await self.execute_command("${name}")
