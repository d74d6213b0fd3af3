"""A server process: started on demand, killed at will, asked over its socket or by the real command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from hosted.wire import Answer, Wire
from yesman.model.home import Home

PATIENCE = 20.0


class Server:
    """A server process in ``home``; started on demand, killed at will."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self.home = Home(home)
        self.environ = environ | {"YESMAN_HOME": str(home)}
        self.process: subprocess.Popen[bytes] | None = None
        self.program: tuple[str, ...] = ("-m", "yesman.server")

    def start(self, *prefix: str, **settings: Any) -> dict[str, Any] | None:
        """Start it and return None, or why it did not start.

        Args:
            prefix: A program that starts it.
            settings: For ``Popen``.
        """
        reading, writing = os.pipe()
        command = [*prefix, sys.executable, *self.program, "--ready-fd", str(writing)]
        self.process = subprocess.Popen(
            command,
            **(
                {"env": self.environ, "pass_fds": [writing], "stdin": subprocess.DEVNULL, "cwd": "/"}
                | settings
            ),
        )
        os.close(writing)
        with os.fdopen(reading) as ready:
            said = ready.readline()
        if said == "ready\n":
            return None
        self.process.wait()
        return json.loads(said) if said else {"kind": "silent", "message": "it said nothing"}

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def running(self) -> int | None:
        """Return the pid of the server that answers, whoever started it."""
        try:
            return self.call("server.status")["pid"]
        except OSError:
            return None

    def stop(self) -> None:
        """End whichever server runs."""
        pid = self.running()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        if pid is not None:
            _await_end(pid)

    def yesman(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run the real command line, without a terminal."""
        command = [sys.executable, "-m", "yesman", *arguments]
        environ = self.environ | changed
        return subprocess.run(
            command,
            env=environ,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def wire(self) -> Wire:
        return Wire(self.home.socket)

    def ask(self, method: str, **params: Any) -> Answer:
        """Make one call and return all that came of it."""
        wire = self.wire()
        try:
            wire.send(method, **params)
            return wire.answer()
        finally:
            wire.close()

    def call(self, method: str, **params: Any) -> Any:
        """Make one call, which must succeed, and return its value."""
        answer = self.ask(method, **params)
        assert answer.failure is None, answer.failure
        return answer.value

    def refusal(self, method: str, **params: Any) -> dict[str, Any]:
        """Make one call, which must fail the way users can read, and return the failure."""
        return self.explained(self.ask(method, **params))

    @staticmethod
    def explained(answer: Answer) -> dict[str, Any]:
        """Return the failure of ``answer``, which must be one sentence of ours."""
        failure = answer.failure
        assert failure is not None, answer.value
        assert failure["kind"] != "error", failure
        assert failure["message"]
        assert "\n" not in failure["message"]
        assert "Traceback" not in failure["message"]
        return failure

    def inspect(self, folder: Path, **params: Any) -> dict[str, Any]:
        return self.call("plugin.inspect", path=str(folder), **params)

    def try_install(self, folder: Path, **params: Any) -> Answer:
        """Install with the consent the folder asks for; the caller looks at what came of it."""
        seen = self.inspect(folder)
        agreed = {"digest": seen["digest"], "consent": [row["permission"] for row in seen["permissions"]]}
        agreed["despite"] = seen["scan"]["verdict"]  # tests' plugins do what no honest one does
        return self.ask("plugin.install", path=str(folder), **(agreed | params))

    def install(self, folder: Path, **params: Any) -> dict[str, Any]:
        answer = self.try_install(folder, **params)
        assert answer.failure is None, answer.failure
        return answer.value

    def run(self, plugin: str, command: str, arg: str | None = None, **params: Any) -> Answer:
        """Run a plugin's command from ``/``, in no session."""
        options = {} if arg is None else {"arg": arg}
        where = {"cwd": "/", "terminal": {}, "columns": 80, "lines": 24, "options": options}
        return self.ask("command.run", **(where | {"plugin": plugin, "command": command} | params))

    def begin(self, plugin: str, command: str, arg: str = "") -> Running:
        """Begin a command that goes on and on."""
        return Running(self, plugin, command, arg)

    def value(self, plugin: str, command: str, arg: str | None = None, **params: Any) -> Any:
        answer = self.run(plugin, command, arg, **params)
        assert answer.failure is None, answer.failure
        return answer.value

    def session(self, name: str, cwd: Path) -> dict[str, Any]:
        cwd.mkdir(parents=True, exist_ok=True)
        return self.call("session.new", name=name, cwd=str(cwd), command=["sleep", "1000"])

    def names(self) -> list[str]:
        return [row["name"] for row in self.call("plugin.list")]

    def data(self, plugin: str) -> Path:
        return self.home.data / plugin

    def plugin_pid(self, name: str = "demo") -> int:
        return next(row["pid"] for row in self.call("server.status")["plugins"] if row["name"] == name)

    def state_of(self, plugin: str) -> str:
        return self.call("plugin.show", name=plugin)["state"]

    def on_disk(self) -> dict[str, bytes]:
        """Return the bytes of everything a failed change must leave as it was."""
        files = (self.home.registry, self.home.settings, self.home.index)
        return {file.name: file.read_bytes() for file in files if file.exists()}


def _await_end(pid: int) -> None:
    """Wait until a server is gone, whoever started it; its files are removed next."""
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "the server does not end"
        with suppress(ChildProcessError):  # as a subreaper this process may have inherited it
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.005)


class Running:
    """A command that goes on until something ends it, and what came of it."""

    def __init__(self, server: Server, plugin: str, command: str, arg: str) -> None:
        self._answer: Answer | None = None
        self._thread = threading.Thread(target=self._run, args=(server, plugin, command, arg))
        self._thread.start()

    def _run(self, server: Server, *call: str) -> None:
        self._answer = server.run(*call)

    def failure(self) -> dict[str, Any]:
        """Return what ended it."""
        answer = self._came_to()
        assert answer.failure is not None
        return answer.failure

    def value(self) -> Any:
        """Return what it has returned."""
        answer = self._came_to()
        assert answer.failure is None, answer.failure
        return answer.value

    def _came_to(self) -> Answer:
        self._thread.join(60)
        assert not self._thread.is_alive(), "the call goes on"
        assert self._answer is not None
        return self._answer
