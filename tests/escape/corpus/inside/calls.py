"""The words that every attempt is written with: calls of C and of the kernel, and paths.

They go past the refusals that explain themselves, so the answers are the kernel's.
"""

from __future__ import annotations

import ctypes
import errno
import os
from typing import Any

T: dict[str, Any] = {}
"""What there is to aim at (see ``corpus.scene``)."""
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
LIBC.mmap.restype = ctypes.c_void_p
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
