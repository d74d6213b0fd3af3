"""The C library by ctypes: around every check that Python itself could make.

Each function raises OSError with the errno of the kernel, as Python's own would.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
from typing import NamedTuple

SYS_OPENAT = {"x86_64": 257, "aarch64": 56}.get(platform.machine(), -1)
PTRACE_SEIZE = 0x4206
MSG_FASTOPEN = 0x20000000
_AT_FDCWD = -100
_C = ctypes.CDLL(None, use_errno=True)


class Range(NamedTuple):
    """Bytes in the memory of some process."""

    address: int
    length: int


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def open_file(path: str) -> int:
    """Open for reading by ``open(3)``."""
    return _checked(_C.open(os.fsencode(path), os.O_RDONLY | os.O_CLOEXEC), path)


def openat_by_number(path: str) -> int:
    """Open for reading by the bare number of ``openat``."""
    flags = ctypes.c_long(os.O_RDONLY | os.O_CLOEXEC)
    number, folder = ctypes.c_long(SYS_OPENAT), ctypes.c_long(_AT_FDCWD)
    return _checked(_C.syscall(number, folder, os.fsencode(path), flags, ctypes.c_long(0)), path)


def process_vm_readv(pid: int, wanted: Range) -> bytes:
    """Copy memory of another process."""
    buffer = ctypes.create_string_buffer(wanted.length)
    here = _Iovec(ctypes.cast(buffer, ctypes.c_void_p), wanted.length)
    there = _Iovec(wanted.address, wanted.length)
    flags = ctypes.c_ulong(0)
    one = ctypes.c_ulong(1)
    count = _C.process_vm_readv(ctypes.c_int(pid), ctypes.byref(here), one, ctypes.byref(there), one, flags)
    return buffer.raw[: _checked(count, f"process {pid}")]


def ptrace_seize(pid: int) -> None:
    """Become the tracer of another process without stopping it; ends when the caller does."""
    request, nothing = ctypes.c_long(PTRACE_SEIZE), ctypes.c_void_p(0)
    _checked(_C.ptrace(request, ctypes.c_long(pid), nothing, nothing), f"process {pid}")


def connected_socket(host: str, port: int) -> int:
    """Connect a TCP socket to an IPv4 address by ``connect(3)``."""
    made = _tcp_socket()
    name = _address(host, port)
    return _or_close(made, _C.connect(made, name, len(name)), f"{host}:{port}")


def fast_open_socket(host: str, port: int) -> int:
    """Connect by sending: ``sendto(3)`` with MSG_FASTOPEN, past filters that know only ``connect``."""
    made = _tcp_socket()
    name = _address(host, port)
    sent = _C.sendto(made, b"?", ctypes.c_size_t(1), MSG_FASTOPEN, name, len(name))
    return _or_close(made, sent, f"{host}:{port}")


def _tcp_socket() -> int:
    return _checked(_C.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC, 0), "socket")


def _address(host: str, port: int) -> bytes:
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton(host))


def _or_close(descriptor: int, result: int, what: str) -> int:
    try:
        _checked(result, what)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
    return result
