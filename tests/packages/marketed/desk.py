"""A moderator's desk, over HTTP: what moderators, reporters and authors ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marketed.authors import Author
    from marketed.market import Answer, Market

PATH = "/api/moderation"


class Desk:
    """A moderator of a marketplace."""

    def __init__(self, market: Market, name: str = "judge") -> None:
        self.market = market
        self.moderator = market.author(name, "moderate", "publish", "keys")

    def decide(self, plugin: str, action: str, reason: str = "Looked at", **more: Any) -> Answer:
        body = {"action": action, "reason": reason, **more}
        return self.market.ask("POST", f"{PATH}/plugins/{plugin}/decisions", body, self.moderator)

    def case(self, plugin: str) -> Any:
        answer = self.market.ask("GET", f"{PATH}/plugins/{plugin}", None, self.moderator)
        assert answer.status == 200, answer.body
        return answer.json

    def queue(self) -> list[str]:
        """Names of all that wait, page by page."""
        return [case["name"] for case in self.pages(f"{PATH}/queue?limit=2")]

    def log(self, plugin: str, *, public: bool = False) -> list[Any]:
        """Events of a plugin, the newest first."""
        return self.pages(f"/api/events?plugin={plugin}&limit=2", public=public)

    def pages(self, path: str, *, public: bool = False) -> list[Any]:
        found: list[Any] = []
        while path:
            answer = self.market.ask("GET", path, None, None if public else self.moderator)
            assert answer.status == 200, answer.body
            found += answer.json
            link = answer.headers.get("link", "")
            path = link[len(self.market.url) + 1 : link.index(">")] if link else ""
        return found

    def report(self, plugin: str, *reporters: Author) -> None:
        """Report a plugin as each of ``reporters``."""
        said = {"kind": "malware", "text": "It reads my keys"}
        for reporter in reporters:
            answer = self.market.ask("POST", f"/api/plugins/{plugin}/reports", said, reporter)
            assert answer.status == 202, answer.body
