"""``make soak``: twenty plugins for minutes, one crashing every ten seconds; nothing is lost, nothing grows.

Markers come from a shell script that makes numbered sessions with bare tmux. Exit 1 if anything is not as it
must be. ``SOAK_MINUTES`` says how long.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hosted.folders import Plugins
from hosted.server import Server

from storm.measured import Measured, held, parsed, report
from storm.probing import tmux
from yesman.package import remove_tree

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
PLUGINS = 20
CRASH_SECONDS = 10.0
SAMPLE_SECONDS = 1.0
WARM_UP = 0.15
"""The share of the time after which memory is looked at: buffers, logs and caches have their size by then."""
PATIENCE = 60.0
SLOW = 0.3
"""An answer that takes longer is told at once, with how busy the machine is."""
MARKERS = """
n=0
trap 'exit 0' TERM
while :; do
    n=$((n + 1))
    tmux -S "$0" new-session -d -s "m$n" 'sleep 1000' && tmux -S "$0" kill-session -t "=m$n" && echo "$n"
    sleep 0.25
done
"""
_NOTE = 'self.note(f"{event.name} {event.session} {event.id}")'
CRASHES = {
    "segfault": "import ctypes\nctypes.string_at(0)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "exit": "os._exit(1)",
    "abort": "os.abort()",
}


def main() -> int:
    """Soak, print, and return the exit code."""
    home = Path(tempfile.mkdtemp(prefix="yms", dir="/tmp"))
    try:
        with tempfile.TemporaryDirectory() as user:
            measured = _soaked(home, Path(user))
    finally:
        remove_tree(home)
    print("\n".join(report(measured)))  # noqa: T201 - its output
    return 0 if held(measured) else 1


def _soaked(home: Path, user: Path) -> Measured:
    kept = {name: os.environ[name] for name in ("PATH",)}
    server = Server(home, {"HOME": str(user), "LANG": "C.UTF-8", "SHELL": "/bin/sh", **kept})
    failure = server.start()
    assert failure is None, failure
    socket, shell = server.home.tmux_socket, None
    try:
        names = _install(server, Plugins(user / "plugins"))
        tmux(socket, "new-session", "-d", "-s", "keep", "sleep 1000000")
        _until_heard(server, names)
        with (home / "markers").open("w") as markers:
            shell = subprocess.Popen(["sh", "-c", MARKERS, str(socket)], stdout=markers)
        measured = Measured(plugins=len(names))
        _watch(server, names, measured)
        shell.terminate()
        shell.wait()
        measured.emitted = (home / "markers").read_text().split()
        measured.notes = _counted(server, names, measured)
        return measured
    finally:
        if shell is not None:
            shell.kill()
            shell.wait()
        server.stop()
        tmux(socket, "kill-server")


def _install(server: Any, plugins: Any) -> list[str]:
    names = [f"soaked-{number}" for number in range(PLUGINS)]
    heard = ("session.created", "session.closed")
    commands = CRASHES | {"well": "return arg"}
    provides = [
        {"commands": [{"name": command, "description": "does it"} for command in commands]},
        {"hooks": [{"name": name, "durable": True} for name in heard]},
    ]
    for name in names:
        folder = plugins.make(name, commands=commands, hooks=dict.fromkeys(heard, _NOTE), provides=provides)
        server.install(folder)
    return names


def _until_heard(server: Any, names: list[str]) -> None:
    """Wait until sessions that are made now are told, which begins with a look at what there is."""
    deadline = time.monotonic() + PATIENCE
    for number in itertools.count():
        tmux(server.home.tmux_socket, "new-session", "-d", "-s", f"first{number}", "sleep 1000")
        tmux(server.home.tmux_socket, "kill-session", "-t", f"=first{number}")
        if all((server.data(name) / "notes").exists() for name in names):
            return
        assert time.monotonic() < deadline, "nobody hears of sessions"
        time.sleep(0.5)


def _watch(server: Any, names: list[str], measured: Measured) -> None:
    """Crash one plugin after the other, ask another one every second, and look at the server."""
    started = now = time.monotonic()
    ways, victims = itertools.cycle(CRASHES), itertools.cycle(names)
    next_crash, samples = started + CRASH_SECONDS, itertools.count()
    while now - started < MINUTES * 60:
        if now >= next_crash:
            next_crash += CRASH_SECONDS
            measured.crashes += _crash(server, next(victims), next(ways))
        number = next(samples)
        _ask(server, names[number % len(names)], str(number), measured)
        if now - started > WARM_UP * MINUTES * 60:
            measured.memory.append(_memory(server.pid))
            measured.descriptors.append(len(list(Path(f"/proc/{server.pid}/fd").iterdir())))
        time.sleep(max(0.0, started + (number + 1) * SAMPLE_SECONDS - time.monotonic()))
        now = time.monotonic()
    measured.seconds = now - started
    measured.same_pid = server.running() == server.pid


def _crash(server: Any, plugin: str, way: str) -> bool:
    failure = server.run(plugin, way).failure
    return failure is not None and "while running" in failure["message"]


def _ask(server: Any, plugin: str, text: str, measured: Measured) -> None:
    began = time.monotonic()
    answer = server.run(plugin, "well", text)
    took = time.monotonic() - began
    if took > SLOW:
        print(f"{plugin} took {took:.2f} s to answer call {text}; {_load()}")  # noqa: T201 - its output
    measured.worst = max(measured.worst, took)
    if answer.failure or answer.value != text:
        measured.failures.append(f"{plugin}: {answer}")


def _load() -> str:
    """Return how much of the last ten seconds tasks had to wait for a processor."""
    return Path("/proc/pressure/cpu").read_text().splitlines()[0]


def _memory(pid: int) -> float:
    """Return the proportional set size in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))


def _counted(server: Any, names: list[str], measured: Measured) -> dict[str, list[tuple[str, str, str]]]:
    """Return what the plugins have counted once they have all, or after a while."""
    deadline = time.monotonic() + PATIENCE
    while True:
        notes = parsed({name: (server.data(name) / "notes").read_text().splitlines() for name in names})
        measured.notes = notes
        if measured.miscounted()[0] == 0 or time.monotonic() > deadline:
            return notes
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
