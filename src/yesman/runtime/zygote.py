"""The host's handle on the zygote: start it, ask it for children, hear of their ends.

One zygote per server, started on first need from the main thread (its PDEATHSIG fires when
the *thread* that started it ends). When it dies its children die with it, every pending and
future exit report says so, and the next spawn starts a new one.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yesman import process
from yesman.model.errors import PlatformError
from yesman.runtime.watch import Watch
from yesman.sandbox.interpreter import interpreter_paths, program

if TYPE_CHECKING:
    from yesman.sandbox.policy import Policy

START_SECONDS = 20.0
SPAWN_SECONDS = 10.0
MESSAGE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Exit:
    """How a plugin process ended.

    Attributes:
        code: Exit code, or minus the signal number.
        cpu_ms: CPU time it used in all.
        peak_kib: Its peak resident memory.
    """

    code: int
    cpu_ms: int = 0
    peak_kib: int = 0

    def __str__(self) -> str:
        if self.code < 0:
            try:
                return f"died of {signal.Signals(-self.code).name}"
            except ValueError:
                return f"died of signal {-self.code}"
        return f"exited with code {self.code}"


@dataclass(frozen=True)
class Spawned:
    """A confined child that has just been forked; the owner closes the descriptors."""

    pid: int
    pidfd: int
    down: socket.socket
    up: socket.socket
    log: int
    handover: socket.socket
    exited: asyncio.Future[Exit]


class Zygote:
    """Starts on first :meth:`spawn`, restarts when it has died.

    Attributes:
        watch: Watches what the children of this zygote use.
    """

    def __init__(self) -> None:
        self.watch = Watch()
        self._interpreter = interpreter_paths()
        self._control: socket.socket | None = None
        self._child: Any = None
        self._starting = asyncio.Lock()
        self._ready: asyncio.Future[None] | None = None
        self._spawns: deque[asyncio.Future[tuple[int, int]]] = deque()
        self._children: dict[int, asyncio.Future[Exit]] = {}
        self._early: dict[int, Exit] = {}

    @property
    def pid(self) -> int | None:
        """The zygote's pid, or None when none runs."""
        return self._child.pid if self._control is not None else None

    async def start(self) -> None:
        """Make sure a zygote runs.

        Raises:
            PlatformError: It cannot be started.
        """
        async with self._starting:
            if self._control is not None:
                return
            loop = asyncio.get_running_loop()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setblocking(False)
            with theirs:
                argv = program("yesman.worker.zygote", str(theirs.fileno()))
                self._child = process.start_child(argv, env={"LANG": "C.UTF-8"}, pass_fds=(theirs.fileno(),))
            self._control, self._ready = ours, loop.create_future()
            loop.add_reader(ours, self._on_message)
            try:
                await asyncio.wait_for(asyncio.shield(self._ready), START_SECONDS)
            except (TimeoutError, ConnectionError) as error:
                self._lost()
                raise PlatformError(
                    "the plugin launcher did not start", "Run 'yesman doctor' to see what this machine lacks"
                ) from error

    async def spawn(self, policy: Policy, task: str = "serve") -> Spawned:
        """Fork a child confined by ``policy`` to ``serve`` a plugin or to ``compile`` a folder.

        Raises:
            PlatformError: No child could be made.
        """
        await self.start()
        assert self._control is not None  # noqa: S101 - start() has just made it
        down, their_down = socket.socketpair()
        up, their_up = socket.socketpair()
        handover, their_handover = socket.socketpair()
        log, their_log = os.pipe2(os.O_CLOEXEC)
        answer: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        request = json.dumps(
            {"policy": policy.as_data(), "interpreter": self._interpreter, "task": task}
        ).encode()
        try:
            ends = [their_down.fileno(), their_up.fileno(), their_log, their_handover.fileno()]
            socket.send_fds(self._control, [request], ends)
            self._spawns.append(answer)
            pid, pidfd = await asyncio.wait_for(answer, SPAWN_SECONDS)
        except (OSError, TimeoutError) as error:
            for end in (down, up, handover):
                end.close()
            os.close(log)
            raise PlatformError(
                f"no process could be made for plugin '{policy.plugin}'",
                "Try again; 'yesman doctor' may say more",
            ) from error
        finally:
            for end in (their_down, their_up, their_handover):
                end.close()
            os.close(their_log)
        return Spawned(pid, pidfd, down, up, log, handover, self._exit_of(pid))

    def close(self) -> None:
        """End the zygote and with it every child."""
        if self._control is not None:
            self._lost()

    def _exit_of(self, pid: int) -> asyncio.Future[Exit]:
        future: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        if pid in self._early:
            future.set_result(self._early.pop(pid))
        elif self._control is None:
            future.set_result(Exit(-signal.SIGKILL))
        else:
            self._children[pid] = future
        return future

    def _on_message(self) -> None:
        assert self._control is not None  # noqa: S101 - the reader exists only while it does
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 1)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            self._lost()
            return
        message = json.loads(data)
        if "spawned" in message:
            self._on_spawned(message["spawned"], descriptors[0])
        elif "failed" in message:
            answer = self._spawns.popleft()
            if not answer.done():
                answer.set_exception(OSError(message["failed"]))
        elif "exited" in message:
            self._on_exited(message)
        elif self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def _on_spawned(self, pid: int, pidfd: int) -> None:
        answer = self._spawns.popleft()
        if answer.done():  # nobody waits any more: do not leave it running
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
        else:
            answer.set_result((pid, pidfd))

    def _on_exited(self, message: dict[str, Any]) -> None:
        code = os.waitstatus_to_exitcode(message["status"])
        report = Exit(code, message["cpu_ms"], message["peak_kib"])
        future = self._children.pop(message["exited"], None)
        if future is None:
            self._early[message["exited"]] = report  # it died before its spawn was looked at
        elif not future.done():
            future.set_result(report)

    def _lost(self) -> None:
        control, self._control = self._control, None
        if control is not None:
            asyncio.get_running_loop().remove_reader(control)
            control.close()
        self._child.kill()
        self._child.wait()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionError("the zygote ended"))
        for answer in self._spawns:
            if not answer.done():
                answer.set_exception(ConnectionError("the zygote ended"))
        self._spawns.clear()
        for future in self._children.values():
            if not future.done():
                future.set_result(Exit(-signal.SIGKILL))
        self._children.clear()
        self._early.clear()
