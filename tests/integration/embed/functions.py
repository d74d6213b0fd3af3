"""Functions that the tests of embedding run in the sandbox: honest ones and attacks."""

import asyncio
import ctypes
import functools
import os
import socket
import sys
import threading
import time
from pathlib import Path

SEEN: list[int] = []


def add(a, b=1):
    return a + b


async def add_later(a, b=1):
    await asyncio.sleep(0.001)
    return a + b


def remember(value):
    SEEN.append(value)
    return SEEN


def same(value):
    return value


class Holder:
    """Holds functions."""

    @staticmethod
    def plain(value):
        return value

    def method(self):
        return "method"


class OwnError(LookupError):
    """Known only to this file."""


def fail(name):
    errors = {
        "value": ValueError("so not."),
        "own": OwnError("mine"),
        "plain": Exception("plain"),
        "unicode": UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
        "group": ExceptionGroup("several", [ValueError("a")]),
        "stop": StopAsyncIteration("stop"),
        "exit": SystemExit("enough"),
        "key": KeyError("missing"),
    }
    raise errors[name]


def returns(name):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    values = {"a set": {1}, "not a number": float("nan"), "large": "x" * 5_000_000, "deep": deep}
    values["many"] = [[] for _ in range(500_000)]
    return values[name]


def grow():
    taken = []
    while True:
        taken.append(bytes(1000))


def sleep(seconds):
    time.sleep(seconds)


def spin():
    while True:
        pass


def spin_in_threads():
    for _ in range(2):
        threading.Thread(target=spin, daemon=True).start()
    time.sleep(60)


def crash():
    ctypes.string_at(0)


def read(path):
    return Path(path).read_text(encoding="utf-8")


def write(path):
    Path(path).write_text("changed", encoding="utf-8")


def scratch():
    Path("kept").write_text("x", encoding="utf-8")
    nested = Path(os.environ["TMPDIR"], "a")
    nested.mkdir()
    (nested / "link").symlink_to("/")
    return [str(Path.cwd()), os.environ["TMPDIR"]]


def connect(port):
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def fork():
    return os.fork()


def execute():
    os.execv("/bin/true", ["true"])  # noqa: S606 - it is an attack


def environment():
    return dict(os.environ)


def niceness():
    return os.getpriority(os.PRIO_PROCESS, 0)


def descriptors():
    found = {}
    for number in range(256):
        try:
            data = os.pread(number, 100, 0)
        except OSError as error:
            if error.strerror != "Bad file descriptor":
                found[str(number)] = ""
        else:
            found[str(number)] = data.decode(errors="replace")
    return found


def peek(pid, address, size):
    """Read another process's memory in every way there is; return what came of it."""
    came = []
    for path in (f"/proc/{pid}/mem", f"/proc/{pid}/environ", f"/proc/{pid}/fd"):
        try:
            came.append(
                str(list(Path(path).iterdir())) if path.endswith("fd") else Path(path).read_bytes().hex()
            )
        except OSError:
            came.append("")
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(size)
    vectors = [(ctypes.c_size_t * 2)(ctypes.addressof(buffer), size), (ctypes.c_size_t * 2)(address, size)]
    copied = libc.process_vm_readv(pid, vectors[0], 1, vectors[1], 1, 0)
    return [*came, buffer.raw.hex() if copied > 0 else ""]


def flood():
    line = "x" * 1000
    while True:
        print(line)  # noqa: T201 - it is an attack
        sys.stderr.write(line)


def open_many():
    taken = []
    while True:
        taken.append(open("/dev/null"))  # noqa: PTH123, SIM115 - descriptors are the point


def stop_not():
    while True:
        try:
            while True:
                time.sleep(0.01)
        except BaseException:  # noqa: BLE001, S112 - it is an attack
            continue


@functools.cache
def cached():
    return "cached"


def wrapped(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args) + 1

    return inner


@wrapped
def decorated(value):
    return value
