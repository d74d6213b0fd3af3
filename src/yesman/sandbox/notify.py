"""The host's side of seccomp user notification: receive a call, check it still waits, answer it.

Sources: ``man 2 seccomp_unotify``; ``struct seccomp_notif`` and its ioctls in
``include/uapi/linux/seccomp.h``. Nothing here decides. CONTINUE (:func:`let_pass`) is only for calls
whose meaning is in their registers, or whose limits the kernel itself enforces: where a pointer
matters, the kernel would read the plugin's memory again, which may have changed meanwhile.
"""

from __future__ import annotations

import ctypes
import enum
import errno
import fcntl
import os
import select
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import socket

RECEIVE, SEND, ID_VALID = 0xC0502100, 0xC0182101, 0x40082102
CONTINUE = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE, Linux 5.5
OFFER_BYTES = 16
PIDFD_GETFD = 438  # the same number on both supported machines
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")
_RESPONSE = struct.Struct("=QqiI")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.process_vm_readv.restype = ctypes.c_ssize_t
_libc.syscall.restype = ctypes.c_long


class _Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Notification(NamedTuple):
    """One system call that waits for an answer.

    Attributes:
        id: The kernel's cookie.
        thread: Thread id of the caller, in our pid namespace.
        number: The system call.
        arguments: Its six registers.
    """

    id: int
    thread: int
    number: int
    arguments: tuple[int, ...]


class Ready(enum.Enum):
    """What a listener has to offer."""

    CALL = "a call waits"
    NOTHING = "it was interrupted meanwhile"
    OVER = "every process under the filter has ended"


def ready(listener: int) -> Ready:
    """Tell whether :func:`receive` would return at once.

    It blocks when nothing waits, whatever the descriptor's flags, and an event loop reports the
    end of the last process as "readable" too.
    """
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    events = dict(poller.poll(0)).get(listener, 0)
    if events & select.POLLIN:
        return Ready.CALL
    return Ready.OVER if events & (select.POLLHUP | select.POLLERR) else Ready.NOTHING


def receive(listener: int) -> Notification | None:
    """Take the next notification; None when its caller has been killed meanwhile."""
    buffer = bytearray(_NOTIFICATION.size)  # must be zero, or the kernel answers EINVAL
    try:
        fcntl.ioctl(listener, RECEIVE, buffer, True)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINTR):
            return None
        raise
    ident, thread, _, number, _, _, *arguments = _NOTIFICATION.unpack(buffer)
    return Notification(ident, thread, number, tuple(arguments))


def still_waits(listener: int, ident: int) -> bool:
    """Tell whether the caller still waits: what was read of it before this belongs to it."""
    try:
        fcntl.ioctl(listener, ID_VALID, struct.pack("=Q", ident))
    except OSError:
        return False
    return True


def answer(listener: int, ident: int, number: int) -> None:
    """Make the call fail with errno ``number``, or return 0 where that is 0; a dead caller is no error."""
    _send(listener, _RESPONSE.pack(ident, 0, -number, 0))


def let_pass(listener: int, ident: int) -> None:
    """Let the kernel carry out the call as if nobody had been asked; a dead caller is no error."""
    _send(listener, _RESPONSE.pack(ident, 0, 0, CONTINUE))


def _send(listener: int, response: bytes) -> None:
    try:
        fcntl.ioctl(listener, SEND, response)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise


def read_memory(pid: int, address: int, length: int) -> bytes:
    """Copy ``length`` bytes from another process, once (``process_vm_readv``).

    Raises:
        OSError: EFAULT and friends.
    """
    buffer = ctypes.create_string_buffer(length)
    ours = _Piece(ctypes.cast(buffer, ctypes.c_void_p), length)
    theirs = _Piece(ctypes.c_void_p(address), length)
    got = _libc.process_vm_readv(
        ctypes.c_int(pid), ctypes.byref(ours), ctypes.c_ulong(1), ctypes.byref(theirs), ctypes.c_ulong(1),
        ctypes.c_ulong(0),
    )  # fmt: skip
    if got < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return buffer.raw[:got]


def take_descriptor(pidfd: int, number: int) -> int:
    """Return our own duplicate of another process's descriptor (``pidfd_getfd``, Linux 5.6).

    Raises:
        OSError: EBADF when it has no such descriptor.
    """
    result: int = _libc.syscall(
        ctypes.c_long(PIDFD_GETFD), ctypes.c_int(pidfd), ctypes.c_int(number), ctypes.c_uint(0)
    )
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def take_listener(handover: socket.socket, pidfd: int) -> int | None:
    """Return our own duplicate of the listener that a child offers, and let it close its own.

    Args:
        handover: Where the child writes its listener's number; something has arrived on it.
        pidfd: The child, which has not run anything of the plugin yet and waits.

    Returns:
        None when the child has none to offer, or the kernel lets us have none (``ptrace_scope`` 2 and 3):
        then what the child asks about fails with ENOSYS. It waits for :func:`let_go` in any case.
    """
    offered = handover.recv(OFFER_BYTES)
    if not offered.isdigit():
        return None
    try:
        return take_descriptor(pidfd, int(offered))
    except OSError:
        return None


def let_go(handover: socket.socket) -> None:
    """Let the child at the other end go on; one that has ended meanwhile is no error."""
    with suppress(OSError):
        handover.send(b"G")
