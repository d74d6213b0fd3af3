"""Hooks of every kind, and a command that tells what they heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.plugins import Allow, Deny, Event, HookPlugin, PluginCommand, PluginContext

if TYPE_CHECKING:
    from collections.abc import Callable


class CompatHook(HookPlugin):
    """Notes what it hears."""

    def __init__(self, context: PluginContext) -> None:
        super().__init__(context)
        self.heard: list[list[Any]] = []

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return the handlers but one, which the manifest names."""
        return {
            "session.created": self.note,
            "session.creating": self.forbid,
            "session.closing": self.keep,
            "notification.sending": self.louder,
            "prompt.answering": self.vote,
            "agent.detecting": self.detect,
            "plugin.*": self.note,
        }

    def get_commands(self) -> list[PluginCommand]:
        """Return the one."""
        return [PluginCommand("compat-heard", "Say what was heard.", self.tell)]

    async def export_state(self) -> dict[str, Any]:
        """Hand on what was heard."""
        return {"heard": self.heard}

    def import_state(self, state: dict[str, Any], version: str) -> None:
        """Take it over."""
        self.heard = [*state["heard"], ["taken over", version, ""]]

    def health_check(self) -> bool:
        """Say that it is fit."""
        return True

    async def note(self, event: Event) -> None:
        """Note an event, whose envelope must be as it was."""
        assert isinstance(event, Event)
        assert event.id
        assert event.time > 0
        assert event.seq > 0
        assert event.version == 1
        assert isinstance(event.payload, dict)
        self.heard.append([event.name, event.session, event.source])
        if event.name == "session.created":
            assert event.payload["id"]
            assert event.payload["cwd"]

    def on_closed(self, event: Event) -> None:
        """Note it too."""
        self.heard.append([event.name, event.session, event.source])

    async def forbid(self, event: Event) -> Deny | None:
        """Forbid sessions of one name."""
        assert set(event.payload) >= {"cwd", "command", "by"}
        return Deny("not today") if event.session == "forbidden-one" else None

    def keep(self, event: Event) -> Deny:
        """Forbid to close these."""
        return Deny(f"{event.payload['by']} may not")

    def louder(self, event: Event) -> dict[str, Any]:
        """Change a message."""
        return {"title": event.payload["title"].upper()}

    def vote(self, event: Event) -> Allow | Deny | None:
        """Vote on a prompt."""
        command = event.payload["prompt"].get("command")
        return Allow("Yes") if command == "make test" else Deny("unknown") if command else None

    def detect(self, event: Event) -> str | None:
        """Say what a program is."""
        return "claude" if event.payload["command"] == "my-claude" else None

    def tell(self) -> list[list[Any]]:
        """Return what was heard."""
        return self.heard
