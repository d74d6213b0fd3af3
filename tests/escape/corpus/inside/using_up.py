"""Words for attempts that use something up: memory, disk, descriptors, threads, processors.

Each takes what it can get, up to a bound that does no harm where nothing stops it, gives it
back, and raises the error that it met. Without an error the attempt has worked.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import socket
import threading
import time

MIB = 1 << 20


def memory(total, piece=MIB, hold=0.0):
    """Touch ``total`` bytes of ordinary memory, ``piece`` at a time, and keep them ``hold`` seconds."""
    held = []
    try:
        for _ in range(total // piece):
            held.append(bytearray(piece))  # noqa: PERF401 - so that what was held is given back
        time.sleep(hold)
    finally:
        held.clear()


def grown(total):
    """Let one mapping grow by mremap and touch it."""
    with mmap.mmap(-1, MIB, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as page:
        page.resize(total)
        for at in range(0, total, 4096):
            page[at] = 1


def heap(total):
    """Move the program break."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sbrk.restype = ctypes.c_void_p
    if libc.sbrk(ctypes.c_long(total)) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "refused")
    libc.sbrk(ctypes.c_long(-total))


def descriptors(count):
    """Open ``count`` descriptors."""
    held = []
    try:
        for _ in range(count):
            held.append(os.open(os.devnull, os.O_RDONLY))  # noqa: PERF401 - as above
    finally:
        for number in held:
            os.close(number)


def descriptors_in_flight(count):
    """Hide ``count`` descriptors in the queues of sockets, where no limit of one process counts them."""
    ends = socket.socketpair()
    try:
        for _ in range(count // 16):
            socket.send_fds(ends[0], [b"x"], [ends[0].fileno()] * 16)
    finally:
        for end in ends:
            end.close()


def buffers(count):
    """Fill the buffers of ``count`` pairs of sockets."""
    held = []
    try:
        for _ in range(count):
            held += socket.socketpair()
            for end in held[-2:]:
                end.setblocking(False)
                fill(end)
    finally:
        for end in held:
            end.close()


def fill(end):
    try:
        while True:
            end.send(bytes(65536))
    except BlockingIOError:
        pass


def written(path, total):
    """Write one file of ``total`` bytes."""
    try:
        with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - as an attacker would
            for _ in range(total // MIB):
                while file.write(bytes(MIB)) < MIB:
                    pass
    finally:
        os.unlink(path)  # noqa: PTH108 - same


def sparse(path, total):
    """Make one file that says it has ``total`` bytes."""
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(number, total)
    finally:
        os.close(number)
        os.unlink(path)  # noqa: PTH108 - same


def files(folder, count, size, hold=0.0):
    """Make ``count`` files of ``size`` bytes each, and keep them for ``hold`` seconds."""
    made = []
    try:
        for number in range(count):
            made.append(f"{folder}/many-{os.getpid()}-{number}")
            with open(made[-1], "wb") as file:  # noqa: PTH123 - same
                file.write(bytes(size))
        time.sleep(hold)
    finally:
        for path in made:
            os.unlink(path)  # noqa: PTH108 - same


def threads(count):
    """Start ``count`` threads that live at the same time."""
    over = threading.Event()
    started = []
    try:
        for _ in range(count):
            thread = threading.Thread(target=over.wait)
            thread.start()
            started.append(thread)
    except RuntimeError as error:
        raise OSError(11, "no more threads") from error
    finally:
        over.set()
        for thread in started:
            thread.join()


def spin(seconds):
    """Use a processor for ``seconds``."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def spin_stubbornly(seconds):
    """Use a processor for ``seconds``, whatever is raised meanwhile."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        with contextlib.suppress(BaseException):
            spin(seconds)


def recurse(depth=0):
    """Call without end."""
    return recurse(depth + 1) + 1


def overflow():
    """Run over the end of the stack in C."""
    import sys  # noqa: PLC0415 - for this alone

    sys.setrecursionlimit(1 << 30)
    value = []
    for _ in range(1_000_000):
        value = [value]
    repr(value) and hash(repr(value))
    nested = eval("lambda f: f(f)")  # noqa: S307 - our own text
    nested(lambda f: list(map(f, [f])))


def crash(number):
    """Die of a signal."""
    ctypes.CDLL(None)["raise"](number)


def left_alone():
    """End the main thread alone, while another goes on that can be sent no signal but one."""
    everything = set(signal.valid_signals())

    def go_on():
        signal.pthread_sigmask(signal.SIG_BLOCK, everything)
        time.sleep(30)

    threading.Thread(target=go_on, daemon=True).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
