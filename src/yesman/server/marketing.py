"""What a command line may ask about registries: which are trusted, what they have, to fetch a release.

What always holds: where a package comes from is what was verified when it was fetched, and is kept here;
nobody else's word for it counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.host.origin import Origin
from yesman.host.revocations import registry_of
from yesman.market.updates import update_of
from yesman.model.errors import NotFoundError, UsageError, VerificationError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.market.client import MarketClient, Package
    from yesman.market.registries import Registry
    from yesman.server.connection import Request
    from yesman.server.revoking import Revoking

MOST_AT_ONCE: Final = 4
"""Questions to registries, each of which is a program."""
PROGRESS_SECONDS: Final = 0.25
MOST_FETCHED: Final = 1024
"""Packages of which it is remembered how they were verified."""


class Nothing(msgspec.Struct):
    """No parameters."""


class Root(msgspec.Struct):
    """A root file."""

    root: str


class Add(msgspec.Struct):
    """A registry to trust, by the root file whose fingerprint the user was shown."""

    name: str
    url: str
    root: str
    fingerprint: str
    longest_age: int = 0


class Named(msgspec.Struct):
    """A registry; "" for the only one, where that makes sense."""

    name: str


class Which(msgspec.Struct):
    """A plugin of a registry; "" for the one that it was installed from, or the only one.

    ``version`` is "" for the newest.
    """

    name: str
    registry: str = ""
    version: str = ""


class Plugins(msgspec.Struct):
    """Some plugins; none for all."""

    names: tuple[str, ...] = ()


class Marketing:
    """Answers these requests.

    Args:
        manager: Knows what is installed.
        client: Asks registries.
        revoking: Hears what they have revoked.
    """

    def __init__(self, manager: PluginManager, client: MarketClient, revoking: Revoking) -> None:
        self._manager = manager
        self._client = client
        self._revoking = revoking
        self._fetched: dict[str, tuple[Path, Origin]] = {}

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {
            "market.recognise": (Root, self._recognise),
            "market.add": (Add, self._add),
            "market.remove": (Named, self._remove),
            "market.list": (Nothing, self._list),
            "market.which": (Named, self._which),
            "market.refresh": (Nothing, self._refresh),
            "market.look": (Which, self._look),
            "market.fetch": (Which, self._fetch),
            "market.updates": (Plugins, self._updates),
        }

    def fetched(self, ident: str) -> tuple[Path, Origin]:
        """Return where a package that was fetched is, and where it comes from.

        Raises:
            NotFoundError: It was not fetched since the server started.
        """
        try:
            return self._fetched[ident]
        except KeyError:
            raise NotFoundError(
                "that package was not fetched from a registry", "Run the command again"
            ) from None

    # --- registries

    async def _recognise(self, params: Root, _request: Request) -> dict[str, str]:
        return {"fingerprint": (await self._client.recognise(Path(params.root)))[1]}

    async def _add(self, params: Add, _request: Request) -> dict[str, Any]:
        registries = self._client.registries
        known = registries.all().get(params.name)
        if known is not None and (known.url, known.fingerprint) == (params.url, params.fingerprint):
            return await self._allow(params, known)
        registries.check_new(params.name, params.url)
        root, fingerprint = await self._client.recognise(Path(params.root))
        if fingerprint != params.fingerprint:
            raise VerificationError(f"{params.root} changed while you were asked", "Run the command again")
        added = registries.add(params.name, params.url, root, fingerprint, params.longest_age)
        try:
            await self._client.revoked(params.name)
        except YesmanError:
            registries.remove(params.name)
            raise
        self._manager.recorder.decision("registry", "", params.name, url=added.url, fingerprint=fingerprint)
        await self._manager.recorder.kept()
        return {"name": params.name, "url": added.url, "fingerprint": fingerprint}

    async def _allow(self, params: Add, known: Registry) -> dict[str, Any]:
        """Change how old a registry's metadata may be; as it was if it cannot be believed then."""
        registries = self._client.registries
        registries.allow(params.name, params.longest_age)
        try:
            await self._client.revoked(params.name)
        except YesmanError:
            registries.allow(params.name, known.longest_age)
            raise
        self._manager.recorder.decision("registry", "", params.name, longest_age=params.longest_age)
        await self._manager.recorder.kept()
        return {"name": params.name, "url": known.url, "fingerprint": known.fingerprint}

    async def _remove(self, params: Named, _request: Request) -> dict[str, Any]:
        self._client.registries.remove(params.name)
        self._manager.recorder.decision("registry", "", params.name, removed=True)
        await self._manager.recorder.kept()
        return {"name": params.name, "plugins": self._installed_from(params.name)}

    async def _list(self, _params: Nothing, _request: Request) -> list[dict[str, Any]]:
        heard = self._manager.revocations.heard()
        return [
            {
                "name": name,
                **msgspec.to_builtins(registry),
                "plugins": self._installed_from(name),
                "heard": heard[name].at if name in heard else "",
                "trouble": self._revoking.trouble.get(name, ""),
            }
            for name, registry in self._client.registries.all().items()
        ]

    async def _which(self, params: Named, _request: Request) -> dict[str, Any]:
        """Return the registry of that name; of none, the only one."""
        name = params.name or self._client.registries.only()
        return {"name": name, "url": self._client.registries.get(name).url}

    def _installed_from(self, registry: str) -> list[str]:
        return [n for n, record in self._manager.registry.all().items() if registry_of(record) == registry]

    async def _refresh(self, _params: Nothing, _request: Request) -> dict[str, Any]:
        blocked = await self._revoking.ask_all()
        return {"blocked": blocked, "trouble": self._revoking.trouble}

    # --- plugins

    async def _look(self, params: Which, _request: Request) -> dict[str, Any]:
        registry = self._registry(params)
        return {"registry": registry, **await self._client.look(registry, params.name)}

    async def _fetch(self, params: Which, request: Request) -> dict[str, Any]:
        registry = self._registry(params)
        record = self._manager.registry.all().get(params.name)
        from_there = record is not None and record.source == f"{registry}:{params.name}"
        pin = (record.newest_key or record.key) if record is not None and from_there else ""
        async with _told(request, self._client):
            package = await self._client.fetch(registry, params.name, params.version, pin)
        ident = self._keep(package, f"{registry}:{params.name}")
        self._revoking.hear(registry, package.revoked)
        return {
            "fetched": ident,
            "registry": registry,
            "version": package.release.version,
            "claimed": package.claimed,
            "warning": package.warning,
            "yanked": package.release.yanked,
            "metadata": package.metadata,
        }

    def _keep(self, package: Package, source: str) -> str:
        """Remember a package that was verified, by an identifier that nobody guesses."""
        origin = Origin(
            source=source,
            key=package.signer,
            successor_of=package.successor_of,
            publisher=package.publisher,
            package=package.release.sha256,
            wheels=package.wheels,
        )
        while len(self._fetched) >= MOST_FETCHED:
            self._fetched.pop(next(iter(self._fetched)))
        ident = secrets.token_hex(16)
        self._fetched[ident] = Path(package.path), origin
        return ident

    async def _updates(self, params: Plugins, _request: Request) -> list[dict[str, Any]]:
        """Return what update there is of each plugin that comes from a registry."""
        records = self._manager.registry.all()
        for name in params.names:
            self._manager.registry.get(name)
        wanted = {n: r for n, r in records.items() if registry_of(r) and n in (params.names or records)}
        turns = asyncio.Semaphore(MOST_AT_ONCE)
        rows = await asyncio.gather(*(self._update(name, record, turns) for name, record in wanted.items()))
        local = [name for name in params.names if name not in wanted]
        return [*rows, *({**_row(name, records[name]), "waits": "it is from no registry"} for name in local)]

    async def _update(self, name: str, record: Record, turns: asyncio.Semaphore) -> dict[str, Any]:
        row = _row(name, record)
        try:
            async with turns:
                found = await self._client.look(registry_of(record), name)
        except YesmanError as error:
            return row | {"waits": str(error)}
        blocked = self._manager.revocations.of(name, record) is not None
        update = update_of(
            record.version, found["releases"], datetime.now(UTC), pinned=record.pinned, blocked=blocked
        )
        return row | {"update": update.version, "waits": update.waits}

    def _registry(self, params: Which) -> str:
        """Return the registry that is meant. A plugin has one, and does not change it unasked.

        Raises:
            UsageError: The plugin is from another, or it is not clear which is meant.
        """
        record = self._manager.registry.all().get(params.name)
        own = registry_of(record) if record else ""
        if params.registry:
            self._client.registries.get(params.registry)
        if own and params.registry not in {"", own}:
            raise UsageError(
                f"plugin '{params.name}' is installed from the registry '{own}', not '{params.registry}'",
                f"To take the other one, remove it first: yesman plugin remove {params.name}",
            )
        return params.registry or own or self._client.registries.only()


def _row(name: str, record: Record) -> dict[str, Any]:
    return {"name": name, "version": record.version, "source": record.source, "update": "", "waits": ""}


class _told:  # noqa: N801 - used like a function
    """Tells a command line how far fetching is, while it goes on."""

    def __init__(self, request: Request, client: MarketClient) -> None:
        self._request, self._client = request, client

    async def __aenter__(self) -> None:
        self._request.progress("asking the registry")
        self._task = asyncio.ensure_future(self._tell())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            if count := await asyncio.to_thread(self._client.fetched_bytes):
                self._request.progress(f"fetching the package: {count / 1_000_000:.1f} MB")
