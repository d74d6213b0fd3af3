"""The attacks, each in several ways; the same code runs inside and outside the sandbox.

Nothing here is clever: it is what any Python package could do with the rights of its user.
A way either returns what it got, as text, or raises OSError. No content is ever returned,
only how much was read.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import libc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TIMEOUT = 5.0
"""Seconds that a connection may take."""
_REFUSED = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS})


class Way(NamedTuple):
    """One way to attack: how, and the act itself."""

    how: str
    act: Callable[[], str]


def on_key(path: str) -> list[Way]:
    """Ways to read the private key at ``path``."""
    return [
        Way("open()", lambda: _read(os.open(path, os.O_RDONLY))),
        Way("libc open", lambda: _read(libc.open_file(path))),
        Way("openat by number", lambda: _read(libc.openat_by_number(path))),
        Way("a symbolic link", lambda: _through_link(path)),
    ]


def on_memory(pid: int) -> list[Way]:
    """Ways to read the memory of the process ``pid``."""
    return [
        Way("/proc/PID/mem", lambda: _memory(pid, lambda path: os.open(path, os.O_RDONLY))),
        Way("/proc/PID/mem by libc", lambda: _memory(pid, libc.open_file)),
        Way("/proc/PID/environ", lambda: _read(libc.open_file(f"/proc/{pid}/environ"))),
        Way("process_vm_readv", lambda: _read_from(pid)),
        Way("ptrace", lambda: _trace(pid)),
    ]


def on_network(host: str, port: int) -> list[Way]:
    """Ways to reach a TCP listener at an IPv4 address."""
    return [
        Way("socket.connect", lambda: _connect(host, port)),
        Way("libc connect", lambda: _hear(libc.connected_socket(host, port))),
        Way("libc sendto, fast open", lambda: _hear(libc.fast_open_socket(host, port))),
    ]


def attack(ways: Sequence[Way], *, report: bool) -> dict[str, Any]:
    """Try the ways in turn.

    Args:
        ways: What to try.
        report: Go on after a refusal and tell all; else the first refusal is raised.

    Returns:
        ``{"attempts": [{"way", "outcome": "refused"|"failed"|"succeeded", "detail"}]}``.

    Raises:
        PermissionError: A way was refused and ``report`` is false.
    """
    attempts = []
    for way in ways:
        try:
            outcome, detail = "succeeded", way.act()
        except OSError as error:
            if isinstance(error, PermissionError) and not report:
                raise
            outcome = "refused" if error.errno in _REFUSED else "failed"
            detail = str(error)
        attempts.append({"way": way.how, "outcome": outcome, "detail": detail})
    return {"attempts": attempts}


def _read(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb") as file:
        return f"read {len(file.read(65536))} bytes"


def _through_link(path: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, "harmless.txt")
        link.symlink_to(path)
        return _read(os.open(link, os.O_RDONLY))


def _memory(pid: int, opened: Callable[[str], int]) -> str:
    with os.fdopen(opened(f"/proc/{pid}/mem"), "rb", buffering=0) as memory:
        wanted = _mapped(opened(f"/proc/{pid}/maps"))
        return f"read {len(os.pread(memory.fileno(), wanted.length, wanted.address))} bytes"


def _mapped(descriptor: int) -> libc.Range:
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as maps:
        for line in maps:
            extent, rights = line.split()[:2]
            if rights.startswith("r"):
                start = int(extent.partition("-")[0], 16)
                return libc.Range(start, 64)
    raise OSError(errno.ENOENT, "the process has no readable memory")


def _read_from(pid: int) -> str:
    try:
        wanted = _mapped(libc.open_file(f"/proc/{pid}/maps"))
    except PermissionError:
        wanted = libc.Range(id(pid), 64)
    try:
        return f"read {len(libc.process_vm_readv(pid, wanted))} bytes"
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
        return "was let in, at an address that is not mapped there"


def _trace(pid: int) -> str:
    libc.ptrace_seize(pid)
    return "became its tracer"


def _connect(host: str, port: int) -> str:
    with socket.create_connection((host, port), timeout=TIMEOUT) as made:
        return f"connected and heard {len(made.recv(64))} bytes"


def _hear(descriptor: int) -> str:
    with socket.socket(fileno=descriptor) as made:
        made.settimeout(TIMEOUT)
        return f"connected and heard {len(made.recv(64))} bytes"
