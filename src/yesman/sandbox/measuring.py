"""Tries in a child of its own, in a moment, what confinement rests on; for the zygote, at each of its starts.

Not remembered between starts, because a machine's answer is not the process's: a container's outer
filter, which takes layers away, differs between two processes of one boot. ``yesman doctor`` tries
far more (:mod:`yesman.sandbox.attempts`). Standard library only.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from typing import TYPE_CHECKING, Any

from yesman.sandbox import kernel, landlock
from yesman.sandbox.strength import NOT_REFUSED
from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.sandbox.confine import Ring

OUTSIDE = "/"


def measure(ring: Ring) -> dict[str, Any]:
    """Return what can be enforced here, as the last fields of :class:`yesman.sandbox.strength.Facts`.

    Needs a process without threads that has given up its privileges.
    """
    reader, writer = os.pipe()
    pid = os.fork()  # noqa: TID251 - the zygote itself asks, before it serves anybody
    if pid == 0:
        try:
            os.write(writer, json.dumps(_try(ring)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as report:
        said = report.read()
    os.waitpid(pid, 0)
    died = {"landlock": "died", "filter": "died", "listener": "died"}
    return {"landlock_abi": ring.landlock_abi, **(json.loads(said) if said else died)}


def _try(ring: Ring) -> dict[str, str]:
    """Enter a domain and install the filter for good, and see whether they refuse."""
    domain = _error(landlock.restrict, (), (), (), abi=ring.landlock_abi) or _refused("EACCES", _look_outside)
    pid = os.getpid()
    flags = kernel.NEW_LISTENER | kernel.WAIT_KILLABLE_RECV
    listener = _error(kernel.install_filter, ring.brokered.for_process(pid), flags=flags)
    unfiltered = _error(kernel.install_filter, ring.closed.for_process(pid)) if listener else ""
    return {
        "landlock": domain,
        "filter": unfiltered or _refused("EPERM", _open_datagram_socket),
        "listener": listener,
    }


def _error(act: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Return the name of the error that ``act`` met, or ""."""
    try:
        act(*arguments, **named)
    except UnsupportedError:
        return _why_no_landlock()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "unknown")
    return ""


def _refused(expected: str, act: Callable[..., object]) -> str:
    return "" if _error(act) == expected else NOT_REFUSED


def _look_outside() -> None:
    os.close(os.open(OUTSIDE, os.O_RDONLY | os.O_DIRECTORY))


def _open_datagram_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _why_no_landlock() -> str:
    return _error(kernel.landlock_create, 1, 0, 0, size=8) or "ENOSYS"
