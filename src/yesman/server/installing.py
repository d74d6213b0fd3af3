"""What a command line may ask about installing: look at what would be installed, install it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.proposal import Answer
from yesman.model.errors import UsageError
from yesman.server.oversight import By  # noqa: TC001 - msgspec reads the annotations of Install

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.installer import Installer
    from yesman.host.origin import Origin
    from yesman.server.connection import Request
    from yesman.server.marketing import Marketing


class Inspect(msgspec.Struct):
    """A plugin's folder or package, or what ``market.fetch`` called a package that was fetched."""

    path: str = ""
    fetched: str = ""
    link: bool = False


class Install(msgspec.Struct):
    """See :meth:`yesman.host.installer.Installer.install`; ``path`` or ``fetched`` as in :class:`Inspect`."""

    digest: str
    path: str = ""
    fetched: str = ""
    consent: tuple[str, ...] = ()
    grants: tuple[str, ...] | None = None
    by: By = "command line"
    config: dict[str, str] = {}
    link: bool = False
    name: str = ""
    replace: bool = False
    despite: str = ""
    news: tuple[str, ...] = ()


class Installing:
    """Answers these requests.

    Args:
        installer: Installs.
        marketing: Knows what was fetched from registries, and how it was verified.
    """

    def __init__(self, installer: Installer, marketing: Marketing) -> None:
        self._installer = installer
        self._marketing = marketing

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {
            "plugin.inspect": (Inspect, self._inspect),
            "plugin.difference": (Inspect, self._difference),
            "plugin.install": (Install, self._install),
        }

    async def _inspect(self, params: Inspect, _request: Request) -> Any:
        return msgspec.to_builtins(await self._installer.inspect(*self._meant(params)))

    async def _difference(self, params: Inspect, _request: Request) -> tuple[str, ...]:
        return await self._installer.difference(*self._meant(params))

    async def _install(self, params: Install, request: Request) -> dict[str, Any]:
        path, origin = self._meant(params)
        return await self._installer.install(
            path,
            link=params.link,
            digest=params.digest,
            answer=Answer(params.consent, params.grants, params.by, params.despite, params.news),
            config=params.config,
            name=params.name,
            replace=params.replace,
            report=request.progress,
            origin=origin,
        )

    def _meant(self, params: Inspect | Install) -> tuple[Path, Origin | None]:
        """Return the path, and of a registry's package the origin: what we verified, not what is said."""
        if params.fetched:
            return self._marketing.fetched(params.fetched)
        path = Path(params.path)
        if not path.is_absolute():
            raise UsageError(f"the path {params.path!r} is not absolute")
        return path, None
