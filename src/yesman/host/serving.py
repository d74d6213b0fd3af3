"""The process in service of each plugin: started on first use, replaced by the next one, ended.

What always holds: at most one process of a plugin is in service, and another takes over only when it is
loaded and fit, so whatever keeps it from that leaves the one before in service. Whoever uses the plugin
waits for the moment of change alone; what was begun is finished where it was begun.

Before every use the policy is decided anew. A process that runs under another policy (a session appeared
and with it a root, a granted folder was made anew, a setting changed), or on files that are others now,
makes way for a new one: at once if it may touch more than it should, else when the new one takes over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from yesman.host import needs
from yesman.host.candidates import Candidates, was_changed
from yesman.host.confinement import ground
from yesman.host.handover import hand_over
from yesman.host.quota import Quota
from yesman.host.retiring import Retiring, drain
from yesman.host.served import Basis, Reloaded, Served
from yesman.host.starting import Wanted
from yesman.model.errors import PluginFailedError, UsageError, YesmanError
from yesman.model.lifecycle import State
from yesman.model.plain_text import argument
from yesman.runtime.succession import check_health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.host.confinement import Confinement
    from yesman.host.contents import Contents
    from yesman.host.manager import PluginManager
    from yesman.host.prerequisites import Prerequisites
    from yesman.host.processes import Processes, Ticket
    from yesman.host.registry import Record
    from yesman.host.starting import Starter
    from yesman.runtime.plugin import LivePlugin


class Serving:
    """Keeps a process of each plugin in service.

    Args:
        manager: The plugins.
        confinement: Decides policies.
        contents: Looks at files.
        starter: Starts processes.
        processes: Knows them all.
        prerequisites: Starts what a plugin needs.

    Attributes:
        templates: What plugins with heavy imports are forked from.
        on_relieved: Told of a plugin that runs on other files now, which nobody has looked at yet.
    """

    def __init__(  # noqa: PLR0917 - called in one place, the manager
        self,
        manager: PluginManager,
        confinement: Confinement,
        contents: Contents,
        starter: Starter,
        processes: Processes,
        prerequisites: Prerequisites,
    ) -> None:
        self._manager = manager
        self._confinement = confinement
        self._contents = contents
        self._starter = starter
        self.templates = starter.templates
        self.on_relieved: Callable[[str], None] = lambda _name: None
        self._processes = processes
        self._prerequisites = prerequisites
        self._quota = Quota()
        self._served: dict[str, Served] = {}
        self._unfit: dict[str, tuple[Basis, str]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reloading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._candidates = Candidates()
        self._retiring = Retiring()

    def running(self, name: str) -> LivePlugin | None:
        """Return the plugin's process, None when it has none."""
        served = self._served.get(name)
        return served.live if served else None

    def behind(self, name: str) -> str:
        """Return why the process in service is not of the files as they are now, or ""."""
        return self._unfit[name][1] if name in self._unfit and name in self._served else ""

    # --- use

    async def activate(self, name: str, *, asked: bool = False) -> LivePlugin:
        """See :meth:`yesman.host.manager.PluginManager.activate`."""
        manager = self._manager
        record = manager.registry.get(name)
        if self._locks[name].locked() or needs.needs_of(record):  # refused before it waits or starts others
            manager.check(name, record)
        await self._prerequisites.start(name, record, asked=asked)
        async with self._locks[name]:
            if name not in self._served:
                await manager.supervisor.turn(name, asked=asked)
            ticket = self._processes.ticket(name)
            record = manager.registry.get(name)
            manager.check(name, record)
            try:
                return await self._activate(name, record, ticket)
            except YesmanError:
                manager.supervisor.did_not_start(name)
                raise

    async def _activate(self, name: str, record: Record, ticket: Ticket) -> LivePlugin:
        basis = await self._basis(name, record)
        served = self._in_service(name)
        if served is not None:
            if served.basis == basis:
                self._back(name)
            if self._suffices(name, served.basis, basis):
                return served.live
            if basis.allows_all_of(served.basis):
                return await self._relieve(name, record, basis, ticket)
            await self._end(served)
        return await self._start(name, record, basis, ticket)

    async def _basis(self, name: str, record: Record) -> Basis:
        policy = await self._confinement.policy(name, record)
        return Basis(policy, await self._contents.verify(name, record, policy.code), ground(policy))

    def _suffices(self, name: str, old: Basis, new: Basis) -> bool:
        """Tell whether a process on ``old`` is what there can be at this moment."""
        waits = old.files != new.files and bool(self._contents.asks(name))  # for an answer of the user
        if new._replace(files=old.files) == old and (waits or old.files == new.files):
            return True
        tried = self._reloading[name].locked() or self._unfit.get(name, (None,))[0] == new
        return tried and new.allows_all_of(old)

    async def _start(self, name: str, record: Record, basis: Basis, ticket: Ticket) -> LivePlugin:
        states = self._manager.states
        states.move(name, State.STARTING)
        try:
            live = await self._load(name, record, basis, ticket, trial=False)
        except asyncio.CancelledError:
            states.move(name, State.ENABLED)  # nobody wants it any more, which is no fault of the plugin's
            raise
        except BaseException as error:
            states.move(name, State.FAILED)
            why = error.message if isinstance(error, YesmanError) else "yesman itself failed to start it"
            states.failed(name, why)
            raise
        states.move(name, State.RUNNING)
        self._take(name, Served(live, basis, record.version))
        self._manager.recorder.loaded(name, record.version, live)
        return live

    async def _load(
        self, name: str, record: Record, basis: Basis, ticket: Ticket, *, trial: bool
    ) -> LivePlugin:
        manager = self._manager
        await self._quota.check(name, basis.policy)
        settings = await manager.settings.revealed(
            manager.settings.of(record.settings), manager.log_of(name).hide
        )
        granted = partial(manager.registry.granted, name)
        wanted = Wanted(name, record, basis.policy, settings, granted, ticket, trial)
        return await self._starter.load(wanted)

    def _take(self, name: str, served: Served) -> None:
        """Put a process into service."""
        self._manager.states.settled(name)
        self._manager.supervisor.started(name)
        self._unfit.pop(name, None)
        self._served[name] = served
        served.live.ended.add_done_callback(lambda _: self._on_end(name, served.live))
        self.templates.consider(name, served.live)

    async def is_current(self, name: str) -> bool:
        """Tell whether the plugin's process, or one that was not fit, was of its files as they are.

        Raises:
            YesmanError: They cannot be read.
        """
        served = self._served.get(name)
        basis = await self._basis(name, self._manager.registry.get(name))
        if served is not None and served.basis == basis:
            self._back(name)
            return True
        return served is not None and self._unfit.get(name, (None,))[0] == basis

    def _back(self, name: str) -> None:
        """Take note that the files are again what the process in service runs on."""
        if self._unfit.pop(name, None) is not None:
            self._manager.states.settled(name)

    # --- another process takes over

    async def _relieve(self, name: str, record: Record, basis: Basis, ticket: Ticket) -> LivePlugin:
        """Replace the process in service because its basis has changed; on failure it stays."""
        try:
            with self._unfit_if_it_fails(name, basis):
                new = await self._candidate(name, record, basis, ticket)
                await self._switch(name, record, Served(new, basis, record.version))
        except YesmanError:
            served = self._served.get(name)
            if served is None or served.live.ended.done():
                raise
            return served.live
        self.on_relieved(name)
        return new

    async def reload(self, name: str) -> Reloaded:
        """See :meth:`yesman.host.manager.PluginManager.reload`."""
        async with self._reloading[name]:
            began = time.monotonic()
            record, basis, ticket = await self._to_reload(name)
            served = self._served.get(name)
            if served is None or not basis.allows_all_of(served.basis):
                live = await self.activate(name, asked=True)
                return Reloaded(
                    name, record.version, live.pid, _ms_since(began), 0.0, state=False, template=live.forked
                )
            work = self._candidate(name, record, basis, ticket)
            async with self._candidates.loading(name, work) as loading:
                with self._unfit_if_it_fails(name, basis):
                    new = await loading
                    load_ms, loaded = _ms_since(began), time.monotonic()
                    async with self._locks[name]:
                        state = await self._switch(name, record, Served(new, basis, record.version))
                self._candidates.took_over(name)
            swap_ms = _ms_since(loaded)
            return Reloaded(name, record.version, new.pid, load_ms, swap_ms, state, new.forked)

    async def _to_reload(self, name: str) -> tuple[Record, Basis, Ticket]:
        """Return what plugin ``name`` is to be reloaded from.

        Raises:
            YesmanError: It may not run, what it needs does not, or it asks for more than the user knows.
        """
        record = self._manager.registry.get(name)
        self._manager.check(name, record)
        await self._prerequisites.start(name, record, asked=True)
        ticket = self._processes.ticket(name)
        basis = await self._basis(name, record)
        if record.linked and (asks := self._contents.asks(name)):
            raise UsageError(
                f"plugin '{name}' now asks for {', '.join(asks)}, which you have not been asked about yet",
                f"Answer it: yesman plugin install --link {argument(record.source)}",
            )
        return record, basis, ticket

    @contextmanager
    def _unfit_if_it_fails(self, name: str, basis: Basis) -> Iterator[None]:
        """Take note that what is on ``basis`` does not take over, so that nobody tries it again unasked."""
        try:
            yield
        except YesmanError as error:
            note = f"the version before goes on, because this one does not take over: {error.message}"
            self._unfit[name] = basis, error.message
            self._manager.states.failed(name, note)
            self._manager.log_of(name).write(logging.ERROR, note)
            raise

    async def _candidate(self, name: str, record: Record, basis: Basis, ticket: Ticket) -> LivePlugin:
        """Return a process that is loaded and fit, beside the one in service."""
        new = await self._load(name, record, basis, ticket, trial=True)
        try:
            await check_health(new)
        except BaseException:
            await new.kill("it was not fit", wanted=True)
            raise
        return new

    async def _switch(self, name: str, record: Record, new: Served) -> bool:
        """Put ``new`` in the place of what is in service; return whether state was handed over.

        Whoever calls holds the plugin's lock, so nobody begins anything meanwhile.
        """
        try:
            self._check_current(name, record)
            old = self._served.get(name)
            state = False
            if old is not None and not old.live.ended.done():
                log = self._manager.log_of(name).write
                state = await hand_over(old.live, new.live, old.version, log)
                self._check_current(name, record)
            _check_alive(name, new.live)
        except BaseException:
            await new.live.kill("it did not take over", wanted=True)
            raise
        self._processes.take_into_service(name, new.live)
        self._replace(name, new)
        return state

    def _check_current(self, name: str, record: Record) -> None:
        """Refuse to go on with a version that was disabled, removed or updated meanwhile."""
        self._manager.check(name, record)
        if self._manager.registry.all().get(name) is not record:
            raise was_changed(name)

    def _replace(self, name: str, new: Served) -> None:
        old = self._served.get(name)
        self._take(name, new)
        if old is None:
            self._manager.states.move(name, State.STARTING)
            self._manager.states.move(name, State.RUNNING)
            self._manager.recorder.loaded(name, new.version, new.live)
            return
        self._manager.recorder.reloaded(name, new.version, new.live, old.live)
        self._retiring.add(name, old.live)

    # --- ends

    async def stop(self, name: str) -> None:
        """See :meth:`yesman.host.manager.PluginManager.stop`."""
        async with self._locks[name]:
            live = self.running(name)
            template = self.templates.drop(name)
            await self._candidates.end(name)
            if live is not None:
                self._manager.states.drains(name)
            await asyncio.gather(
                template, *(drain(each) for each in (*self._retiring.hurry(name), live) if each)
            )
            self._manager.states.settled(name)
            self._manager.supervisor.started(name)

    async def retired(self, name: str) -> None:
        """Return when the processes of ``name`` that were relieved have ended."""
        await self._retiring.over(name)

    async def stop_all(self) -> None:
        """Stop all plugins, each after those that need it."""
        names = {*self._served, *self._candidates.names(), *self._retiring.names(), *self.templates.names()}
        for together in needs.layers(names, self._manager.registry.all()):
            await asyncio.gather(*(self.stop(name) for name in together))

    def close(self) -> None:
        """Wait no longer for processes that were relieved, and end templates."""
        self.templates.close()
        self._retiring.close()

    def _in_service(self, name: str) -> Served | None:
        """Return what is in service, and not a process whose end nobody has been told yet."""
        served = self._served.get(name)
        if served is None or not served.live.ended.done():
            return served
        self._on_end(name, served.live)  # what it would be told by is on its way, and changes nothing then
        return None

    async def _end(self, served: Served) -> None:
        why = "it may not touch any more what it could when it was started"
        await served.live.kill(why, wanted=True)

    def _on_end(self, name: str, live: LivePlugin) -> None:
        self._quota.note(name, live)
        if self.running(name) is live:
            del self._served[name]
            self._unfit.pop(name, None)
            self._manager.states.move(name, State.ENABLED)


def _check_alive(name: str, live: LivePlugin) -> None:
    if live.ended.done():
        raise PluginFailedError(f"plugin '{name}' ended before it took over: {live.cause_of_end}")


def _ms_since(then: float) -> float:
    return round((time.monotonic() - then) * 1000, 2)
