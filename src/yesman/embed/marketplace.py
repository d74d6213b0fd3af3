"""``PluginMarketplace``: search a registry's server, fetch and install from the registry, from code.

What always holds: what is found is only what a server says; what is fetched was verified against the root
that the user has seen, and what is installed was agreed to by the user, as with ``yesman plugin install``.
Source: plan section 6; ADR 0041.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.cli.failures import ServerFailureError
from yesman.cli.install import fetched, install
from yesman.cli.invocation import Invocation
from yesman.market.api import MarketApi
from yesman.market.client import MarketClient
from yesman.market.registries import Registries
from yesman.model.errors import NotFoundError, PermissionDeniedError, UsageError, VerificationError
from yesman.model.home import Home
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from typing import Self

SecurityError = VerificationError
"""What was fetched is not what its registry and its author have signed."""

_KINDS: Final = {error.kind: error for error in (NotFoundError, PermissionDeniedError, VerificationError)}


class PluginMarketplace:
    """One registry; used with ``async with``, at whose end what was downloaded is removed.

    Args:
        marketplace_url: Its address. To download and install, the user must trust it (``yesman market add``).

    Attributes:
        marketplace_url: The same.
        session: Asks its server, within ``async with``; None outside, and of a folder, which has none.
    """

    def __init__(self, marketplace_url: str = "https://plugins.yesman-claude.io") -> None:
        self.marketplace_url = marketplace_url
        self.session: MarketApi | None = None
        self._downloads: Path | None = None

    async def __aenter__(self) -> Self:
        if not self.marketplace_url.startswith("/"):
            self.session = MarketApi(self.marketplace_url)
        return self

    async def __aexit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        self.session = None
        if self._downloads is not None:
            await asyncio.to_thread(shutil.rmtree, self._downloads, ignore_errors=True)
            self._downloads = None

    async def search_plugins(
        self, query: str = "", category: str | None = None, sort_by: str = "popularity"
    ) -> list[dict[str, Any]]:
        """Return the plugins that fit, at most fifty of them, as the server's API has them.

        Args:
            query: Words, of which the last may be only begun; none for all.
            category: Only of this one.
            sort_by: ``popularity``, ``rating``, ``updated``, ``name`` or ``relevance``.

        Raises:
            YesmanError: The server cannot be reached, or does not answer as one.
        """
        found = await asyncio.to_thread(self._api().search, query, category or "", sort_by)
        return [msgspec.to_builtins(plugin) for plugin in found]

    async def get_plugin_details(self, plugin_id: str) -> dict[str, Any]:
        """Return what the server's API has of a plugin, with all its ``versions`` and ``latest_version``.

        Raises:
            YesmanError: There is none, or as :meth:`search_plugins`.
        """
        return await asyncio.to_thread(self._api().details, plugin_id)

    async def download_plugin(self, plugin_id: str, version: str | None = None) -> str:
        """Return the path of a package that was fetched and verified; it is there until ``async with`` ends.

        Args:
            plugin_id: The plugin's name.
            version: Which release; the newest that can be installed here by default.

        Raises:
            SecurityError: It is not what the registry and its author have signed, or it is revoked.
            YesmanError: The registry is not trusted, has no such release, or cannot be reached.
        """
        registries = await asyncio.to_thread(self._registries)
        if self._downloads is None:
            self._downloads = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="yesman-download-"))
        client = MarketClient(registries, self._downloads, os.environ)
        return (await client.fetch(self._name(registries), plugin_id, version or "", "")).path

    async def install_plugin(self, plugin_id: str, version: str | None = None) -> None:
        """Install a plugin, or update it, as ``yesman plugin install`` does: asking the user on the terminal.

        Args:
            plugin_id: The plugin's name.
            version: As of :meth:`download_plugin`.

        Raises:
            SecurityError: As of :meth:`download_plugin`; or the scan has found what no honest plugin does.
            PermissionDeniedError: The user did not agree, or there is no terminal to ask on.
            YesmanError: It cannot be installed; nothing was changed.
        """
        await asyncio.to_thread(self._install, plugin_id, version or "")

    def _install(self, plugin: str, version: str) -> None:
        registry, invocation = self._name(self._registries()), Invocation(os.environ)
        try:
            install(invocation, fetched(invocation, plugin, version, registry))
        except ServerFailureError as error:
            kind = _KINDS.get(error.word)
            raise kind(error.message, error.next_step) if kind else error from None

    def _api(self) -> MarketApi:
        return self.session or MarketApi(self.marketplace_url)

    @staticmethod
    def _registries() -> Registries:
        return Registries(Home.of(os.environ).market)

    def _name(self, registries: Registries) -> str:
        """Return what the user calls this registry.

        Raises:
            UsageError: They do not trust it.
        """
        wanted = self.marketplace_url.rstrip("/")
        for name, registry in registries.all().items():
            if registry.url.rstrip("/") == wanted:
                return name
        url = argument(self.marketplace_url)
        raise UsageError(
            f"{url} is no registry that you trust", f"Trust it first: yesman market add {url} --root FILE"
        )
