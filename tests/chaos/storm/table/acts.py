"""What others do to the host: who runs commands, who owns the machine, tmux, the clock."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Any

from storm.clock import set_clock
from storm.fault import WELL, Fault
from storm.probing import tmux
from yesman.wire.frames import Kind, pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from storm.scene import Scene

DAY = 86400.0
MOMENT = 1.0
"""How long a state lasts that others must not notice, in seconds."""
_SLEEP = "print('here', flush=True)\ntime.sleep(1000)"
_POUR = "while True: print('x' * 1000)"


def _with_plugin(act: Callable[[Scene, Fault, Any], str]) -> Callable[[Scene, Fault], str]:
    """Install the fault's plugin, begin its command, do ``act``, and see the plugin well afterwards."""

    def acted(scene: Scene, fault: Fault) -> str:
        scene.install(fault)
        wire = scene.server.wire()
        wire.send(
            "command.run", plugin=fault.plugin, command="go", options={}, terminal={}, columns=80, lines=24
        )
        assert wire.next() is not None, "the command has begun"
        try:
            seen = act(scene, fault, wire)
        finally:
            wire.close()
        well = scene.told(fault.plugin, WELL)
        scene.server.call("plugin.remove", name=fault.plugin, purge=True)
        return f"{seen}; then {well}"

    return acted


@_with_plugin
def _caller_goes(scene: Scene, fault: Fault, wire: Any) -> str:
    wire.close()
    return "gone"


@_with_plugin
def _caller_does_not_read(scene: Scene, fault: Fault, wire: Any) -> str:
    time.sleep(MOMENT)
    return "read nothing"


@_with_plugin
def _killed_by_somebody(scene: Scene, fault: Fault, wire: Any) -> str:
    os.kill(scene.server.plugin_pid(fault.plugin), signal.SIGKILL)
    return str(wire.answer().failure["message"])


@_with_plugin
def _stopped_by_somebody(scene: Scene, fault: Fault, wire: Any) -> str:
    os.kill(scene.server.plugin_pid(fault.plugin), signal.SIGSTOP)
    return str(wire.answer().failure["message"])


@_with_plugin
def _loses_its_data(scene: Scene, fault: Fault, wire: Any) -> str:
    shutil.rmtree(scene.server.data(fault.plugin))
    return "removed"


@_with_plugin
def _zygote_killed(scene: Scene, fault: Fault, wire: Any) -> str:
    os.kill(scene.server.call("server.status")["zygote"], signal.SIGKILL)
    return str(wire.answer().failure["message"])


def _zygote_stopped(scene: Scene, fault: Fault) -> str:
    scene.install(fault)
    zygote = scene.server.call("server.status")["zygote"]
    os.kill(zygote, signal.SIGSTOP)
    said: list[str] = []
    asking = Thread(target=lambda: said.append(scene.told(fault.plugin, WELL)))
    asking.start()
    time.sleep(MOMENT)
    os.kill(zygote, signal.SIGCONT)
    asking.join()
    scene.server.call("plugin.remove", name=fault.plugin, purge=True)
    return said[0]


def _noise(scene: Scene, fault: Fault) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(scene.server.home.socket))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while client.recv(65536):  # our HELLO, then the end
            pass
    return "hung up"


def _half_hellos(scene: Scene, fault: Fault) -> str:
    hello = pack(Kind.HELLO, 0, {"protocol": 1, "version": "test", "pid": 1})
    with ExitStack() as clients:
        for _ in range(200):
            client = clients.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(scene.server.home.socket))
            client.sendall(hello[:20])
        time.sleep(MOMENT)
    return "waited"


def _many_at_once(scene: Scene, fault: Fault) -> str:
    scene.install(fault)
    said: list[str] = []
    threads = [Thread(target=lambda: said.append(scene.told(fault.plugin, WELL))) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scene.server.call("plugin.remove", name=fault.plugin, purge=True)
    return f"{said.count(WELL)} well"


def _logs_removed(scene: Scene, fault: Fault) -> str:
    shutil.rmtree(scene.server.home.logs)
    scene.server.home.logs.write_text("in the way")
    time.sleep(MOMENT)
    scene.server.home.logs.unlink()
    return "removed"


def _tmux_ended(end: Callable[[Scene], object]) -> Callable[[Scene, Fault], str]:
    """End tmux as ``end`` does, and see that what is made afterwards is noticed again."""

    def acted(scene: Scene, fault: Fault) -> str:
        end(scene)
        time.sleep(MOMENT)
        seen = len(scene.server.call("session.list"))
        scene.begin_sessions()
        return f"{seen} sessions"

    return acted


def _kill_tmux(scene: Scene) -> None:
    os.kill(scene.tmux_pid(), signal.SIGKILL)


def _ask_tmux_to_end(scene: Scene) -> None:
    tmux(scene.server.home.tmux_socket, "kill-server")


def _tmux_stopped(scene: Scene, fault: Fault) -> str:
    pid = scene.tmux_pid()
    os.kill(pid, signal.SIGSTOP)
    said: list[Any] = []
    asking = Thread(target=lambda: said.append(scene.server.ask("session.list").value))
    asking.start()
    time.sleep(MOMENT)
    os.kill(pid, signal.SIGCONT)
    asking.join()
    return f"{len(said[0])} sessions"


def _burst(scene: Scene, fault: Fault) -> str:
    names = [f"m{90_000 + number}" for number in range(60)]
    socket_path = scene.server.home.tmux_socket
    for name in names:
        tmux(socket_path, "new-session", "-d", "-s", name, "sleep 1000")
        tmux(socket_path, "kill-session", "-t", f"={name}")
    expected = [(event, name) for name in names for event in ("session.created", "session.closed")]
    lost, doubled = scene.miscounted(expected)
    return f"{len(expected) - len(lost)} events, {len(doubled)} twice"


def _clock(seconds: float) -> Callable[[Scene, Fault], str]:
    """Set the clock, and back again: what panes print is noticed before, meanwhile and afterwards."""

    def acted(scene: Scene, fault: Fault) -> str:
        scene.install(fault)
        shows = scene.prints(fault.plugin)
        set_clock(scene.server.home, seconds)
        time.sleep(2 * MOMENT)  # panes are looked at every half second
        set_clock(scene.server.home, 0)
        after = scene.prints(fault.plugin)
        scene.server.call("plugin.remove", name=fault.plugin, purge=True)
        return f"before: {shows}, after: {after}"

    return acted


_SOON = {"command": "2s"}
_BOTH = "before: True, after: True"

FAULTS = [
    Fault("the command line goes away", _SLEEP, "gone; then well", act=_caller_goes),
    Fault("the command line reads nothing", _POUR, "nothing; then well", act=_caller_does_not_read),
    Fault("killed by somebody", _SLEEP, "died of SIGKILL.*; then well", act=_killed_by_somebody),
    Fault("stopped by somebody", _SLEEP, "not finish.*; then well", act=_stopped_by_somebody, limits=_SOON),
    Fault("its data folder is removed", _SLEEP, "removed; then well", act=_loses_its_data),
    Fault("the zygote is killed", _SLEEP, "died of SIGKILL.*; then well", act=_zygote_killed, ends_all=True),
    Fault("the zygote is stopped for a while", "", "^well", act=_zygote_stopped),
    Fault("noise on the server's socket", "", "hung up", act=_noise),
    Fault("200 half greetings", "", "waited", act=_half_hellos),
    Fault("100 command lines at once", "", "100 well", act=_many_at_once),
    Fault("the folder of logs is gone", "", "removed", act=_logs_removed),
    Fault("tmux is ended in use", "", "0 sessions", act=_tmux_ended(_ask_tmux_to_end), tmux=False),
    Fault("tmux is killed in use", "", "0 sessions", act=_tmux_ended(_kill_tmux), tmux=False),
    Fault("tmux is stopped for a while", "", r"^\d+ sessions", act=_tmux_stopped, tmux=False),
    Fault("60 sessions made and killed at once", "", "120 events, 0 twice", act=_burst),
    Fault("the clock is a day ahead for a while", "", _BOTH, act=_clock(DAY), hooks=("pane.output",)),
    Fault("the clock is a day behind for a while", "", _BOTH, act=_clock(-DAY), hooks=("pane.output",)),
]
FAULTS = [fault._replace(at="act") for fault in FAULTS]
