"""Where yesman keeps its state: one value, standard library only, no I/O.

Everything lies under ``$YESMAN_HOME`` (default ``~/.yesman``). The commit point of every
change to what is installed is ``plugin_registry.json``; the rest can be rebuilt from it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Home:
    """The layout beneath one root folder; every attribute is an absolute path.

    Args:
        root: The folder; absolute.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Home:
        """Return the home that ``environment`` (usually ``os.environ``) means."""
        chosen = environment.get("YESMAN_HOME") or ""
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        return cls(Path(environment.get("HOME") or "~").expanduser().absolute() / ".yesman")

    @property
    def plugins(self) -> Path:
        """One folder (or link into ``store``) per plugin, by name."""
        return self.root / "plugins"

    @property
    def store(self) -> Path:
        """Installed contents by digest; read-only."""
        return self.root / "store"

    @property
    def data(self) -> Path:
        """One folder per plugin that it may write to; survives updates and removal."""
        return self.root / "data"

    @property
    def tmp(self) -> Path:
        """One folder per plugin for temporary files."""
        return self.root / "tmp"

    @property
    def environments(self) -> Path:
        """Third-party packages of plugins, one read-only folder per lock digest."""
        return self.root / "envs"

    @property
    def cache(self) -> Path:
        """The cache of uv."""
        return self.root / "cache"

    @property
    def testing(self) -> Path:
        """What tests of plugins share: packages, and what they were resolved to; a cache."""
        return self.root / "testing"

    @property
    def logs(self) -> Path:
        """The server's log, and beside it those of plugins."""
        return self.root / "logs"

    @property
    def plugin_logs(self) -> Path:
        """One log file per plugin, by name: apart, because a plugin may be called ``server``."""
        return self.logs / "plugins"

    @property
    def registry(self) -> Path:
        """The lockfile: what is installed, with grants."""
        return self.root / "plugin_registry.json"

    @property
    def index(self) -> Path:
        """Commands of enabled plugins, compiled for the command line."""
        return self.root / "commands.index"

    @property
    def settings(self) -> Path:
        """Settings of each plugin, one JSON file; references in place of secrets."""
        return self.root / "plugin_settings.json"

    @property
    def secrets(self) -> Path:
        """Where each secret is, and the sealed value of those that are in no keyring."""
        return self.root / "plugin_secrets.json"

    @property
    def secrets_key(self) -> Path:
        """What opens the sealed ones."""
        return self.root / "secrets.key"

    @property
    def author_keys(self) -> Path:
        """The user's own keys as an author of plugins: the public ones, and the private one that signs."""
        return self.root / "author_keys.json"

    @property
    def kept_data(self) -> Path:
        """Which removed plugin left which data, one JSON file."""
        return self.root / "kept_data.json"

    @property
    def crashes(self) -> Path:
        """How plugins have crashed of late and which are quarantined, one JSON file."""
        return self.root / "crashes.json"

    @property
    def market(self) -> Path:
        """The registries that the user trusts, and each one's root file and metadata."""
        return self.root / "market"

    @property
    def packages(self) -> Path:
        """Packages that were fetched and verified, by digest; a cache."""
        return self.root / "packages"

    @property
    def revocations(self) -> Path:
        """What registries have revoked, as last heard, one JSON file."""
        return self.root / "revocations.json"

    @property
    def config(self) -> Path:
        """The user's own configuration."""
        return self.root / "config.yaml"

    @property
    def ledger(self) -> Path:
        """What plugins did and were allowed; only grows (``yesman plugin audit``)."""
        return self.root / "state.db"

    @property
    def events(self) -> Path:
        """Events that plugins have declared durable, until they are handled."""
        return self.root / "events.db"

    @property
    def socket(self) -> Path:
        """The server's unix socket."""
        return self.root / "server.sock"

    @property
    def lock(self) -> Path:
        """Held by the running server."""
        return self.root / "server.lock"

    @property
    def tmux_socket(self) -> Path:
        """Our own tmux server's socket."""
        return self.root / "tmux.sock"

    @property
    def scans(self) -> Path:
        """What scans have found, by content and rules; a cache."""
        return self.root / "scans"

    @property
    def advisories(self) -> Path:
        """Known vulnerabilities of packages (``yesman plugin advisories``)."""
        return self.root / "advisories.db"
