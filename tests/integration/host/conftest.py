"""A server in a home of its own, plugin folders made on the spot, and proof that nothing outlives them."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yesman.model.home import Home
from yesman.package import remove_tree
from yesman.sandbox import kernel
from yesman.wire.frames import Frame, FrameReader, Kind, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 20.0
HELLO = pack(Kind.HELLO, 0, {"protocol": 1, "version": "test", "pid": os.getpid()})


@dataclasses.dataclass
class Answer:
    """What one call came to: a value or a failure, and what was printed on the way."""

    value: Any = None
    failure: dict[str, Any] | None = None
    out: str = ""
    err: str = ""
    progress: str = ""


class Wire:
    """One connection to a server."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._socket.sendall(HELLO)
        self._frames: list[Frame] = []
        self._reader = FrameReader()

    def send(self, method: str, **params: Any) -> None:
        self._socket.sendall(pack(Kind.CALL, 1, {"method": method, "params": params}))

    def next(self) -> Frame | None:
        """Return the next frame; None when the server is gone."""
        while not self._frames:
            try:
                data = self._socket.recv(65536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._frames += [f for f in self._reader.feed(data) if f.kind is not Kind.HELLO]
        return self._frames.pop(0)

    def answer(self) -> Answer:
        """Read until the call is answered, or the server is gone (then neither value nor failure)."""
        answer = Answer()
        while (frame := self.next()) is not None:
            if frame.kind is Kind.OUTPUT:
                stream = {"out": "out", "err": "err"}.get(json.loads(frame.body)["stream"], "progress")
                setattr(answer, stream, getattr(answer, stream) + frame.blob.decode())
            elif frame.kind is Kind.CALL:
                self._socket.sendall(pack(Kind.RESULT, frame.id, None, b""))
            elif frame.kind is Kind.RESULT:
                answer.value = json.loads(frame.blob or frame.body)
                break
            elif frame.kind is Kind.FAILURE:
                answer.failure = json.loads(frame.body)
                break
        return answer

    def close(self) -> None:
        self._socket.close()


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


def _children() -> set[int]:
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def _collect(pids: set[int]) -> set[int]:
    """Reap what has ended of ``pids``; return the rest."""
    left = set()
    for pid in pids:
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                left.add(pid)
    return left


@pytest.fixture
def orphans() -> Iterator[Callable[..., dict[int, str]]]:
    """Processes that lost their parent while the test ran: the kernel hands them to this one.

    Asking waits until there are none, or returns command lines of those that did not end in time.
    """
    before = _children()
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)

    def left(seconds: float = 10.0, known: frozenset[int] = frozenset()) -> dict[int, str]:
        deadline = time.monotonic() + seconds
        while (found := _collect(_children() - before - known)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return {pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in found}

    yield left
    try:
        found = left()
        for pid in found:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    finally:
        kernel.prctl(PR_SET_CHILD_SUBREAPER, 0)
    assert not found, "processes were left behind"


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path, because sockets must have one."""
    folder = Path(tempfile.mkdtemp(prefix="ymh", dir="/tmp"))
    yield folder
    subprocess.run(["tmux", "-S", str(folder / "tmux.sock"), "kill-server"], check=False, capture_output=True)
    remove_tree(folder)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user whose home is the test's own and whose only packages are those of :func:`wheels`."""
    (tmp_path / "home").mkdir()
    (tmp_path / "wheels").mkdir()
    offline = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    return {
        "HOME": str(tmp_path / "home"),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        **offline,
    }


@pytest.fixture
def cold(orphans: Any, home: Path, environ: dict[str, str]) -> Iterator[Server]:
    """A server that has not been started yet."""
    server = Server(home, environ)
    try:
        yield server
    finally:
        server.stop()
        tmux = ["tmux", "-S", str(home / "tmux.sock"), "kill-server"]
        subprocess.run(tmux, check=False, capture_output=True)


@pytest.fixture
def server(cold: Server) -> Server:
    """A running server."""
    assert cold.start() is None
    return cold


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


@pytest.fixture
def until() -> Callable[..., Any]:
    def poll(attempt: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Return the first true answer."""
        deadline = time.monotonic() + seconds
        while not (answer := attempt()):
            assert time.monotonic() < deadline, "nothing happened in time"
            time.sleep(0.01)
        return answer

    return poll


MAIN = """
import asyncio, json, os, signal, sys, time
from pathlib import Path
from yesman.plugins import Allow, Deny, IntegrationPlugin, PluginCommand

{top}


class Made(IntegrationPlugin):
    def get_commands(self):
        return [{commands}]

    def get_hooks(self):
        return {{{hooks}}}

    def note(self, text):
        with open(Path(self.context.data_dir) / "notes", "a") as file:
            file.write(f"{{text}}\\n")

{methods}
"""


@dataclasses.dataclass
class Hook:
    """A hook with more than a body: ``wishes`` are what its row in the manifest says besides."""

    body: str
    kind: str = "async def"
    wishes: dict[str, Any] = dataclasses.field(default_factory=dict)


def _method(name: str, argument: str, body: str, kind: str = "async def") -> str:
    lines = "\n".join(f"        {line}" for line in body.split("\n"))
    return f"    {kind} {name}(self, {argument}):\n{lines}\n"


def source(top: str, commands: dict[str, str], hooks: dict[str, Hook]) -> str:
    """Return a ``src/main.py``; each command's body may use ``arg``, each hook's ``event``."""
    option = '[{"name": "--arg", "default": ""}]'
    made = [f"PluginCommand({name!r}, 'does it', self.c{n}, {option})" for n, name in enumerate(commands)]
    methods = [_method(f"c{n}", 'arg=""', body) for n, body in enumerate(commands.values())]
    methods += [_method(f"h{n}", "event", hook.body, hook.kind) for n, hook in enumerate(hooks.values())]
    return MAIN.format(
        top=top,
        commands=", ".join(made),
        hooks=", ".join(f"{name!r}: self.h{n}" for n, name in enumerate(hooks)),
        methods="\n".join(methods),
    )


class Plugins:
    """Makes plugin folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(
        self,
        name: str = "demo",
        *,
        commands: dict[str, str] | None = None,
        hooks: dict[str, str | Hook] | None = None,
        top: str = "",
        main: str | None = None,
        **manifest: Any,
    ) -> Path:
        """Return the folder of plugin ``name``; called again, it is changed in place."""
        commands = commands or {}
        made = {name: Hook(hook) if isinstance(hook, str) else hook for name, hook in (hooks or {}).items()}
        folder = self._folder / name
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "src" / "__init__.py").touch()
        text = source(top, commands, made) if main is None else main
        (folder / "src" / "main.py").write_text(text)
        provides = [
            {"commands": [{"name": each, "description": "does it"} for each in commands]},
            {"hooks": [{"name": each, **hook.wishes} for each, hook in made.items()]},
        ]
        data = {"name": name, "version": "1.0.0", "description": "made by a test", "type": "integration"}
        data |= {"provides": provides, **manifest}
        (folder / "plugin.yaml").write_text(json.dumps(data, indent=1))
        return folder


@pytest.fixture
def hook() -> Callable[..., Hook]:
    """Make a hook that says more of itself than its name."""
    return lambda body, kind="async def", **wishes: Hook(body, kind, wishes)


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    return Plugins(tmp_path / "plugins")


@pytest.fixture
def wheel(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Path]:
    """Make a wheel that the server's uv finds."""

    def make(name: str, version: str = "1.0") -> Path:
        info = f"{name}-{version}.dist-info"
        content = {
            f"{name}.py": f"VERSION = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        rows = [f"{path},sha256={_hash(text)},{len(text)}\n" for path, text in content.items()]
        content[f"{info}/RECORD"] = "".join(rows) + f"{info}/RECORD,,\n"
        path = tmp_path / "wheels" / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for inner, text in content.items():
                archive.writestr(inner, text)
        return path

    return make


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Mounted(Server):
    """A server that sees a file system of its own where its home is; nobody else does."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        super().__init__(home, environ)
        self.inside = home

    def start(self, options: str = "size=8m", *, script: str = "") -> dict[str, Any] | None:  # type: ignore[override]
        """Start with a tmpfs mounted with ``options``; ``script`` runs before the server, $0 is the home."""
        lines = f'mount -t tmpfs -o mode=700,{options} none "$0"; {script}\nexec "$@"'
        # A plain user may mount only as the root of a user namespace of its own.
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        failure = super().start("unshare", *user, "--mount", "sh", "-ec", lines, str(self.inside))
        self.home = Home(Path(f"/proc/{self.pid}/root{self.inside}"))
        return failure

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Mount the home over itself, without the right to write."""
        self._mount("mount --bind $0 $0 && mount -o remount,bind,ro $0")
        try:
            yield
        finally:
            self._mount("umount $0")

    def _mount(self, script: str) -> None:
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        enter = ["nsenter", "--target", str(self.pid), "--mount", *user]
        subprocess.run([*enter, "sh", "-ec", script, str(self.inside)], check=True)

    @contextmanager
    def nearly_full(self, room: int) -> Iterator[None]:
        """Leave so many bytes free."""
        filler = self.home.root / "filler"
        free = os.statvfs(self.home.root)
        filler.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - room)))
        try:
            yield
        finally:
            filler.unlink()


@pytest.fixture
def mounted(orphans: Any, home: Path, environ: dict[str, str]) -> Iterator[Mounted]:
    """A server that has not been started yet, and will see a small file system of its own."""
    server = Mounted(home, environ)
    try:
        yield server
    finally:
        server.stop()
