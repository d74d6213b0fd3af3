"""What the attempts are written with; runs inside a plugin and, for comparison, without a sandbox.

Standard library only. Attempts call C directly, past the refusals that explain themselves, so
the answers are the kernel's. ``T`` is filled with what there is to aim at (see ``corpus.scene``).
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import struct
from typing import Any

from src.searching import found_in_memory, imported, noted  # noqa: F401 - words of the attempts
from src.using_up import (  # noqa: F401 - same
    buffers,
    crash,
    descriptors,
    descriptors_in_flight,
    files,
    grown,
    heap,
    memory,
    overflow,
    recurse,
    sparse,
    spin,
    spin_stubbornly,
    threads,
    written,
)

T: dict[str, Any] = {}
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
LIBC.mmap.restype = ctypes.c_void_p
AT_FDCWD = -100
O_RDWR_CREAT = os.O_RDWR | os.O_CREAT


def converted(value: Any) -> Any:
    if isinstance(value, str):
        return ctypes.c_char_p(value.encode())
    return ctypes.c_long(value) if isinstance(value, int) else value


def c(name: str, *arguments: Any) -> int:
    """Call a libc function."""
    ctypes.set_errno(0)
    result = getattr(LIBC, name)(*(converted(argument) for argument in arguments))
    return checked(result)


def s(name: str | int, *arguments: Any) -> int:
    """Make a system call by its name on this machine, or by number."""
    number = name if isinstance(name, int) else T["numbers"].get(name)
    if number is None:
        raise OSError(errno.ENOSYS, "this machine has no such call")
    ctypes.set_errno(0)
    return checked(LIBC.syscall(ctypes.c_long(number), *(converted(argument) for argument in arguments)))


def unlisted() -> None:
    """Make every call that the filter has no row for; ENOSYS when none of them did anything."""
    never_filtered = {335, 336}  # uretprobe and uprobe, which kill whoever calls them by hand
    for number in sorted(set(range(1024)) - {*T["listed"], *never_filtered}):
        try:
            s(number, -1, -1, -1, -1, -1, -1)
        except OSError as error:
            if error.errno != errno.ENOSYS:
                raise
        else:
            return
    raise OSError(errno.ENOSYS, "none of them did anything")


def checked(result: int | None) -> int:
    if result is None or result in {-1, 2**64 - 1}:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def p(name: str) -> str:
    """A path below the folder that nobody was granted."""
    return f"{T['outside']}/{name}"


def d(name: str) -> str:
    """A path below the plugin's own data folder."""
    return f"{T['data']}/{name}"


def opened(path: str, flags: int = os.O_RDONLY) -> int:
    return c("open", path, flags, 0o600)


def device(path: str, flags: int = os.O_RDONLY) -> int:
    """Open what need not be there; absent is as good as refused."""
    if not os.path.lexists(path):
        raise OSError(errno.EACCES, "there is none")
    return opened(path, flags)


def openhow(resolve: int) -> bytes:
    """A struct open_how that only reads."""
    return struct.pack("QQQ", 0, 0, resolve)


def own(name: str = "own") -> int:
    """A descriptor of a file of the plugin's own."""
    return opened(d(name), O_RDWR_CREAT)


def linked(target: str, name: str = "link") -> str:
    """A symbolic link in the plugin's own folder."""
    if not os.path.lexists(d(name)):
        os.symlink(target, d(name))  # noqa: PTH211 - as an attacker would
    return d(name)


def pair() -> int:
    """One end of a pair of stream sockets, which plugins may have."""
    ends = (ctypes.c_int * 2)()
    c("socketpair", 1, 1, 0, ends)
    return ends[0]


def socket_pair(kind: int) -> int:
    return c("socketpair", 1, kind, 0, (ctypes.c_int * 2)())


def address(host: str = "127.0.0.1", port: int = 0) -> bytes:
    """A sockaddr_in, of the port that listens unless another is named."""
    return struct.pack("=H", 2) + struct.pack("!H", port or T["port"]) + socket.inet_aton(host) + bytes(8)


def address_in_v6(host: str = "::ffff:127.0.0.1", port: int = 0) -> bytes:
    """The same in a sockaddr_in6."""
    there = socket.inet_pton(socket.AF_INET6, host)
    return struct.pack("=H", 10) + struct.pack("!HI", port or T["port"], 0) + there + bytes(4)


def message(name: bytes) -> Any:
    """A struct msghdr with a destination and no content."""
    held = ctypes.create_string_buffer(name)
    header = (ctypes.c_uint64 * 8)(ctypes.addressof(held), len(name), 0, 0, 0, 0, 0, 0)
    header.held = held  # type: ignore[attr-defined]  # keeps the buffer alive
    return header


def gone() -> None:
    """What follows a name that has no address here."""
    raise OSError(errno.EACCES, "no address")


def tcp(family: int = 2) -> int:
    """A TCP socket, which plugins may have."""
    return c("socket", family, 1, 0)


def child(pid: int) -> int:
    """What follows a call that may have made a child: the child goes, the parent collects it."""
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def replaced(act: Any) -> None:
    """Make a call that, when it works, replaces the process: in a child, if there can be one."""
    try:
        pid = os.fork()
    except OSError:
        act()
        return
    if pid == 0:
        try:
            act()
        finally:
            os._exit(100)
    if os.waitpid(pid, 0)[1]:
        raise OSError(errno.EACCES, "refused in the child")


def spawned(program: str) -> None:
    """Start a program the way libraries do (vfork in libc)."""
    pid = ctypes.c_int()
    number = LIBC.posix_spawn(ctypes.byref(pid), program.encode(), None, None, argv(program), None)
    if number:
        raise OSError(number, "refused")
    os.waitpid(pid.value, 0)


def shell(command: str) -> None:
    """Run a command the way programs do that do not think about it."""
    if c("system", command):
        raise OSError(errno.EPERM, "refused")


def script() -> str:
    """A program of the plugin's own."""
    number = c("open", d("script"), O_RDWR_CREAT, 0o700)
    os.write(number, b"#!/bin/sh\n")
    os.close(number)
    return d("script")


def argv(*words: str) -> Any:
    return (ctypes.c_char_p * (len(words) + 1))(*(word.encode() for word in words), None)


def iovec(size: int = 8) -> Any:
    held = ctypes.create_string_buffer(size)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(held), size)
    vector.held = held  # type: ignore[attr-defined]  # keeps the buffer alive
    return vector


def removed(number: int, control: str) -> int:
    """Give back a System V object; its removal is not the point."""
    LIBC[control](number, 0, None) if control != "semctl" else LIBC.semctl(number, 0, 0)
    return number


def mapped(flags: int, number: int = -1, length: int = 4096) -> int:
    return checked(LIBC.mmap(None, ctypes.c_size_t(length), 3, flags, number, ctypes.c_long(0)))


def machine_code(code: bytes) -> int:
    """Run bytes as a function."""
    import mmap  # noqa: PLC0415 - for this alone

    page = mmap.mmap(
        -1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    )
    page.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


def set_id_file() -> None:
    """A program of one's own that others would run as its owner."""
    os.umask(0)
    number = opened_for_all(d("set-id"))
    os.write(number, b"#!/bin/sh\n")
    if not os.fstat(number).st_mode & 0o6000:
        raise OSError(errno.EPERM, "the bits went with the first byte")


def opened_for_all(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o6777)


def framed(kind: int, ident: int, body: bytes, blob: bytes = b"") -> bytes:
    """A frame of the protocol, honest or not."""
    return struct.pack("!B3xIII", kind, ident, len(body), len(blob)) + body + blob


def said(*frames: bytes) -> None:
    """Write to the lane on which the host listens, and wait for what comes of it."""
    for frame in frames:
        rest = memoryview(frame)
        while rest:
            rest = rest[os.write(4, rest) :]
    signal.pause()


def called(method: str, **params: Any) -> Any:
    """Call a service of the host by its name on the wire."""
    return T["context"].session_manager._transport.call(method, **params)


def spoken_to(path: str) -> int:
    """Connect to a socket that is a file."""
    return c("connect", c("socket", 1, 1, 0), b"\1\0" + path.encode() + b"\0", len(path) + 3)


class Runs:
    """Unpickled, it makes a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return open, (self._path, "w")


RETURNED: list[Any] = []


def returned(value: Any) -> None:
    """Return ``value`` to the host instead of an answer."""
    RETURNED.append(value)


def answer(code: str) -> Any:
    """Return "done", or the name of the error that the attempt met."""
    try:
        eval(code, globals())  # noqa: S307 - our own table
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except (MemoryError, RecursionError, LookupError, ValueError) as error:
        return type(error).__name__
    return RETURNED.pop() if RETURNED else "done"
