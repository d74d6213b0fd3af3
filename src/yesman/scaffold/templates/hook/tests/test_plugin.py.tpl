"""Run these with: yesman plugin test"""

from __future__ import annotations

from yesman.plugins import Deny
from yesman.plugins.testing import PluginTestCase


class Test${class_name}(PluginTestCase):
    """Each test has the plugin installed anew, in the real sandbox, with all that the manifest asks for."""

    plugin_name = "${name}"
    config = {"protected": "main-*"}

    async def test_it_logs_where_a_session_was_made(self) -> None:
        await self.emit_event("session.created", session="work", cwd="/srv/work")
        assert self.log[-1].endswith("work was made in /srv/work")

    async def test_it_keeps_what_is_protected(self) -> None:
        answer = await self.emit_event("session.closing", session="main-1")
        assert answer == Deny("sessions called main-* are kept")

    async def test_it_has_no_opinion_on_others(self) -> None:
        assert await self.emit_event("session.closing", session="work") is None
