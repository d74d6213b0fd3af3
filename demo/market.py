"""The chapter of the marketplace: what is published is found, installed, updated and taken back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import processes
from props import ROOT

if TYPE_CHECKING:
    from console import Console
    from stage import Stage

_DEMO = ROOT / "demo"
_REFUSED = 3
"""The exit code for what nobody agreed to."""
_UNVERIFIED = 4
"""The exit code for what is not as it should be."""


class Market:
    """A marketplace on this machine, its author, its user and its moderator."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self.stage = stage
        self.console = console
        self.check = console.check
        self.folder = stage.folder / "market"

    def play(self) -> None:
        """Tell everything.

        Raises:
            Failed: Something is not as the story says.
        """
        self._opening()
        self._publishing("1.0")
        self._installing()
        self._publishing("1.1")
        self._updating()
        self._revoking()

    def _opening(self) -> None:
        self.console.chapter("A marketplace is opened, and its root trusted")
        small = ("--small", "--root-keys", "1", "--threshold", "1")
        self.stage.yesman("market", "init", str(self.folder), *small)
        serve = ("market", "serve", str(self.folder), "--listen", "127.0.0.1:0")
        address = self.stage.start(*serve, until=r"(http://\S+?)\.\s")
        add = ("market", "add", address, "--root", str(self.folder / "root.json"), "--name", "demo")
        unseen = self.stage.yesman(*add, "--fingerprint", "0000", code=_UNVERIFIED)
        self.check(
            holds="another fingerprint" in unseen.err, sentence="a root of another fingerprint is not trusted"
        )
        found = re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", unseen.err)
        self.stage.yesman(*add, "--fingerprint", found[0] if found else "")

    def _publishing(self, version: str) -> None:
        if version == "1.0":
            self.console.chapter("An author signs a plugin and publishes it")
            scopes = ("--scope", "publish", "--scope", "keys")
            token = self.stage.ask("market", "token", str(self.folder), "acme", *scopes)
            self.stage.env["YESMAN_MARKET_TOKEN"] = token.out.strip()
            self.stage.yesman("plugin", "keys", "create", "--no-passphrase")
        else:
            self.console.chapter("An update wants more, and asks")
        source, package = _DEMO / f"greeter-{version}", self.stage.folder / f"greeter-{version}.0.yplug"
        self.stage.ask("plugin", "pack", str(source), "-o", str(package))
        self.stage.yesman("plugin", "sign", str(package))
        self.stage.yesman("plugin", "publish", str(package))

    def _installing(self) -> None:
        self.console.chapter("A user finds it and installs it")
        self.stage.yesman("plugin", "search", "hello greets")
        self.stage.yesman("plugin", "install", "greeter", "--yes")
        shown = self._shown()
        self.check(
            holds=(shown["source"], shown["version"]) == ("demo:greeter", "1.0.0"),
            sentence="greeter 1.0.0 is installed from the registry, signed by its author",
        )
        self.stage.yesman("greet")

    def _updating(self) -> None:
        asked = self.stage.yesman("plugin", "update", "greeter", "--now", code=_REFUSED)
        self.check(
            holds="session.read" in asked.err and self._shown()["version"] == "1.0.0",
            sentence="nobody agreed to the new permission session.read, so 1.0.0 goes on",
        )
        self.stage.yesman("plugin", "update", "greeter", "--now", "--yes")
        self.stage.yesman("greet")

    def _revoking(self) -> None:
        self.console.chapter("A moderator revokes it, and what runs is stopped")
        pid = int(self.stage.ask("greet", "--json").data()["pid"])
        self.check(holds=processes.find(pid) is not None, sentence=f"greeter runs as process {pid}")
        revoke = ("market", "moderate", "revoke", str(self.folder), "greeter")
        self.stage.yesman(*revoke, "--reason", "It counts in secret")
        self.stage.yesman("market", "refresh")
        self.check(holds=processes.find(pid) is None, sentence="its process has ended")
        refused = self.stage.yesman("greet", code=None)
        self.check(holds="It counts in secret" in refused.err, sentence="whoever calls it is told why")

    def _shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.stage.ask("plugin", "show", "greeter", "--json").data()
        return found
