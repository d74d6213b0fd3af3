"""Run these with: yesman plugin test"""

from __future__ import annotations

from yesman.plugins import INotificationProvider, ProviderError
from yesman.plugins.testing import PluginTestCase


class Test${class_name}(PluginTestCase):
    """Each test has the plugin installed anew, in the real sandbox, with all that the manifest asks for."""

    plugin_name = "${name}"

    async def test_it_writes_messages_down(self) -> None:
        provider = self.provider("${name}", INotificationProvider)
        await provider.send("Tests", "All are\ngreen.", urgency="low")
        assert await self.plugin.messages() == ["[low] Tests: All are green."]

    async def test_a_message_needs_a_title(self) -> None:
        provider = self.provider("${name}", INotificationProvider)
        with self.assertRaises(ProviderError):
            await provider.send(" ", "All are green.")
        assert await self.plugin.messages() == []
