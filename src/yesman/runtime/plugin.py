"""One live plugin: a confined process that has loaded the plugin's code, and its end.

A :class:`LivePlugin` exists only between a successful load and the end of its process. It is
never restarted; whoever needs the plugin again makes a new one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

from yesman.model.errors import PlatformError, PluginFailedError, YesmanError
from yesman.runtime.calling import Calling
from yesman.runtime.contributed import Contributed
from yesman.runtime.diagnostics import read_lines
from yesman.runtime.endings import crash, load_failure, manner, overdue, revocation, unserialisable
from yesman.runtime.exceeded import too_slow
from yesman.runtime.framing import MAX_RESULT_CONTAINERS, decode
from yesman.runtime.limiting import Limiting
from yesman.runtime.network import LOOK_UP
from yesman.runtime.pacing import Quiet, Share
from yesman.runtime.peer import Caller, Peer, Services
from yesman.sandbox.policy import EXIT_UNCONFINED
from yesman.wire.frames import LIMITS, ProtocolError

if TYPE_CHECKING:
    from yesman.runtime.broker import Denial
    from yesman.runtime.exceeded import Exceeded
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.spawned import Spawned
    from yesman.runtime.watch import Watch
    from yesman.runtime.witness import Seen, Witness
    from yesman.runtime.zygote import Exit
    from yesman.sandbox.policy import Policy

EXIT_REPORT_SECONDS = 2.0
MAX_ANSWER_CONTAINERS = 2_000
"""Brackets in what a hook answers: a payload, or one answer a hook."""
REFUSAL_LINES_PER_SECOND, REFUSAL_LINES_AT_ONCE = 1.0, 20.0


class Origin(Protocol):
    """What plugin processes are forked from: the zygote, or a template of the plugin.

    Attributes:
        watch: Watches what they use.
    """

    watch: Watch

    async def spawn(self, policy: Policy) -> Spawned:
        """Fork a process confined by ``policy``; raise PlatformError if there can be none."""
        ...


class LivePlugin:
    """One running plugin process.

    Attributes:
        policy: What it was confined by.
        pid: Its process.
        contributed: What it contributes.
        ended: Resolves to how the process ended.
        doing: The call it began last, or "".
        share: What it may cost the host.
        calling: Makes calls.
        network: Its way to the network.
        cause_of_end: Why the host ended it, or "".
        wanted_end: Whether its end was asked for: stopped or revoked, not killed for what it did.
    """

    def __init__(  # noqa: PLR0917 - called in one place, below
        self,
        policy: Policy,
        spawned: Spawned,
        services: Services,
        network: PluginNetwork,
        witness: Witness,
        watch: Watch,
    ) -> None:
        self.policy = policy
        self.pid = spawned.pid
        self.contributed = Contributed((), (), ())
        self.ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self._spawned = spawned
        self._witness = witness
        self._log = witness.log
        limits = policy.limits
        self.share = Share(limits.host_share, limits.host_burst_seconds)
        self._peer = Peer(
            policy.plugin, services, self._log, self._on_gone, self._on_refused, share=self.share
        )
        self.network = network
        self._refusals = Quiet(REFUSAL_LINES_PER_SECOND, REFUSAL_LINES_AT_ONCE)
        self._limiting = Limiting(policy, spawned, watch, self._end_for, self._end_headless)
        self.calling = Calling(
            policy,
            self._peer,
            self._limiting,
            network,
            witness,
            self._signal,
            lambda reason, wanted: self.kill(reason, wanted=wanted),
        )
        self._strike: ProtocolError | None = None
        self._confined = False
        self._killed_for = ""
        self.wanted_end = False
        self._revoked: tuple[str, ...] = ()
        # A callback, not a task: its end must be noticed while the loop cancels all tasks to close.
        spawned.exited.add_done_callback(self._on_exit)

    @classmethod
    async def start(
        cls,
        origin: Origin,
        policy: Policy,
        *,
        config: dict[str, Any],
        declared: dict[str, Any] | None,
        services: Services,
        network: PluginNetwork,
        witness: Witness,
        learn: bool = False,
    ) -> LivePlugin:
        """Spawn, confine and load a plugin; with ``declared`` None, a process with no plugin in it.

        Args:
            origin: Makes the process.
            policy: What it may touch.
            config: The plugin's settings.
            declared: What its manifest declares (:func:`yesman.host.contributions.declared_data`).
            services: What it may call.
            network: Its way to the network.
            witness: Hears of what it does.
            learn: Whether it should tell which modules it imports.

        Raises:
            PlatformError: The process could not be made or confined.
            AuthorError: The plugin cannot be loaded by its author's fault.
            PluginFailedError: Its code raised, hung or died while loading.
            PermissionDeniedError: Its code wanted more than it was granted, or a grant was revoked.
        """
        spawned = await origin.spawn(policy)
        live = cls(policy, spawned, services, network, witness, origin.watch)
        witness.spawned(live)
        read_lines(spawned.ends.log, partial(witness.log, logging.WARNING), live.share)
        try:
            async with asyncio.timeout(policy.limits.load_seconds):
                with spawned.handover:
                    await live._peer.connect(spawned.ends.down, spawned.ends.up)
                    await live._adopt()
                await live._load(config, declared, learn=learn)
        except TimeoutError:
            exceeded = too_slow("load", policy.limits.load_seconds, "loading")
            witness.exceeded(exceeded, "load")
            await live.kill("it did not finish loading")
            raise overdue(policy.plugin, exceeded) from None
        except BaseException:
            await live.kill("loading it failed", wanted=True)
            raise
        return live

    async def _adopt(self) -> None:
        spawned, policy = self._spawned, self.policy
        if spawned.exited.done():
            return  # nothing to adopt, and its descriptor may name another process by now
        await self.network.adopt(spawned, policy, self._on_denied, self._witness.program)

    async def _load(self, config: dict[str, Any], declared: dict[str, Any] | None, *, learn: bool) -> None:
        try:
            protocol = await self._peer.greeted()
        except ConnectionError:
            raise self._end_error(await asyncio.shield(self._spawned.exited)) from None
        self._confined = True
        if declared is None:
            return
        try:
            params = {"config": config, "declared": declared, "learn": learn, "protocol": protocol}
            frame = await self.calling.make("load", params)
        except PluginFailedError as error:
            raise load_failure(self.policy.plugin, error) from error
        try:
            self.contributed = decode(frame.body, Contributed)
        except ProtocolError as error:
            self._on_gone(error)
            raise self._end_error(await asyncio.shield(self._spawned.exited)) from error

    async def command(
        self, name: str, options: dict[str, Any], terminal: dict[str, Any], caller: Caller
    ) -> bytes:
        """Run one command and return its result as checked JSON text.

        Cancelling asks the handler to stop (as Ctrl-C would) and kills the process when it does not.

        Raises:
            PluginFailedError: The handler failed; ``failure`` says how.
        """
        params = {"name": name, "options": options, **terminal}
        deadline = self.policy.limits.command_seconds or None
        frame = await self.calling.make("command", params, caller=caller, deadline=deadline, doing=name)
        self.decoded(frame.blob, object, MAX_RESULT_CONTAINERS)
        return frame.blob

    async def value(
        self,
        method: Literal["function", "invoke", "provider", "panel", "act"],
        params: dict[str, Any],
        *,
        deadline: float | None = None,
        most: int = LIMITS.blob,
    ) -> Any:
        """Call a provider, panel, or as no server does method or function; ``most`` bytes may come back.

        Raises:
            PluginFailedError: It failed; ``failure`` and ``raised`` say how.
        """
        frame = await self.calling.make(method, params, deadline=deadline, doing=params["name"])
        return self.decoded(frame.blob, object, MAX_RESULT_CONTAINERS, most)

    def decoded(self, body: bytes, shape: type[Any], containers: int, most: int = LIMITS.blob) -> Any:
        """Return what the plugin has answered as ``shape``; raise PluginFailedError if it is no such data."""
        try:
            return decode(body, shape, containers=containers, most=most)
        except ProtocolError as error:
            raise unserialisable(self.policy.plugin, self.doing, str(error)) from error

    async def event(self, event: dict[str, Any], hooks: tuple[str, ...]) -> None:
        """Deliver one event to these hooks and all subscriptions, and wait until the handlers have run.

        Raises:
            PluginFailedError: A handler failed or took too long.
        """
        params = {"event": event, "hooks": hooks}
        await self.calling.make("event", params, deadline=self.policy.limits.hook_seconds)

    async def ask(
        self, method: Literal["ask", "filter"], event: dict[str, Any], hooks: tuple[str, ...]
    ) -> Any:
        """Return what these hooks answer, one after the other: a list; of a filter, the payload they leave.

        There is no deadline: whoever does not want to wait any more cancels, which stops the handlers.

        Raises:
            PluginFailedError: A handler failed, or answered what is no data.
        """
        frame = await self.calling.make(method, {"event": event, "hooks": hooks}, doing=event["name"])
        return self.decoded(frame.body, list if method == "ask" else dict, MAX_ANSWER_CONTAINERS)

    async def stop(self) -> None:
        """Let the plugin clean up, then end its process; it has ``cancel_seconds`` and no say in that."""
        self.wanted_end = self.wanted_end or not self.ended.done()
        cleaning = asyncio.ensure_future(self._clean_up())
        try:
            done, _ = await asyncio.wait({cleaning}, timeout=self.policy.limits.cancel_seconds)
            if not done:
                self._log(30, "cleanup did not finish in time")
        finally:
            await self.kill("it was stopped")
            await cleaning

    async def _clean_up(self) -> None:
        try:
            await self.calling.make("cleanup", {})
        except YesmanError as error:
            self._log(30, f"cleanup: {error.message}")
        await asyncio.shield(self.ended)

    async def retire(self, seconds: float | None = None) -> None:
        """Stop once nothing is going on any more, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._peer.idle()
        await self.stop()

    @property
    def forked(self) -> bool:
        """Whether it comes from a template, and so did not import again what that had imported."""
        return self._spawned.listener is not None

    async def settle(self, seconds: float) -> None:
        """Return when no event or question is open, and no command either, or that for so long."""
        await self._peer.settle(seconds)

    def crashed(self, end: Exit) -> bool:
        """Tell whether it died unasked and by its own fault, not by the machine's."""
        unconfined = end.code == EXIT_UNCONFINED and not self._confined
        return not (self.wanted_end or end.collateral or unconfined)

    @property
    def doing(self) -> str:  # noqa: D102 - described with the class
        return self.calling.doing

    @property
    def exceeded(self) -> Exceeded | None:
        """The limit that it was ended for, or None."""
        return self._limiting.exceeded

    @property
    def cause_of_end(self) -> str:  # noqa: D102 - described with the class
        if self._strike is not None:
            return f"it broke the protocol: {self._strike}"
        if self._revoked:
            return f"revoked: {', '.join(self._revoked)}"
        return self.exceeded.deed if self.exceeded else self._killed_for

    def end(self, reason: str, *, wanted: bool = False) -> None:
        """End the process now; ``wanted`` if not for what it did."""
        if not self.ended.done():
            self._killed_for = self._killed_for or reason
            self.wanted_end = self.wanted_end or wanted
            self._signal(signal.SIGKILL)

    async def kill(self, reason: str, *, wanted: bool = False) -> None:
        """As :meth:`end`, and wait until it is gone."""
        self.end(reason, wanted=wanted)
        await asyncio.shield(self.ended)

    def _end_for(self, exceeded: Exceeded) -> None:
        """End the process now, because it went over a limit."""
        self._log(40, f"stopped: {exceeded.deed}")
        self._witness.exceeded(exceeded, self.doing)
        self._signal(signal.SIGKILL)

    def _end_headless(self) -> None:
        """End the process now, because handlers run on its main thread, and that has ended."""
        self._killed_for = self._killed_for or "its main thread has ended"
        self._log(40, f"stopped: {self._killed_for}")
        self._signal(signal.SIGKILL)

    def revoke(self, permissions: tuple[str, ...]) -> None:
        """End the process now, politeness aside; :attr:`ended` tells when it is gone.

        Nothing short of that takes back what the kernel has granted: a descriptor stays open,
        wherever it was hidden, and confinement cannot be changed from outside.
        """
        if not self.ended.done():
            self._revoked = self._revoked or permissions
            self.wanted_end = True
            self._signal(signal.SIGKILL)

    def _on_refused(self, what: str, count: int) -> None:
        self._witness.refused(what, count, "plugin")

    def _on_denied(self, denial: Denial) -> None:
        seen: Seen = "host" if denial.call == LOOK_UP else "kernel"
        self._witness.refused(denial.permission or denial.what, 1, seen)
        # Libraries try out what the machine can when they are imported, and do without: no reason to warn.
        tries = self.calling.loading and not denial.permission
        said = f"refused{' while loading' if tries else ''}: {self.network.sentence(denial)}"
        if (line := self._refusals.line(said)) is not None:
            self._log(20 if tries else 30, line)

    def _signal(self, number: int) -> None:
        if self._spawned.exited.done():
            return  # the descriptor may name another process by now
        with suppress(ProcessLookupError):  # it has ended already; the exit report follows
            signal.pidfd_send_signal(self._spawned.pidfd, number)

    # --- the end of the process

    def _on_gone(self, strike: ProtocolError | None) -> None:
        self._strike = self._strike or strike
        if strike is not None:
            self._log(40, f"protocol broken: {strike}")
            self._signal(signal.SIGKILL)
        else:  # it ends by itself, unless it has closed its lanes and lives on
            asyncio.get_running_loop().call_later(EXIT_REPORT_SECONDS, self._signal, signal.SIGKILL)

    def _on_exit(self, exited: asyncio.Future[Exit]) -> None:
        exit_ = exited.result()
        if exit_.code != -signal.SIGKILL:
            self._killed_for = ""  # it was dying already, for which its ended main thread may have been taken
        with ExitStack() as ending:  # all of it, whatever fails: there are those who wait for the end
            ending.callback(self.ended.set_result, exit_)
            ending.callback(lambda: self._peer.fail_pending(self._end_error(exit_)))
            ending.callback(os.close, self._spawned.pidfd)
            owners = (self._spawned.ends.close_channel, self._peer.close, self.network.close)
            for close in (*owners, self._limiting.close):
                ending.callback(close)
            self._log(20, f"process {self.pid} {exit_}; CPU {exit_.cpu_ms} ms, peak {exit_.peak_kib} KiB")

    def _end_error(self, exit_: Exit) -> Exception:
        name = self.policy.plugin
        if exit_.code == EXIT_UNCONFINED and not self._confined:
            return PlatformError(
                f"plugin '{name}' was not started because it could not be confined",
                "Run 'yesman doctor' to see which layer is missing",
            )
        if self._revoked:
            return revocation(name, self._revoked, self.doing)
        if self.exceeded is not None:
            return self.exceeded.error(name, self.doing)
        return crash(name, manner(self._strike, self._killed_for, str(exit_)), self.doing)
