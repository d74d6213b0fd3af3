"""The real server as a process, and a client on its socket."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

from benchmarks.lab import PYTHON
from yesman.cli.client import Connection, dial, stop
from yesman.sandbox import kernel
from yesman.wire.frames import Kind

if TYPE_CHECKING:
    from benchmarks.lab import Lab
    from yesman.model.home import Home

END_SECONDS = 20.0
PR_SET_CHILD_SUBREAPER = 36


class Server:
    """A server for one home; ended with the lab at the latest."""

    def __init__(self, lab: Lab, home: Home) -> None:
        self._lab = lab
        self._home = home
        self._child: subprocess.Popen[bytes] | None = None
        lab.finally_do(self.stop)

    @property
    def pid(self) -> int:
        """The server's process.

        Raises:
            RuntimeError: It does not run.
        """
        if self._child is None:
            raise RuntimeError("the server does not run")
        return self._child.pid

    def start(self) -> float:
        """Start it and return the seconds until it said that it is ready.

        Raises:
            RuntimeError: It is not.
        """
        ready, tell = os.pipe()
        argv = [PYTHON, "-m", "yesman.server", "--ready-fd", str(tell)]
        start = time.perf_counter()
        self._child = subprocess.Popen(
            argv,
            env=self._lab.environment(self._home.root),
            pass_fds=(tell,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(tell)
        answer = os.read(ready, 4096)
        seconds = time.perf_counter() - start
        os.close(ready)
        if answer != b"ready\n":
            raise RuntimeError(f"the server did not start: {answer.decode(errors='replace')}")
        return seconds

    def stop(self) -> None:
        """End it, if it runs, and wait until it has gone."""
        child, self._child = self._child, None
        if child is not None:
            child.terminate()
            try:
                child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start_and_stop(self) -> float:
        """Start it, end it, and return what :meth:`start` returned."""
        seconds = self.start()
        self.stop()
        return seconds

    def client(self) -> Connection:
        """Return a greeted connection.

        Raises:
            RuntimeError: Nobody listens.
        """
        connection = dial(self._home)
        if connection is None:
            raise RuntimeError("the server does not listen")
        connection.greet()
        return connection


def ask(connection: Connection, method: str, **params: Any) -> Any:
    """Make one call and return its result, output and progress dropped.

    Raises:
        RuntimeError: It failed.
    """
    ident = connection.call(method, params, method)
    while True:
        frame = connection.next_frame()
        if frame.id == ident and frame.kind is Kind.RESULT:
            return json.loads(frame.blob or frame.body)
        if frame.kind is Kind.FAILURE:
            raise RuntimeError(f"{method}: {frame.body.decode(errors='replace')}")


def adopt_orphans() -> None:
    """Become the parent of servers whose command line has ended, so that their time counts as ours."""
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)


def stop_detached(home: Home) -> None:
    """End a server that a command line has started, and wait until it has gone."""
    connection = dial(home)
    if connection is not None:
        pid = connection.pid
        stop(connection)
        with contextlib.suppress(ChildProcessError):  # not ours: nobody called adopt_orphans
            os.waitpid(pid, 0)
