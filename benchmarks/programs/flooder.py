"""A plugin that asks its host for more than anybody needs, in every way it has, until it is ended."""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import socket
import struct
import threading
from typing import Any

from yesman.plugins import IntegrationPlugin, PluginCommand

LIBC = ctypes.CDLL(None)
UP = 4
"""The lane to the host: what native code in a plugin finds just as well."""
HEADER = struct.Struct("!B3sIII")
CALL, STARTED, OUTPUT, LOG, REFUSED = 2, 3, 8, 9, 10
THREADS = 8
AT_ONCE = 32
"""Calls that are open at a time; an honest worker has no more."""


def frame(kind: int, ident: int, body: object, blob: bytes = b"") -> bytes:
    """Return one frame."""
    data = json.dumps(body, separators=(",", ":")).encode()
    return HEADER.pack(kind, b"\0\0\0", ident, len(data), len(blob)) + data + blob


def write_for_ever(descriptor: int, data: bytes) -> None:
    """Write ``data`` again and again, as fast as it is taken."""
    view = memoryview(data)
    while True:
        done = 0
        while done < len(data):
            done += os.write(descriptor, view[done:])


def natively(call: Any) -> None:
    """Make a system call millions of times without any Python: ``qsort`` compares with it."""
    size = 1_000_000
    LIBC.qsort(ctypes.create_string_buffer(size), ctypes.c_size_t(size), ctypes.c_size_t(1), call)


class Flooder(IntegrationPlugin):
    """One command; ``what`` names the flood."""

    def get_commands(self) -> list[PluginCommand]:
        """Return the command."""
        return [PluginCommand("COMMAND", "Floods.", self.flood)]

    def tick(self, _event: object) -> None:
        """Do nothing."""

    def flood(self, what: str, port: int = 0, threads: int = 1) -> None:
        """Flood in ``threads`` threads; returns only when there is no more to it."""
        others = [threading.Thread(target=getattr(self, what), args=(port,)) for _ in range(threads - 1)]
        for other in others:
            other.start()
        getattr(self, what)(port)

    def denied(self, _port: int) -> None:
        """Ask for what nobody may."""
        while True:
            LIBC.ptrace(0, 0, 0, 0)

    def denied_natively(self, _port: int) -> None:
        """Likewise, in native code."""
        while True:
            natively(LIBC.unshare)

    def printed_lines(self, _port: int) -> None:
        """Print short lines to the process's own output."""
        write_for_ever(2, b"x\n" * 32_768)

    def logged_lines(self, _port: int) -> None:
        """Log, as plugins do."""
        while True:
            self.context.logger.info("flood")

    def log_frames(self, _port: int) -> None:
        """Send log records in bulk."""
        write_for_ever(UP, frame(LOG, 0, {"level": 20, "message": "x"}) * 1_000)

    def long_logs(self, _port: int) -> None:
        """Send log records of very many lines each."""
        write_for_ever(UP, frame(LOG, 0, {"level": 20, "message": "\n" * 8_000}))

    def escaped_logs(self, _port: int) -> None:
        """Send log records that hold nothing but what must not reach a terminal."""
        rows = (
            frame(
                LOG,
                0,
                {
                    "level": 20,
                    "message": "".join(map(chr, range(0xE0000 + 80 * n, 0xE0000 + 80 * n + 80))) * 100,
                },
            )
            for n in range(8)
        )
        write_for_ever(UP, b"".join(rows))

    def service_calls(self, _port: int) -> None:
        """Call a service and wait for its answer."""
        while True:
            self.context.event_bus.publish("plugin.flooder.flood", {})

    def session_calls(self, _port: int) -> None:
        """Ask for the sessions: each time somebody has to ask tmux."""
        while True:
            self.context.session_manager.list_sessions()

    def call_frames(self, _port: int) -> None:
        """Send calls in bulk and read the answers."""
        lane = socket.socket(fileno=os.dup(UP))
        body = {"method": "net.port", "params": {"name": "https"}, "cause": 0}
        calls = b"".join(frame(CALL, 1 + number, body) for number in range(AT_ONCE))
        answer = len(frame(4, 1, 443))
        while True:
            lane.sendall(calls)
            lane.recv(AT_ONCE * answer, socket.MSG_WAITALL)

    def refused_frames(self, _port: int) -> None:
        """Tell of refusals in bulk."""
        rows = (frame(REFUSED, 0, {"what": f"call {number}", "count": 1}) for number in range(1_000))
        write_for_ever(UP, b"".join(rows))

    def started_frames(self, _port: int) -> None:
        """Say in bulk that a call has begun."""
        write_for_ever(UP, frame(STARTED, 1, None) * 4_000)

    def output_frames(self, _port: int) -> None:
        """Print single characters in bulk, for a call that has ended."""
        write_for_ever(UP, frame(OUTPUT, 1, {"stream": "out"}, b"x") * 2_000)

    def large_frames(self, _port: int) -> None:
        """Print four megabytes at a time, likewise."""
        write_for_ever(UP, frame(OUTPUT, 1, {"stream": "out"}, bytes(4 << 20)))

    def nested_calls(self, _port: int) -> None:
        """Call with as many nested values as a frame may hold."""
        lane = socket.socket(fileno=os.dup(UP))
        call = frame(CALL, 1, {"method": "net.port", "params": {"name": [[]] * 9_990}})
        while True:
            lane.sendall(call)
            lane.recv(65536)

    def printed(self, _port: int) -> None:
        """Print for a caller."""
        for number in itertools.count():
            print(number)

    def connects(self, port: int) -> None:
        """Connect and hang up."""
        while True:
            own = socket.socket()
            own.connect_ex(("127.0.0.1", port))
            own.close()

    def modes(self, _port: int) -> None:
        """Change the mode of an own folder."""
        own = os.environ["TMPDIR"].encode()
        while True:
            LIBC.chmod(own, 0o700)

    def modes_outside(self, _port: int) -> None:
        """Try to change that of somebody else's."""
        while True:
            LIBC.chmod(b"/etc", 0o700)

    def connects_natively(self, _port: int) -> None:
        """Connect in native code, with what happens to lie in the registers."""
        while True:
            natively(LIBC.connect)
