"""The zygote: a small, single-threaded process that does nothing but fork confined children.

It has imported the standard library and our SDK, holds no secret, runs no plugin code, and
dies with the server (PDEATHSIG) as its children die with it. Control messages are JSON
datagrams on one SEQPACKET socket:

* in ``{"policy": …, "interpreter": […], "task": "serve" or "compile"}`` with descriptors
  (down lane, up lane, log pipe, handover);
* out, first, ``{"ready": what can be enforced here}`` (:mod:`yesman.sandbox.measuring`);
* out ``{"spawned": pid}`` with a pidfd, or ``{"failed": why}``, in the order of the requests;
* out ``{"exited": pid, "status": wait status, "cpu_ms": …, "peak_kib": …}``.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket

from yesman.sandbox import kernel
from yesman.sandbox.confine import Ring, give_up_privileges
from yesman.sandbox.measuring import measure
from yesman.worker import child, preload

MESSAGE_BYTES = 192 * 1024
DESCRIPTORS = 4


def main(descriptor: str) -> None:
    """Serve spawn requests on the control socket ``descriptor`` until its other end closes."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    give_up_privileges()
    ring = Ring.of_this_machine()
    measured = measure(ring)
    control = socket.socket(fileno=int(descriptor))
    kernel.set_process_name("yesman-zygote")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the command line's business
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    preload.everything()
    gc.collect()
    gc.freeze()
    control.send(json.dumps({"ready": measured}).encode())
    poller = select.poll()
    poller.register(control, select.POLLIN)
    poller.register(woken, select.POLLIN)
    while True:
        for ready, _ in poller.poll():
            if ready == woken:
                os.read(woken, 4096)
                _reap(control)
            elif not _spawn(control, ring):
                return


def _spawn(control: socket.socket, ring: Ring) -> bool:
    message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, DESCRIPTORS)
    if not message:
        return False
    request = json.loads(message)
    parent = os.getpid()
    try:
        pid = os.fork()  # noqa: TID251 - this is the zygote
    except OSError as error:  # too many processes, or no memory; the others must live on
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps({"failed": f"fork: {error.strerror}"}).encode())
        return True
    if pid == 0:
        child.main(ring, request, descriptors, parent)
    for descriptor in descriptors:
        os.close(descriptor)
    pidfd = os.pidfd_open(pid)
    try:
        socket.send_fds(control, [json.dumps({"spawned": pid}).encode()], [pidfd])
    finally:
        os.close(pidfd)
    return True


def _reap(control: socket.socket) -> None:
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        record = {
            "exited": pid,
            "status": status,
            "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000),
            "peak_kib": usage.ru_maxrss,
        }
        control.send(json.dumps(record).encode())
