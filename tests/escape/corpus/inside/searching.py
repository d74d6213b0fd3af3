"""Words for attempts that look for what others left: in memory, in folders that were inherited.

What is looked for is never spelt here, or the search would find itself.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re

PIECE = 65536


def found_in_memory(pattern):
    """Look for ``pattern`` in the heap and around it; raises ENOENT when it is nowhere."""
    looked_for = re.compile(pattern.encode())
    for piece in memory_of_this_process():
        if looked_for.search(piece):
            return
    raise OSError(errno.ENOENT, "it is nowhere in memory")


def memory_of_this_process():
    """Read what is mapped near the heap and the interpreter's objects.

    Memory that is not mapped makes ``write`` fail with EFAULT, so nothing dies of looking.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sbrk.restype = ctypes.c_void_p
    libc.write.restype = ctypes.c_ssize_t
    libc.write.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
    top = libc.sbrk(ctypes.c_long(0))
    around = id(object())
    for low, high in ((top - (48 << 20), top), (around - (32 << 20), around + (32 << 20))):
        at = low & ~4095
        while at < high:
            size = libc.write(writer, at, PIECE)
            if size > 0:
                yield os.read(reader, PIECE)
            at += max(size, 4096) if size > 0 else 4096
    os.close(reader)
    os.close(writer)


def noted(path):
    """What code that ran earlier wrote down about its own attempt; ENOENT when it never ran."""
    with open(path) as file:  # noqa: PTH123 - plain
        answer = file.read()
    if answer != "done":
        raise OSError(getattr(errno, answer), "refused")


def imported(name):
    """Import a module that attempts something on import; ENOENT when another of that name came."""
    answer = getattr(__import__(name), "ANSWER", "ENOENT")
    if answer != "done":
        raise OSError(getattr(errno, answer), "refused")
