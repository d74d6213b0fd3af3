"""The plugin: one provider, made from the settings."""

from __future__ import annotations

from pathlib import Path

from yesman.plugins import IProvider, ProviderPlugin

from .provider import GitProvider, Settings


class GitProviderPlugin(ProviderPlugin):
    """Provides ``git``."""

    def get_providers(self) -> dict[str, IProvider]:
        """Return the one provider; the repository is not looked at before it is connected."""
        config = self.context.config
        settings = Settings(
            repository=Path(config["repository"]),
            remote=config["remote"],
            author=(config["author_name"], config["author_email"]),
            requests=Path(self.context.data_dir) / "requests",
        )
        return {"git": GitProvider(settings, self.logger)}
