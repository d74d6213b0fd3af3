"""Who installs from the registry through a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hosted.server import Server

    from registered.shop import Shop


class Customer:
    """Somebody's server, which trusts the registry.

    Args:
        server: The server.
        shop: The registry.
        url: Where it is; its folder unless given.
    """

    def __init__(self, server: Server, shop: Shop, url: str = "") -> None:
        self.server = server
        root = str(shop.root)
        fingerprint = server.call("market.recognise", root=root)["fingerprint"]
        registry = {"name": "shop", "url": url or str(shop.files)}
        server.call("market.add", **registry, root=root, fingerprint=fingerprint)

    def fetch(self, name: str = "demo", **params: Any) -> dict[str, Any]:
        return self.server.call("market.fetch", name=name, **params)

    def refusal(self, name: str = "demo", **params: Any) -> dict[str, Any]:
        """The sentence with which fetching is refused."""
        return self.server.refusal("market.fetch", name=name, **params)

    def inspect(self, name: str = "demo", **params: Any) -> dict[str, Any]:
        got = self.fetch(name, **params)
        return got | self.server.call("plugin.inspect", fetched=got["fetched"])

    def install(
        self, name: str = "demo", version: str = "", registry: str = "", **params: Any
    ) -> dict[str, Any]:
        seen = self.inspect(name, version=version, registry=registry)
        agreed = {"digest": seen["digest"], "consent": [row["permission"] for row in seen["permissions"]]}
        agreed["news"] = (seen["difference"] or {}).get("news", [])
        return self.server.call("plugin.install", fetched=seen["fetched"], **(agreed | params))
