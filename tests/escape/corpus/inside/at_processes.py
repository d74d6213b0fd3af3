"""Words for attempts at processes and at the kernel."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import Any

from src.calls import LIBC, T, c, checked, s


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


def unlisted() -> None:
    """Make every call that the sandbox has no name for; ENOSYS when none of them did anything."""
    never_filtered = {335, 336}  # uretprobe and uprobe, which kill whoever calls them by hand
    for number in sorted(set(range(1024)) - {*T["numbers"].values(), *never_filtered}):
        try:
            s(number, -1, -1, -1, -1, -1, -1)
        except OSError as error:
            if error.errno != errno.ENOSYS:
                raise
        else:
            return
    raise OSError(errno.ENOSYS, "none of them did anything")
