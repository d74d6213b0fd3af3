"""The host's handle on the zygote: start it, ask it for children, hear of their ends.

One zygote per server, started on first need. It ends when its control socket does, so with the
server, and ends all plugins and what descends from them first. When it dies otherwise its children
die with it, their descendants are killed here, every pending and future exit report says so, and
the next spawn starts a new one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yesman import process
from yesman.model.errors import PlatformError
from yesman.runtime.spawned import Spawned, make_ends
from yesman.runtime.watch import Watch
from yesman.sandbox import family
from yesman.sandbox.interpreter import interpreter_paths, program
from yesman.sandbox.strength import Facts, judge

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.sandbox.policy import Policy
    from yesman.sandbox.strength import Strength

START_SECONDS = 20.0
SPAWN_SECONDS = 10.0
KILL_SECONDS = 1.0
END_SECONDS = 3.0
"""For the zygote to end everybody and itself."""
MESSAGE_BYTES = 64 * 1024


def home_number(root: Path) -> int:
    """Return the number that stands for the home in the folder ``root`` in the marks of its processes."""
    found = root.stat()
    digest = hashlib.sha256(f"{found.st_dev}:{found.st_ino}".encode()).digest()
    return int.from_bytes(digest[:8], "big") & (1 << family.HOME_BITS) - 1


def end_left_over(home: int) -> int:
    """End what a server of ``home`` left behind when it was killed together with its zygote.

    Only for whoever holds that home's lock. Returns how many processes do not end.
    """
    return family.end_home(home, KILL_SECONDS)


@dataclass(frozen=True)
class Exit:
    """How a plugin process ended.

    Attributes:
        code: Exit code, or minus the signal number.
        cpu_ms: CPU time it used in all.
        peak_kib: Its peak resident memory.
        collateral: Whether it went down with the zygote, through no fault of its own.
    """

    code: int
    cpu_ms: int = 0
    peak_kib: int = 0
    collateral: bool = False

    def __str__(self) -> str:
        if self.code < 0:
            try:
                return f"died of {signal.Signals(-self.code).name}"
            except ValueError:
                return f"died of signal {-self.code}"
        return f"exited with code {self.code}"


class Zygote:
    """Starts on first :meth:`spawn`, restarts when it has died.

    Args:
        home: A number for the home it serves (:func:`home_number`): by it the next server finds what
            is left when this one and the zygote are killed at the same moment.
        allow_degraded: Whether children may be made where confinement is weaker than full.

    Attributes:
        strength: What confinement is worth here; None before the first start.
        watch: Watches what the children of this zygote use.
    """

    def __init__(self, home: int | None = None, *, allow_degraded: bool = False) -> None:
        self.allow_degraded = allow_degraded
        self.strength: Strength | None = None
        self.watch = Watch()
        self._home = secrets.randbits(family.HOME_BITS) if home is None else home
        self._number = 1 << family.NUMBER_BITS
        self._interpreter = interpreter_paths()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._control: socket.socket | None = None
        self._child: Any = None
        self._starting = asyncio.Lock()
        self._ready: asyncio.Future[None] | None = None
        self._spawns: deque[tuple[int, asyncio.Future[tuple[int, int]]]] = deque()
        self._children: dict[int, asyncio.Future[Exit]] = {}
        """By mark."""
        self._early: dict[int, Exit] = {}
        """Likewise."""

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
            loop = self._loop = asyncio.get_running_loop()
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
        """Fork a child confined by ``policy``.

        Args:
            policy: What it may touch.
            task: To ``serve`` a plugin, to be a ``template`` that forks plugins, or to ``compile`` a folder.

        Raises:
            PlatformError: No child could be made, or none may be: this machine confines too little.
        """
        await self.start()
        self._check_strength()
        assert self._control is not None  # noqa: S101 - start() has just made it
        ours, theirs = make_ends(channel=task == "template")
        answer: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        mark = self.next_mark()
        request = json.dumps(
            {"policy": policy.as_data(), "interpreter": self._interpreter, "task": task, "mark": mark}
        ).encode()
        try:
            socket.send_fds(self._control, [request], theirs.descriptors())
            self._spawns.append((mark, answer))
            async with asyncio.timeout(SPAWN_SECONDS):  # wait_for may swallow a cancellation
                pid, pidfd = await answer
        except BaseException as error:
            _end_unwanted(answer)
            ours.close()
            if not isinstance(error, OSError | TimeoutError):
                raise
            raise PlatformError(
                f"no process could be made for plugin '{policy.plugin}'",
                "Try again; 'yesman doctor' may say more",
            ) from error
        finally:
            theirs.close()
        return Spawned(pid, pidfd, mark, ours, self._exit_of(mark))

    def next_mark(self) -> int:
        """Return a mark that no process has, below all those that were given before."""
        self._number -= 1
        return family.mark_of(self._home, self._number)

    def adopt(self, pid: int, mark: int) -> asyncio.Future[Exit]:
        """Have the zygote report the end of a process with ``mark`` that becomes, or is, its child.

        Raises:
            ConnectionError: There is no zygote any more.
        """
        if self._control is None:
            raise ConnectionError("the zygote ended")
        self._control.send(json.dumps({"adopt": pid, "mark": mark}).encode())
        return self._exit_of(mark)

    def _check_strength(self) -> None:
        strength = self.strength
        assert strength is not None  # noqa: S101 - start() has just made sure
        if not strength.weak or (self.allow_degraded and strength.usable):
            return
        if strength.usable:
            allow = "; to run them all the same: yesman server stop; yesman server start --allow-degraded"
        else:
            allow = ", and nobody can allow it: without these layers nothing would be confined"
        missing = ", ".join(strength.weak)
        raise PlatformError(
            f"plugins are not run on this machine, because {strength.why} (missing: {missing})",
            f"See 'yesman doctor'{allow}",
        )

    def close(self) -> None:
        """End the zygote and with it every child; returns when they are gone.

        May be called when its event loop is closed already.
        """
        if self._control is not None:
            self._hang_up()
            process.wait(self._child, END_SECONDS)
            self._lost()

    def _exit_of(self, mark: int) -> asyncio.Future[Exit]:
        future: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        if mark in self._early:
            future.set_result(self._early.pop(mark))
        elif self._control is None:
            future.set_result(Exit(-signal.SIGKILL, collateral=True))
        else:
            self._children[mark] = future
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
            _, answer = self._spawns.popleft()
            if not answer.done():
                answer.set_exception(OSError(message["failed"]))
        elif "exited" in message:
            self._on_exited(message)
        elif self._ready is not None and not self._ready.done():
            machine = os.uname()
            self.strength = judge(Facts(sys.platform, machine.release, machine.machine, **message["ready"]))
            self._ready.set_result(None)

    def _on_spawned(self, pid: int, pidfd: int) -> None:
        mark, answer = self._spawns.popleft()
        if answer.done():  # nobody waits any more: do not leave it running
            _end(pidfd)
            self._children[mark] = asyncio.get_running_loop().create_future()
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

    def _hang_up(self) -> None:
        control, self._control = self._control, None
        if control is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(control)
            control.close()

    def _lost(self) -> None:
        self._hang_up()
        self._child.kill()
        self._child.wait()
        left = family.end_home(self._home, KILL_SECONDS)
        if left:
            logging.getLogger("yesman.zygote").error("%d processes of plugins do not end", left)
        if self._loop is not None and not self._loop.is_closed():
            self._settle()

    def _settle(self) -> None:
        """Tell everybody who waits that there is no zygote any more."""
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionError("the zygote ended"))
        for _, answer in self._spawns:
            if not answer.done():
                answer.set_exception(ConnectionError("the zygote ended"))
        for future in self._children.values():
            if not future.done():
                future.set_result(Exit(-signal.SIGKILL, collateral=True))
        self._spawns.clear()
        self._children.clear()
        self._early.clear()


def _end_unwanted(answer: asyncio.Future[tuple[int, int]]) -> None:
    """End the child that was forked for somebody who was cancelled before hearing of it."""
    if answer.done() and not answer.cancelled() and answer.exception() is None:
        _end(answer.result()[1])


def _end(pidfd: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    os.close(pidfd)
