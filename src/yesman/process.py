"""The one module that starts processes.

What always holds: a program is started from an argument list and never through a shell; it
inherits only the descriptors it is given, sits in a session of its own, and gets exactly the
environment it is given. What :func:`run` starts is over when :func:`run` returns or raises:
its whole process group is killed when it takes too long, prints too much, is cancelled, or
when this process itself is killed (:mod:`yesman.tether`).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from yesman.model.errors import PlatformError
from yesman.tether import tether, tie

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


class Finished(NamedTuple):
    """How a program ended.

    Attributes:
        returncode: The exit status; ``-N`` when signal ``N`` ended the program.
        stdout: Everything it wrote to standard output.
        stderr: Everything it wrote to standard error.
    """

    returncode: int
    stdout: bytes
    stderr: bytes


class ProgramMissingError(PlatformError):
    """The program to start is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(
            f"The program {program!r} is not installed", f"Install {program!r}, or add its folder to PATH"
        )
        self.program = program


class _Running:
    """A started program under watch: its output so far, and whether it and its output are over.

    It watches descriptors itself, because event loops differ in what they do around a child:
    uvloop lets inheritable descriptors through and may never deliver input longer than a pipe.
    The program is collected only at the very end, so until then its pid names nothing else.
    """

    def __init__(self, child: subprocess.Popen[bytes], pidfd: int, limit: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._child = child
        self._room = limit
        self._watched: set[int] = set()
        self.overflowed = False
        self.output: dict[int, bytearray] = {}
        self.exited = asyncio.Event()
        self.over = asyncio.Event()
        self._watch(pidfd, self._on_exit)
        for pipe in (child.stdout, child.stderr):
            assert pipe is not None  # noqa: S101 - both were asked for
            os.set_blocking(pipe.fileno(), False)
            self.output[pipe.fileno()] = bytearray()
            self._watch(pipe.fileno(), self._on_output)

    def _watch(self, number: int, ready: Callable[[int], None]) -> None:
        self._watched.add(number)
        self._loop.add_reader(number, ready, number)

    def _unwatch(self, number: int) -> None:
        self._watched.discard(number)
        self._loop.remove_reader(number)
        if not self._watched:
            self.over.set()

    def _on_exit(self, pidfd: int) -> None:
        self.exited.set()
        self._unwatch(pidfd)

    def _on_output(self, number: int) -> None:
        try:
            data = os.read(number, 1 << 16)
        except BlockingIOError:  # poll(2): a descriptor reported ready may still have nothing
            return
        self._room -= len(data)
        if not data:
            self._unwatch(number)
        elif self._room >= 0:
            self.output[number].extend(data)
        else:
            self.overflowed = True
            self.over.set()

    async def end(self) -> None:
        """Leave nothing of the process group behind unless the program ended by itself."""
        if self._watched:
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
                os.killpg(self._child.pid, signal.SIGKILL)
        try:
            await self.exited.wait()
        finally:
            for number in tuple(self._watched):
                self._unwatch(number)

    def finished(self) -> Finished:
        """Collect the ended program."""
        stdout, stderr = self.output.values()
        return Finished(self._child.wait(), bytes(stdout), bytes(stderr))


async def run(
    argv: Sequence[str],
    *,
    cwd: Path | None,
    env: Mapping[str, str],
    timeout: float,  # noqa: ASYNC109 - on expiry the process group must die, which a caller's timeout cannot do
    limit: int = 1 << 20,
    input: bytes = b"",  # noqa: A002 - the name subprocess uses
) -> Finished:
    """Run a program to its end and return what it printed.

    Args:
        argv: The program and its arguments; a bare program name is looked up on ``env["PATH"]``.
        cwd: The folder to run in; ``None`` is our own.
        env: The whole environment of the program.
        timeout: Seconds until the process group is killed.
        limit: Bytes of standard output and standard error together.
        input: What the program reads from standard input, which is otherwise empty.

    Raises:
        ProgramMissingError: The program is not installed.
        PlatformError: It could not be started, took too long, or printed more than ``limit``.
    """
    with ExitStack() as held:
        source = held.enter_context(_input(input)) if input else subprocess.DEVNULL
        rope = held.enter_context(tether())
        child = held.enter_context(
            _popen(
                argv,
                env=env,
                cwd=cwd,
                source=source,
                output=subprocess.PIPE,
                error=subprocess.PIPE,
                pass_fds=(rope,),
            )
        )
        tie(rope, child.pid)
        running = _Running(child, held.enter_context(_pidfd(child, argv)), limit)
        try:
            async with asyncio.timeout(timeout):
                await running.over.wait()
        except TimeoutError:
            message = f"{_called(argv)} did not finish within {timeout:g} seconds and was stopped"
            raise PlatformError(message, "Try again; if it happens again, run it by hand") from None
        finally:
            await running.end()
        if running.overflowed:
            message = f"{_called(argv)} printed more than {limit} bytes and was stopped"
            raise PlatformError(message, "Run it by hand to see what it prints")
        return running.finished()


@contextmanager
def _input(data: bytes) -> Iterator[int]:
    """Offer bytes as a file in memory: a pipe would have to be fed while the program runs."""
    number = os.memfd_create("input", os.MFD_CLOEXEC)
    try:
        with open(number, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(number, 0, os.SEEK_SET)
        yield number
    finally:
        os.close(number)


@contextmanager
def _pidfd(child: subprocess.Popen[bytes], argv: Sequence[str]) -> Iterator[int]:
    try:
        number = os.pidfd_open(child.pid)
    except OSError as error:  # out of descriptors: a child that cannot be watched must not run
        child.kill()
        raise _not_started(argv, error, None) from error
    try:
        yield number
    finally:
        os.close(number)


def _find(program: str, env: Mapping[str, str]) -> str:
    """Look a bare name up on the child's own PATH, the same way under every event loop."""
    if "/" in program:
        return program
    found = shutil.which(program, path=env.get("PATH", os.defpath))
    if found is None:
        raise ProgramMissingError(program)
    return found


def _not_started(argv: Sequence[str], error: OSError, cwd: Path | None) -> PlatformError:
    if cwd is not None and not cwd.is_dir():
        return PlatformError(f"The folder {str(cwd)!r} to run {_called(argv)} in does not exist", "Create it")
    if isinstance(error, FileNotFoundError):
        return ProgramMissingError(argv[0])
    reason = error.strerror or str(error)
    return PlatformError(f"{_called(argv)} could not be started: {reason}", "Run it by hand to see why")


def _called(argv: Sequence[str]) -> str:
    return os.path.basename(argv[0])  # noqa: PTH119 - a name taken from text, no path is meant


def replace(argv: Sequence[str]) -> NoReturn:
    """Turn this process into another program, which keeps the terminal and the environment.

    Raises:
        ProgramMissingError: The program is not installed.
        PlatformError: It could not be started.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(_find(argv[0], os.environ), list(argv))  # noqa: S606 - no shell is the point
    except OSError as error:
        raise _not_started(argv, error, None) from error


def run_here(argv: Sequence[str], output: int | None = None, *, typing: bool = False) -> int:
    """Run a program where the user is; return its exit code, or raise as :func:`replace`.

    Args:
        argv: The program and its arguments.
        output: Where it writes to, None for where we do.
        typing: Whether the user types into it; else it has no input.
    """
    command = [_find(argv[0], os.environ), *argv[1:]]
    try:
        return subprocess.call(command, stdin=None if typing else subprocess.DEVNULL, stdout=output)
    except OSError as error:
        raise _not_started(argv, error, None) from error


def start_daemon(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log_fd: int | None = None,
    pass_fds: Sequence[int] = (),
) -> int:
    """Start a program that outlives this one, away from its terminal, and return its pid.

    Args:
        argv: The program and its arguments.
        env: The whole environment of the program.
        cwd: The folder it stays in; choose one that need not be removed, such as ``/``.
        log_fd: Where its standard output and error go; ``None`` discards them.
        pass_fds: Descriptors it inherits under the same numbers.

    Raises:
        ProgramMissingError: The program is not installed.
        PlatformError: It could not be started.
    """
    child = _popen(argv, env=env, cwd=cwd, output=log_fd, error=log_fd, pass_fds=pass_fds)
    # The caller owns the pid and may wait for it; this object must neither reap it nor warn about it.
    child.returncode = 0
    return child.pid


def start_child(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    pass_fds: Sequence[int] = (),
    stderr: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a helper program that is tied to the life of the calling thread.

    The program may ask the kernel for a signal when its parent ends, and the kernel counts the
    parent *thread* (``prctl(2)``, PR_SET_PDEATHSIG); so only the main thread may call this.

    Args:
        argv: The program and its arguments.
        env: The whole environment of the program.
        pass_fds: Descriptors it inherits under the same numbers.
        stderr: Where its standard error goes; ``None`` discards it. The other two are empty.

    Raises:
        RuntimeError: Called from another thread; a mistake in our own code.
        ProgramMissingError: The program is not installed.
        PlatformError: It could not be started.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start_child must be called from the main thread")
    return _popen(argv, env=env, cwd=None, output=None, error=stderr, pass_fds=pass_fds)


def wait(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a helper that :func:`start_child` made; return whether it has ended within ``seconds``."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    return child.returncode is not None


def _popen(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    output: int | None,
    error: int | None,
    source: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    program = _find(argv[0], env)
    try:
        return subprocess.Popen(
            [program, *argv[1:]],
            stdin=source,
            stdout=subprocess.DEVNULL if output is None else output,
            stderr=subprocess.DEVNULL if error is None else error,
            cwd=cwd,
            env=dict(env),
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
    except OSError as failure:
        raise _not_started(argv, failure, cwd) from failure


class Talking:
    """A running program whose standard input and output are one socket of ours."""

    def __init__(self, child: subprocess.Popen[bytes], ours: socket.socket, held: ExitStack) -> None:
        self._child = child
        self._held = held
        self.socket = ours
        self.pid = child.pid

    def end(self) -> None:
        """Kill the program, if it still runs, and collect it."""
        self.socket.close()
        self._child.kill()
        self._child.wait()
        self._held.close()


def start_talking(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> Talking:
    """Start a program that reads from and writes to a socket, for as long as both sides like.

    It should end when its input does; when this process is killed it is killed as well (a tmux client that
    has lost its input before it is attached waits for ever).

    Args:
        argv: The program and its arguments.
        env: The whole environment of the program.
        cwd: The folder it stays in.

    Raises:
        ProgramMissingError: The program is not installed.
        PlatformError: It could not be started.
    """
    ours, theirs = socket.socketpair()
    with ExitStack() as held:
        held.callback(ours.close)
        rope = held.enter_context(tether())
        with theirs:
            number = theirs.fileno()
            child = _popen(argv, env=env, cwd=cwd, source=number, output=number, error=None, pass_fds=(rope,))
        tie(rope, child.pid)
        ours.setblocking(False)
        return Talking(child, ours, held.pop_all())
