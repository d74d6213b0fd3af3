"""The program behind ``yesman doctor``: confines children of its own and lets them try what must fail.

Started like the zygote, in a process of its own, with a folder to play in; prints one JSON
object, layer to ``[enforced, detail]``. Nothing is concluded from a version number: a layer
counts as enforced when the kernel refused the attempt. Standard library only.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import select
import signal
import socket
from typing import TYPE_CHECKING, NoReturn

from yesman.sandbox import confine, notify
from yesman.sandbox.checks import BROKERED, INSIDE, LANDLOCK, REPORT, Findings, Scene, try_all
from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

PLANTED_DESCRIPTOR = 40
"""An open descriptor that no confined child may find."""
HANDOVER = REPORT + 1
DEATH_SECONDS = 1.0
CALL_SECONDS = 1.0
SOCKADDR_BYTES = 16


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
    findings = {**_all_layers(scene), **_landlock_alone(scene), **_brokered(scene), **_orphan(scene)}
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


def _confine(scene: Scene, handover: int | None = None) -> None:
    confine.confine(
        confine.Ring.of_this_machine(),
        scene.policy(),
        (REPORT,),
        handover=handover,
        parent=os.getppid(),
        interpreter=scene.interpreter,
    )


def _brokered(scene: Scene) -> Findings:
    """Let a child connect while this process is the host that is asked."""
    ours, theirs = socket.socketpair()
    high = fcntl.fcntl(theirs, fcntl.F_DUPFD_CLOEXEC, PLANTED_DESCRIPTOR + 1)
    theirs.close()

    def enter() -> None:
        os.dup2(high, HANDOVER)
        _confine(scene, HANDOVER)

    def decide(pid: int) -> str:
        os.close(high)
        pidfd = os.pidfd_open(pid)
        try:
            with ours:
                listener = notify.take_listener(ours, pidfd)
            return "there is no listener" if listener is None else _answer_one(listener, pidfd, scene.port)
        finally:
            os.close(pidfd)

    told: list[str] = []
    findings = _in_child(enter, lambda: try_all(BROKERED, scene), lambda pid: told.append(decide(pid)))
    wrong = "; ".join(filter(None, told))
    if wrong and "broker" in findings:
        findings["broker"] = (False, f"{wrong}; {findings['broker'][1]}")
    return findings


def _answer_one(listener: int, pidfd: int, port: int) -> str:
    """Answer one connect the way the broker does; returns what went wrong, "" if nothing did."""
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    try:
        call = notify.receive(listener) if poller.poll(CALL_SECONDS * 1000) else None
        if call is None:
            return "the host was not asked"
        data = notify.read_memory(call.thread, call.arguments[1], SOCKADDR_BYTES)
        os.close(notify.take_descriptor(pidfd, call.arguments[0]))
        if not notify.still_waits(listener, call.id) or data[2:4] != port.to_bytes(2, "big"):
            return "the host did not see the address"
        notify.answer(listener, call.id, errno.EHOSTUNREACH)
    except OSError as error:
        return f"the host may not look into its own plugins ({error})"
    finally:
        os.close(listener)
    return ""


def _in_child(
    enter: Callable[[], None],
    look: Callable[[], Findings],
    meanwhile: Callable[[int], None] = lambda _pid: None,
) -> Findings:
    reader, writer = os.pipe()
    pid = os.fork()  # noqa: TID251 - a zygote of its own
    if pid == 0:
        _child(enter, look, writer)
    os.close(writer)
    meanwhile(pid)
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
