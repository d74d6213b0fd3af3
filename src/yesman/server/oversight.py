"""What a command line may ask about grants, limits and what plugins do: show, change, audit, watch."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from yesman.host.ledger import WEIGHTS, Query
from yesman.host.usage import usage_of
from yesman.model.errors import UsageError
from yesman.model.limit_settings import parse, setting, shown_limits, written

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.grants import Grants
    from yesman.host.ledger import Ledger
    from yesman.host.manager import PluginManager
    from yesman.server.connection import Request

By = Literal["terminal", "command line", "--yes", "grants file", "dashboard"]
"""How the user said it."""
FOLLOW_SECONDS = 0.2
AT_ONCE = 1_000
"""Records read from the ledger at a time."""


class Nothing(msgspec.Struct):
    """No parameters."""


class Named(msgspec.Struct):
    """A plugin."""

    name: str


class Change(msgspec.Struct):
    """Permissions to grant or revoke; None means all."""

    name: str
    permissions: tuple[str, ...] | None
    by: By = "command line"


class SetLimits(msgspec.Struct):
    """Limits to change, as people write them, and limits to take back to their defaults."""

    name: str
    set: dict[str, str] = {}
    unset: tuple[str, ...] = ()


class Audit(msgspec.Struct):
    """Which records of the ledger (:class:`yesman.host.ledger.Query`), and whether to wait for more."""

    name: str | None = None
    kind: str | None = None
    since: float = 0.0
    lines: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 100
    follow: bool = False


class Oversight:
    """Answers these requests.

    Args:
        grants: Shows and changes grants.
        manager: Knows the plugins.
        ledger: What happened.
    """

    def __init__(self, grants: Grants, manager: PluginManager, ledger: Ledger) -> None:
        self._grants = grants
        self._manager = manager
        self._ledger = ledger
        self.methods: dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]] = {
            "plugin.permissions": (Named, self._permissions),
            "plugin.grant": (Change, self._grant),
            "plugin.revoke": (Change, self._revoke),
            "plugin.limits": (SetLimits, self._limits),
            "plugin.audit": (Audit, self._audit),
            "plugin.top": (Nothing, self._top),
        }

    @property
    def trouble(self) -> str:
        """Why the ledger cannot be written at this moment, or ""."""
        return self._ledger.trouble

    def permissions(self, name: str) -> list[dict[str, Any]]:
        """Return the permissions of plugin ``name`` as people are shown them."""
        rows: list[dict[str, Any]] = self._grants.shown(name)["permissions"]
        return rows

    async def _permissions(self, params: Named, _request: Request) -> dict[str, Any]:
        return self._grants.shown(params.name)

    async def _grant(self, params: Change, _request: Request) -> dict[str, Any]:
        return await self._grants.grant(params.name, params.permissions or (), params.by)

    async def _revoke(self, params: Change, _request: Request) -> dict[str, Any]:
        return await self._grants.revoke(params.name, params.permissions, params.by)

    async def _limits(self, params: SetLimits, _request: Request) -> dict[str, Any]:
        """Change the limits of one plugin, for its next start, and return what they are now."""
        self._manager.registry.get(params.name)
        changes = {key: parse(key, text) for key, text in params.set.items()}
        for key in params.unset:
            setting(key)
        if changes or params.unset:
            self._manager.config.change_limits(params.name, changes, params.unset)
            for key in (*changes, *params.unset):
                to = written(key, changes[key]) if key in changes else "default"
                self._manager.recorder.decision("limits", params.name, key, to=to)
            await self._manager.recorder.kept()
        own = self._manager.config.read().limits.get(params.name, {})
        return {"name": params.name, "limits": shown_limits(own)}

    async def _audit(self, params: Audit, request: Request) -> None:
        """Send each record as a line of JSON."""
        if params.kind is not None and params.kind not in WEIGHTS:
            raise UsageError(
                f"there are no records of the kind '{params.kind[:60]}'",
                f"Kinds: {', '.join(sorted(WEIGHTS))}",
            )
        query = Query(params.name, params.kind, params.since, 0, params.lines)
        newest = await self._newest()
        last = max(newest, await self._send(await self._ledger.read(query), request))
        while params.follow:
            await asyncio.sleep(FOLLOW_SECONDS)
            found = await self._ledger.read(query._replace(after=last, limit=AT_ONCE))
            last = await self._send(found, request) or last

    async def _newest(self) -> int:
        found = await self._ledger.read(Query(limit=1))
        return int(found[-1]["id"]) if found else 0

    async def _send(self, records: list[dict[str, Any]], request: Request) -> int:
        """Send ``records`` and return the id of the last, 0 if there are none."""
        for start in range(0, len(records), AT_ONCE):
            lines = (json.dumps(record) + "\n" for record in records[start : start + AT_ONCE])
            request.output("out", "".join(lines).encode())
            await request.drained()
        return int(records[-1]["id"]) if records else 0

    async def _top(self, _params: Nothing, _request: Request) -> list[dict[str, Any]]:
        return [await self._row(name) for name in self._manager.registry.all()]

    async def _row(self, name: str) -> dict[str, Any]:
        meter, pid = self._manager.recorder.meter(name), self._manager.pid(name)
        usage = await asyncio.to_thread(usage_of, pid) if pid is not None else None
        return {
            "name": name,
            "state": self._manager.state(name)[0],
            "pid": pid,
            "calls": meter.calls,
            "calls_per_second": meter.rate(),
            "denials": meter.denials,
            "cpu_seconds": usage.cpu_seconds if usage else None,
            "seconds": round(usage.seconds, 2) if usage else None,
            "cpu_percent": round(100 * usage.cpu_seconds / max(usage.seconds, 0.01), 1) if usage else None,
            "rss_kib": usage.rss_kib if usage else None,
            "pss_kib": usage.pss_kib if usage else None,
        }
