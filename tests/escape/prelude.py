"""What the attempts are written with; runs inside a plugin and, for comparison, without a sandbox.

Standard library only. Attempts call C directly, past the refusals that explain themselves, so
the answers are the kernel's. ``T`` is filled with what there is to aim at (see ``conftest.py``).
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
from typing import Any

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


def address() -> bytes:
    """A sockaddr_in of a port that listens."""
    return struct.pack("=H", 2) + struct.pack("!H", T["port"]) + bytes([127, 0, 0, 1]) + bytes(8)


def address_in_v6() -> bytes:
    """The same port in a sockaddr_in6, as a v4-mapped address."""
    there = bytes(10) + b"\xff\xff" + bytes([127, 0, 0, 1])
    return struct.pack("=H", 10) + struct.pack("!HI", T["port"], 0) + there + bytes(4)


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


def answer(code: str) -> str:
    """Return "done" or the name of the error the kernel gave."""
    try:
        eval(code, globals())  # noqa: S307 - our own table
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def control(code: str) -> str:
    """Like :func:`answer`, in a child of its own; "SIG…" if that was the end of it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, answer(code).encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 64).decode()
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else said
