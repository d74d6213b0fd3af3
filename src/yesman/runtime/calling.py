"""Calls of the host to one plugin process, each from its first frame to the stop of its handler.

What always holds: a call that nobody waits for any more, or for too long, is stopped before its waiter
goes on, by the death of the process if need be; what a failure says has no secret in it.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Final, cast

from yesman.model.errors import PluginFailedError
from yesman.runtime.endings import OVERDUE, busy, overdue
from yesman.runtime.exceeded import out_of_memory, too_slow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.runtime.limiting import Limiting
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.peer import Caller, Peer
    from yesman.runtime.witness import Witness
    from yesman.sandbox.policy import Policy
    from yesman.wire.frames import Frame

_AGAIN_SECONDS: Final = 0.01
_HANDLERS: Final = frozenset({"event", "panel", "act"})
_LOADING: Final = frozenset({"load", "prepare"})


class Calling:
    """Makes calls.

    Args:
        policy: What the process was confined by.
        peer: Leads to it.
        limiting: Charges for what they use.
        network: Knows what it was refused meanwhile.
        witness: Hears of failures and of what took too long.
        signal_it: Sends it a signal.
        kill: Ends it, given the reason and whether that is wanted; returns when it is gone.

    Attributes:
        doing: The call begun last, or "".
        loading: Whether it has been called for nothing yet but to import what it consists of.
    """

    def __init__(  # noqa: PLR0917 - called in one place, the live plugin
        self,
        policy: Policy,
        peer: Peer,
        limiting: Limiting,
        network: PluginNetwork,
        witness: Witness,
        signal_it: Callable[[int], None],
        kill: Callable[[str, bool], Awaitable[None]],
    ) -> None:
        self.doing = ""
        self.loading = True
        self._policy = policy
        self._peer = peer
        self._limiting = limiting
        self._network = network
        self._witness = witness
        self._signal = signal_it
        self._kill = kill

    async def make(
        self,
        method: str,
        params: dict[str, Any],
        *,
        deadline: float | None = None,
        caller: Caller | None = None,
        doing: str = "",
        blob: bytes = b"",
        patience: float | None = None,
    ) -> Frame:
        """Make a call; when it is cancelled or overdue, stop the handler before going on.

        Args:
            method: See :meth:`yesman.runtime.peer.Peer.begin`, as for ``params`` and ``blob``.
            params: JSON data.
            deadline: Seconds from its start in the plugin; None for no limit.
            caller: Whose command it is.
            doing: What to call it, if not by its method.
            blob: Bytes that go with it.
            patience: Seconds for the plugin to have time for it; None for as long as it takes.

        Raises:
            PluginFailedError: It failed, died, took too long, or is ``busy``, so that it was not begun.
            PermissionDeniedError: The process was ended because a grant was revoked.
        """
        doing = self.doing = doing or method
        self.loading = method in _LOADING
        ident = self._peer.begin(method, params, caller, blob)
        denials = self._network.denials
        self._limiting.begin(ident, method)
        try:
            await self._turn(ident, patience)
            return await self._peer.answer(ident, deadline)
        except PluginFailedError as error:
            self._look_into(error)
            raise self._network.refusal_behind(error, denials) from error
        except asyncio.CancelledError as cancelled:
            await self._interrupt(ident, wanted=OVERDUE not in cancelled.args)
            frame = self._peer.result_of(ident)
            if frame is None or method != "command":
                raise
            cast("asyncio.Task[Any]", asyncio.current_task()).uncancel()  # it coped with Ctrl-C and went on
            return frame
        except TimeoutError:
            exceeded = too_slow("event" if method in _HANDLERS else "command", deadline or 0.0, f"'{doing}'")
            self._witness.exceeded(exceeded, doing)
            await self._interrupt(ident)
            raise overdue(self._policy.plugin, exceeded) from None
        finally:
            self._limiting.end(ident)
            self._peer.forget(ident)

    async def _turn(self, ident: int, patience: float | None) -> None:
        """Return when the plugin has time for the call, if it has to be within ``patience``."""
        if patience is None:
            return
        try:
            await asyncio.wait_for(self._peer.turn(ident), patience)
        except TimeoutError:
            self._peer.cancel(ident)  # its turn come, it will not begin
            raise busy(self._policy.plugin) from None

    def _look_into(self, error: PluginFailedError) -> None:
        """Log a failure, without secrets from here on; say of one for want of memory how to get more."""
        error.message, error.traceback = map(self._witness.conceal, (error.message, error.traceback))
        if error.failure == "error" and error.traceback:
            self._witness.log(40, error.traceback)
        if error.failure == "memory" and self._limiting.exceeded is None:
            exceeded = out_of_memory(self._policy.limits)
            self._witness.exceeded(exceeded, self.doing)
            error.next_step = exceeded.next_step(self._policy.plugin)

    async def _interrupt(self, ident: int, *, wanted: bool = False) -> None:
        """Stop a running call, ``wanted`` if by the user: CANCEL and signal first, SIGKILL if it goes on."""
        waits = self._peer.waits(ident)
        self._peer.cancel(ident)
        if waits:  # for something else, which is not to be stopped; its turn come, it will not begin
            return
        self._network.interrupt()
        if not await self._stops(ident):
            await self._kill("it did not stop when asked to", wanted)

    async def _stops(self, ident: int) -> bool:
        """Signal until the handler stops; tell whether it does in time.

        Once is not enough: a signal that comes between the last instruction of Python and a system call that
        waits is heard of when that returns, and one that comes before CANCEL finds nothing to do.
        """
        clock, pause = asyncio.get_running_loop().time, _AGAIN_SECONDS
        end = clock() + self._policy.limits.cancel_seconds
        while (left := end - clock()) > 0:
            self._signal(signal.SIGUSR1)
            if await self._peer.settled(ident, min(pause, left)):
                return True
            pause *= 2
        return False
