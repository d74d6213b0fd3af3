"""A plugin with panels in a server, and whoever looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hosted.folders import Panels
from hosted.viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hosted.folders import Plugins
    from hosted.server import Server


@pytest.fixture
def watch(server: Server) -> Iterator[Callable[..., Viewer]]:
    """Begin to look at a panel; see :class:`hosted.viewer.Viewer`."""
    viewers = []

    def begin(*which: str, **where: Any) -> Viewer:
        viewers.append(Viewer(server, *which, **where))
        return viewers[-1]

    yield begin
    for viewer in viewers:
        viewer.close()


@pytest.fixture
def install(server: Server, plugins: Plugins) -> Callable[..., Server]:
    """Install a plugin with these panels, by name the bodies of what renders them, and actions."""

    def make(
        panels: dict[str, str],
        actions: dict[str, str] | None = None,
        *,
        slot: str = "tab",
        agreed: dict[str, Any] | None = None,
        **more: Any,
    ) -> Server:
        folder = plugins.make(panels=Panels(panels, actions or {}, slot), **more)
        server.install(folder, **(agreed or {}))
        return server

    return make


@pytest.fixture
def notes(server: Server) -> Callable[..., list[str]]:
    """Return what a plugin has noted."""

    def read(plugin: str = "demo") -> list[str]:
        file = server.data(plugin) / "notes"
        return file.read_text().splitlines() if file.exists() else []

    return read
