"""Offers a service to yesman and to other plugins."""

from __future__ import annotations

from pathlib import Path

from yesman.plugins import IProvider, ProviderPlugin

from .notebook import Notebook


class ${class_name}(ProviderPlugin):
    """Made once, in a sandbox of its own, when the service is first used."""

    def get_providers(self) -> dict[str, IProvider]:
        """Return the providers by the names that the manifest declares."""
        return {"${name}": Notebook(Path(self.context.data_dir))}
