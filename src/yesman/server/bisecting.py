"""Answers ``yesman plugin bisect``: runs the search, and lets the command line run its command.

What always holds: which plugins run is said in memory alone and for as long as the command line is
there; whatever ends either, all plugins may run again, and nothing on disk was touched.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.bisection import Bisection, Outcome, judge
from yesman.host.needs import in_order
from yesman.model.errors import UsageError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.server.connection import Request

MOST_NAMED = 5


class Nothing(msgspec.Struct):
    """No parameters."""


class Bisecting:
    """Answers it.

    Args:
        manager: The plugins.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager
        self.methods: dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]] = {
            "plugin.bisect": (Nothing, self._bisect)
        }

    async def _bisect(self, _params: Nothing, request: Request) -> Any:
        manager = self._manager
        records = manager.registry.all()
        running = [name for name in records if manager.pid(name) is not None]
        plugins = tuple(name for name, record in records.items() if self._runs(name, record))

        async def run(chosen: tuple[str, ...]) -> Outcome:
            return await self._run(chosen, len(plugins), request)

        try:
            with manager.suspension.hold():
                found = await Bisection(plugins, lambda name: in_order(name, records), run).search()
        finally:
            await asyncio.shield(asyncio.ensure_future(self._restore(running)))
        return msgspec.to_builtins(found)

    def _runs(self, name: str, record: Record) -> bool:
        try:
            self._manager.check(name, record)
            in_order(name, self._manager.registry.all())
        except YesmanError:
            return False
        return record.activated

    async def _run(self, chosen: tuple[str, ...], of: int, request: Request) -> Outcome:
        """Run the command with the ``chosen`` plugins, all of them started anew."""
        manager = self._manager
        manager.suspension.name(())
        await manager.stop_all()
        manager.suspension.name(chosen)
        await manager.reviver.start_up()
        named = ", ".join(chosen[:MOST_NAMED]) + ", …" * (len(chosen) > MOST_NAMED)
        request.output(
            "note", f"running it with {len(chosen)} of {of} plugins{named and ': '}{named}".encode()
        )
        outcome = judge(_code(await request.run_command()))
        request.output("note", outcome.value.encode())
        return outcome

    async def _restore(self, running: list[str]) -> None:
        """Start what ran before."""
        manager = self._manager
        if manager.suspension.held or manager.suspension.safe_mode:
            return  # it never began: somebody else holds it, or nobody may
        await manager.stop_all()
        await manager.reviver.start_up()
        for name in running:
            try:
                await manager.activate(name)
            except YesmanError as error:
                manager.log_of(name).write(40, str(error))


def _code(answer: bytes) -> int:
    try:
        return int(answer[:8])
    except ValueError:
        raise UsageError("the command line did not say how the command ended") from None
