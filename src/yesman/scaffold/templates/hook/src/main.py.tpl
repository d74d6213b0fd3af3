"""Two hooks: one hears that a session was made, the other decides whether one may be closed."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from yesman.plugins import Deny, Event, HookPlugin


class ${class_name}(HookPlugin):
    """Made once, in a sandbox of its own, when the first of its events happens."""

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return the handlers by event; the manifest names the same events."""
        return {"session.created": self.on_created, "session.closing": self.on_closing}

    async def on_created(self, event: Event) -> None:
        """Hear of it. Nobody waits for this, and nobody looks at what it returns."""
        self.logger.info("%s was made in %s", event.session, event.payload["cwd"])

    async def on_closing(self, event: Event) -> Deny | None:
        """Say no, or say nothing. The user waits for this, two seconds at most."""
        pattern: str = self.context.config["protected"]
        if fnmatchcase(event.session or "", pattern):
            return Deny(f"sessions called {pattern} are kept")
        return None
