"""The connection to the server: blocking, standard library only.

What always holds of a :class:`Connection`: the other end runs as the same user (the kernel
says so), speaks the same protocol and is of the same version; when it ends in the middle of
something, one sentence says what that was.
"""

from __future__ import annotations

import json
import os
import socket
from collections import deque
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Final

from yesman import __version__
from yesman.cli.failures import OtherVersionError, ServerGoneError
from yesman.model.errors import PlatformError, UsageError, VerificationError
from yesman.wire.credentials import peer
from yesman.wire.frames import Frame, FrameReader, Kind, ProtocolError, UnserialisableError, pack
from yesman.wire.handshake import SPOKEN, Spoken, common, greeting, spoken

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from yesman.model.home import Home

LONGEST_SOCKET_PATH: Final = 107
"""Bytes; ``sun_path`` of unix(7) without its closing zero."""
GREETING_SECONDS: Final = 10.0
STOPPING_SECONDS: Final = 15.0


class Connection:
    """An open socket to the server, and the frames that came in.

    Args:
        sock: Connected; closed by :meth:`close`.
        log: Where the server writes what happens to it, for messages.
        speaks: The protocols that we speak with it.

    Attributes:
        pid: The server's process.
        safe_mode: Whether no plugin runs there; known once greeted.
    """

    def __init__(self, sock: socket.socket, log: Path, speaks: Spoken = SPOKEN) -> None:
        self._speaks = speaks
        self._socket = sock
        self._log = log
        self._reader = FrameReader()
        self._frames: deque[Frame] = deque()
        self._calls = 0
        self.doing = "greeting this command"
        self.pid = peer(sock).pid
        self.safe_mode = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the server cancels what was still running."""
        self._socket.close()

    def hang_up(self) -> None:
        """End the conversation; whoever reads in another thread gets to know it at once."""
        with suppress(OSError):  # ended already
            self._socket.shutdown(socket.SHUT_RDWR)

    def fileno(self) -> int:
        """Return the socket's descriptor, to wait for."""
        return self._socket.fileno()

    def greet(self) -> None:
        """Exchange HELLO and check who is there.

        Raises:
            OtherVersionError: The server is of another version.
            PlatformError: It does not answer.
        """
        self.send(Kind.HELLO, 0, greeting(self._speaks))
        self._socket.settimeout(GREETING_SECONDS)
        try:
            hello = self.next_frame()
        except TimeoutError:
            message = f"The server (process {self.pid}) has not answered for {GREETING_SECONDS:g} seconds"
            raise PlatformError(message, f"Stop it: kill -9 {self.pid}") from None
        finally:
            self._socket.settimeout(None)
        self._check(hello)

    def _check(self, hello: Frame) -> None:
        body = body_of(hello)
        version = str(body.get("version", "of an unknown version"))
        try:
            theirs = spoken(body.get("protocol") if hello.kind is Kind.HELLO else None, body.get("oldest"))
        except ProtocolError as error:
            raise OtherVersionError(version, __version__) from error
        if common(self._speaks, theirs) is None:
            raise OtherVersionError(f"{version} ({theirs})", f"{__version__} ({self._speaks})")
        if version != __version__:
            raise OtherVersionError(version, __version__)
        self.safe_mode = body.get("safe_mode") is True

    def call(self, method: str, params: dict[str, Any], doing: str) -> int:
        """Send a request and return its id; ``doing`` completes "The server ended while …".

        Raises:
            UsageError: The parameters cannot be sent.
            ServerGoneError: There is no server any more.
        """
        self.doing = doing
        self._calls += 1
        self.send(Kind.CALL, self._calls, {"method": method, "params": params})
        return self._calls

    def send(self, kind: Kind, ident: int, value: Any = None, blob: bytes = b"") -> None:
        """Send one frame; raises as :meth:`call` does."""
        try:
            data = pack(kind, ident, value, blob)
        except UnserialisableError as error:
            reason = "is too long" if "too large" in str(error) else "is not valid UTF-8"
            raise UsageError(f"An argument or the current folder's name {reason}") from error
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ServerGoneError(self.doing, str(self._log)) from error

    def waiting(self) -> bool:
        """Tell whether :meth:`next_frame` returns at once."""
        return bool(self._frames)

    def receive(self) -> None:
        """Read what there is, waiting for the first byte.

        Raises:
            ServerGoneError: There is no server any more.
            PlatformError: It sent something that is no frame.
            TimeoutError: A time limit was set and has passed.
        """
        try:
            data = self._socket.recv(1 << 18)
        except TimeoutError:
            raise
        except OSError as error:
            raise ServerGoneError(self.doing, str(self._log)) from error
        if not data:
            raise ServerGoneError(self.doing, str(self._log))
        try:
            self._frames.extend(self._reader.feed(data))
        except ProtocolError as error:
            message = f"The server (process {self.pid}) sent something that cannot be read: {error}"
            raise PlatformError(message, "Restart it: yesman server stop") from error

    def next_frame(self) -> Frame:
        """Return the next frame; raises as :meth:`receive` does."""
        while not self._frames:
            self.receive()
        return self._frames.popleft()


def body_of(frame: Frame) -> dict[str, Any]:
    """Return the frame's body, or an empty one where it is no JSON object."""
    try:
        body = json.loads(frame.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def dial(home: Home) -> Connection | None:
    """Return a connection that was not greeted yet, or None when no server listens.

    Raises:
        PlatformError: The socket cannot be used at all.
        VerificationError: It is served by another user.
    """
    path = str(home.socket)
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        message = f"{path} is longer than the {LONGEST_SOCKET_PATH} bytes a socket's path may have"
        raise PlatformError(message, "Set YESMAN_HOME to a folder with a shorter path")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        sock.close()
        return None
    except OSError as error:
        sock.close()
        reason = error.strerror or str(error)
        raise PlatformError(
            f"{path} cannot be used: {reason}", "Set YESMAN_HOME to a folder of your own"
        ) from error
    uid = peer(sock).uid
    if uid != os.getuid():
        sock.close()
        message = f"{path} is served by the user with number {uid}, not by you"
        raise VerificationError(message, "Set YESMAN_HOME to a folder of your own")
    return Connection(sock, home.logs / "server.log")


def stop(connection: Connection) -> None:
    """End the server at the other end, whatever its version, and wait until its process is gone.

    Raises:
        PlatformError: It does not end.
    """
    import select  # noqa: PLC0415 - only to stop or restart
    import signal  # noqa: PLC0415 - same

    try:
        process = os.pidfd_open(connection.pid)
    except ProcessLookupError:
        return
    with open(process, "rb", buffering=0) as held, closing(connection):  # noqa: PTH123 - a descriptor
        signal.pidfd_send_signal(held.fileno(), signal.SIGTERM)
        poll = select.poll()
        poll.register(held, select.POLLIN)
        if not poll.poll(STOPPING_SECONDS * 1000):
            message = f"The server (process {connection.pid}) did not end within {STOPPING_SECONDS:g} seconds"
            raise PlatformError(message, f"Stop it: kill -9 {connection.pid}")
