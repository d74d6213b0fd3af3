"""What the host takes out of a process whose system call waits: a path, a descriptor, its folder.

Nothing here decides. What was taken is the caller's own only if the call still waits *afterwards*
(``yesman.sandbox.notify.still_waits``): only then was the number of the thread not given to another.
"""

from __future__ import annotations

import errno
import os

from yesman.runtime.starting import process_of
from yesman.sandbox import notify

PATH_MAX = 4096
"""Bytes of a path with its NUL; the kernel takes no more either."""
PAGE = 4096
"""Memory is there or not by pages of this size, or of multiples."""


def path(thread: int, pointer: int) -> bytes:
    """Copy a path out of the caller's memory, each byte once, and nothing of the page behind its end.

    Raises:
        OSError: EFAULT for memory that is not there, ENAMETOOLONG without an end.
    """
    text = b""
    while len(text) < PATH_MAX:
        at = pointer + len(text)
        piece = notify.read_memory(thread, at, min(PATH_MAX - len(text), PAGE - at % PAGE))
        if not piece:
            raise OSError(errno.EFAULT, os.strerror(errno.EFAULT))
        head, end, _ = piece.partition(b"\0")
        text += head
        if end:
            return text
    raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def memory(thread: int, pointer: int, length: int) -> bytes:
    """Copy exactly ``length`` bytes.

    Raises:
        OSError: EFAULT.
    """
    data = notify.read_memory(thread, pointer, length)
    if len(data) != length:
        raise OSError(errno.EFAULT, os.strerror(errno.EFAULT))
    return data


def descriptor(thread: int, number: int) -> int:
    """Return our duplicate of descriptor ``number`` of the process that ``thread`` belongs to.

    Raises:
        OSError: EBADF when it has no such descriptor, ESRCH when it is gone.
    """
    pidfd = os.pidfd_open(process_of(thread))
    try:
        return notify.take_descriptor(pidfd, number)
    finally:
        os.close(pidfd)


def folder(thread: int) -> int:
    """Return a handle of the folder that relative paths of ``thread`` start from.

    Raises:
        OSError: It is gone.
    """
    return os.open(f"/proc/{thread}/cwd", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
