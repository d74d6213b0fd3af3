"""The program behind ``yesman doctor``: confines children of its own and lets them try what must fail.

Started like the zygote, in a process of its own, with a folder to play in; prints one JSON
object, layer to ``[enforced, detail]``. Nothing is concluded from a version number: a layer
counts as enforced when the kernel refused the attempt. Standard library only.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from typing import TYPE_CHECKING, NoReturn

from yesman.sandbox import confine
from yesman.sandbox.checks import INSIDE, LANDLOCK, REPORT, Findings, Scene, try_all
from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

PLANTED_DESCRIPTOR = 40
"""An open descriptor that no confined child may find."""
DEATH_SECONDS = 1.0


def main(argument: str) -> None:
    """Print the findings; ``argument`` is JSON with ``folder`` and ``interpreter``."""
    given = json.loads(argument)
    tcp = socket.create_server(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX)
    local.bind("")  # the kernel chooses a free abstract name
    local.listen()
    os.dup2(tcp.fileno(), PLANTED_DESCRIPTOR)
    abstract = local.getsockname().decode()
    scene = Scene(
        os.path.realpath(given["folder"]),
        os.getpid(),
        tcp.getsockname()[1],
        abstract,
        tuple(given["interpreter"]),
    )
    _set_up(scene)
    findings = {**_all_layers(scene), **_landlock_alone(scene), **_orphan(scene)}
    print(json.dumps(findings))  # noqa: T201 - the program's output


def _set_up(scene: Scene) -> None:
    for name in ("code", "data", "tmp", "outside"):
        os.mkdir(f"{scene.folder}/{name}")  # noqa: PTH102 - no pathlib in what children share
    for path, mode in ((scene.secret, 0o644), (scene.closed, 0)):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, mode))


def _all_layers(scene: Scene) -> Findings:
    return _in_child(lambda: _confine(scene), lambda: try_all(INSIDE, scene))


def _landlock_alone(scene: Scene) -> Findings:
    """The same Landlock domain without the filter, which would answer first."""

    def enter() -> None:
        confine.give_up_privileges()
        confine.restrict_files(confine.Ring.of_this_machine(), scene.policy(), scene.interpreter)

    return _in_child(enter, lambda: try_all(LANDLOCK, scene))


def _confine(scene: Scene) -> None:
    ring = confine.Ring.of_this_machine()
    confine.confine(ring, scene.policy(), (REPORT,), handover=None, parent=os.getppid(), interpreter=scene.interpreter)


def _in_child(enter: Callable[[], None], look: Callable[[], Findings]) -> Findings:
    reader, writer = os.pipe()
    pid = os.fork()  # noqa: TID251 - a zygote of its own
    if pid == 0:
        _child(enter, look, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as report:
        said = report.read()
    os.waitpid(pid, 0)
    return json.loads(said) if said else {}


def _child(enter: Callable[[], None], look: Callable[[], Findings], writer: int) -> NoReturn:
    try:
        os.dup2(writer, REPORT)
        enter()
        os.write(REPORT, json.dumps(look()).encode())
    except (OSError, UnsupportedError) as error:
        os.write(REPORT, json.dumps({"confine": (False, str(error))}).encode())
    finally:
        os._exit(0)


def _orphan(scene: Scene) -> Findings:
    """Kill the parent of a confined child and wait for the child's end of a pipe to close."""
    reader, writer = os.pipe()
    parent = os.fork()  # noqa: TID251 - a zygote of its own
    if parent == 0:
        if os.fork() == 0:  # noqa: TID251 - and its child
            _child(lambda: _confine(scene), _stay, writer)
        os.close(writer)
        while True:
            signal.pause()
    os.close(writer)
    child = os.read(reader, 64)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    ended = bool(select.select([reader], [], [], DEATH_SECONDS)[0]) and not os.read(reader, 64)
    if child.isdigit() and not ended:
        os.kill(int(child), signal.SIGKILL)
    confined = child.isdigit()
    return {
        "orphan": (
            confined and ended,
            "the parent was killed; the child " + ("ended too" if ended else "lived on"),
        )
    }


def _stay() -> Findings:
    os.write(REPORT, str(os.getpid()).encode())
    while True:
        signal.pause()
