"""The zygote: a small, single-threaded process that does nothing but fork confined children.

It has imported the standard library and our SDK, holds no secret and runs no plugin code. What
descends from a child ends with it: whoever loses its parent becomes the zygote's (it is their
subreaper), carries the child's mark, and is killed before the child's end is reported. When the
server ends, however it went, the control socket does too, and the zygote ends everybody and itself;
when the zygote is killed, the kernel kills its children (PDEATHSIG) and the server their descendants.
Control messages are JSON datagrams on one SEQPACKET socket:

* in ``{"policy": …, "interpreter": […], "task": "serve", "template" or "compile", "mark": …}`` with
  descriptors (down lane, up lane, log pipe, handover, and for a template its channel);
* in ``{"adopt": pid, "mark": …}``: of a process that a template has forked, and that is about to become a
  child of ours, because its parent has ended or is about to;
* out, first, ``{"ready": what can be enforced here}`` (:mod:`yesman.sandbox.measuring`);
* out ``{"spawned": pid}`` with a pidfd, or ``{"failed": why}``, in the order of the requests;
* out ``{"exited": mark, "status": wait status, "cpu_ms": …, "peak_kib": …}``; not its number, which somebody
  else may have been given by then.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from yesman.sandbox import family, kernel
from yesman.sandbox.confine import Ring, give_up_privileges
from yesman.sandbox.measuring import measure
from yesman.worker import child, preload

MESSAGE_BYTES = 192 * 1024
DESCRIPTORS = 5
ENDING_SECONDS = 1.0
"""Whoever still runs that long after SIGKILL stands still in the kernel, and never runs code again."""
ROUND_MS = 2


@dataclass
class _Ending:
    """A child that has ended, while its descendants are sought and killed."""

    record: dict[str, Any]
    mark: int
    deadline: float
    quiet: int = 0


def main(descriptor: str) -> None:
    """Serve spawn requests on the control socket ``descriptor`` until its other end closes."""
    give_up_privileges()
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    ring = Ring.of_this_machine()
    measured = measure(ring)
    control = socket.socket(fileno=int(descriptor))
    kernel.set_process_name("yesman-zygote")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # its end is the socket's
        signal.signal(number, signal.SIG_IGN)
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    preload.everything()
    gc.collect()
    gc.freeze()
    with suppress(BrokenPipeError):  # the server has ended meanwhile; the loop notices
        control.send(json.dumps({"ready": measured}).encode())
    _Zygote(control, woken, ring).serve()


class _Zygote:
    def __init__(self, control: socket.socket, woken: int, ring: Ring) -> None:
        self._control = control
        self._woken = woken
        self._ring = ring
        self._children: dict[int, int] = {}
        """Their marks, by pid."""
        self._ending: list[_Ending] = []

    def serve(self) -> None:
        """Fork and report until the server is gone, then end everybody."""
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        poller.register(self._woken, select.POLLIN)
        while True:
            for ready, _ in poller.poll(ROUND_MS if self._ending else None):
                if ready == self._woken:
                    os.read(self._woken, 4096)
                elif not self._hear():
                    self._end_all()
                    return
            self._reap()
            self._end_descendants()

    def _hear(self) -> bool:
        """Do what the next message asks for; tell whether the server is still there."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, DESCRIPTORS)
        except ConnectionError:
            return False
        if not message:
            return False
        request = json.loads(message)
        if "adopt" in request:
            self._adopt(request["adopt"], request["mark"])
            return True
        parent = os.getpid()
        try:
            pid = os.fork()  # noqa: TID251 - this is the zygote
        except OSError as error:  # too many processes, or no memory; the others must live on
            for descriptor in descriptors:
                os.close(descriptor)
            self._tell({"failed": f"fork: {error.strerror}"})
            return True
        if pid == 0:
            child.main(self._ring, request, descriptors, parent)
        self._children[pid] = request["mark"]
        for descriptor in descriptors:
            os.close(descriptor)
        pidfd = os.pidfd_open(pid)
        try:
            self._tell({"spawned": pid}, pidfd)
        finally:
            os.close(pidfd)
        return True

    def _adopt(self, pid: int, mark: int) -> None:
        """Take note of a child that a template has forked.

        One that has ended meanwhile, or that is not our child, so that we would not hear of its end, is
        reported as ended once nobody carries its mark.
        """
        if family.carries(pid, mark) and family.parent(pid) == os.getpid():
            self._children[pid] = mark
            return
        record = {"exited": mark, "status": signal.SIGKILL, "cpu_ms": 0, "peak_kib": 0}
        self._ending.append(_Ending(record, mark, time.monotonic() + ENDING_SECONDS))

    def _hear_all(self) -> None:
        """Answer what has been asked until now; that the server is gone, the loop notices."""
        while select.select([self._control], [], [], 0)[0] and self._hear():
            pass

    def _reap(self) -> None:
        """Collect whoever has ended; of descendants that became ours there is nothing to tell.

        Before a stranger is collected, all is heard that has been said: it may have been given to us.
        """
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            if ended.si_pid not in self._children:
                self._hear_all()
            pid, status, usage = os.wait4(ended.si_pid, 0)
            mark = self._children.pop(pid, None)
            if mark is not None:
                record = {
                    "exited": mark,
                    "status": status,
                    "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000),
                    "peak_kib": usage.ru_maxrss,
                }
                self._ending.append(_Ending(record, mark, time.monotonic() + ENDING_SECONDS))

    def _end_descendants(self) -> None:
        """Kill what is left of ended children, and report those of whom nothing is."""
        for ending in tuple(self._ending):
            left = family.kill(family.members(ending.mark), ending.mark)
            ending.quiet = 0 if left else ending.quiet + 1
            if ending.quiet >= family.QUIET_SCANS or time.monotonic() > ending.deadline:
                self._ending.remove(ending)
                self._tell(ending.record)

    def _end_all(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)  # not collected yet, so the number is still theirs
        deadline = time.monotonic() + 2 * ENDING_SECONDS
        while (self._children or self._ending) and time.monotonic() < deadline:
            select.select([self._woken], [], [], ROUND_MS / 1000)
            self._reap()
            self._end_descendants()

    def _tell(self, message: dict[str, Any], *descriptors: int) -> None:
        with suppress(ConnectionError):  # the server has ended; the loop notices
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
