"""The program that Claude Code's hooks start: it hands one event to the yesman server, or does nothing.

What always holds: it prints nothing, takes at most :data:`SECONDS`, and ends with 0 whatever happens,
because an agent must not notice it; where no server of the same user listens, the event is lost, and
the agent's screen has to do. It sends a few named fields, never the files or texts that the agent works
on. Standard library and our frames only: it runs at every event, and Python's own start is most of its time.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from yesman.wire.credentials import peer
from yesman.wire.frames import FrameReader, Kind, pack
from yesman.wire.handshake import greeting

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS: Final = 1.5
MAX_INPUT: Final = 4 << 20
"""Bytes of one event; a tool that writes a file has the whole file in it."""
MAX_TEXT: Final = 16 << 10
"""Characters of one field; what is longer is not sent, because a part could look like the whole."""
MAX_ANCESTORS: Final = 16
_INPUTS: Final = {"command": "command", "file_path": "file", "notebook_path": "file", "url": "url"}


def main() -> int:
    """Deliver what is on stdin; always return 0."""
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        params = summary(json.loads(sys.stdin.buffer.read(MAX_INPUT + 1)))
        deliver(socket_path(os.environ), params | {"ancestors": ancestors(os.getpid())})
    except Exception:  # noqa: BLE001, S110 - the agent is not to be bothered, whatever it was
        pass
    return 0


def summary(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an event that the server wants, as ``agent.event`` takes them."""
    found: dict[str, Any] = {
        "event": payload["hook_event_name"],
        "tool": payload.get("tool_name"),
        "notification": payload.get("notification_type"),
        "reason": payload.get("reason"),
    }
    given = payload.get("tool_input")
    if isinstance(given, dict):
        found |= {ours: given[theirs] for theirs, ours in _INPUTS.items() if theirs in given}
        found["question"] = _first_question(given)
    kept = {key: value for key, value in found.items() if isinstance(value, str) and len(value) <= MAX_TEXT}
    dropped = any(isinstance(value, str) and key not in kept for key, value in found.items())
    return kept | {"agent": "claude", "cut": dropped}


def _first_question(given: Mapping[str, Any]) -> object:
    match given.get("questions"):
        case [{"question": question}, *_]:
            return question
    return None


def ancestors(pid: int) -> list[int]:
    """Return the process ids of our parent, its parent and so on; the agent is one of them."""
    found: list[int] = []
    while pid > 1 and len(found) < MAX_ANCESTORS:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib would double the time to import
            pid = int(file.read().rpartition(b") ")[2].split()[1])
        found.append(pid)
    return found


def socket_path(environment: Mapping[str, str]) -> str:
    """Return where the server listens: :attr:`yesman.model.home.Home.socket`, without importing pathlib."""
    root = environment.get("YESMAN_HOME") or os.path.join(environment.get("HOME") or "~", ".yesman")  # noqa: PTH118 - as above
    return os.path.join(os.path.abspath(os.path.expanduser(root)), "server.sock")  # noqa: PTH100, PTH111, PTH118 - as above


def deliver(path: str, params: dict[str, Any]) -> None:
    """Call ``agent.event`` and wait until the server has taken it, so that events stay in order.

    Raises:
        OSError: No server of ours listens there, or it went away.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(path)
        if peer(sock).uid != os.getuid():
            raise PermissionError(path)
        sock.sendall(pack(Kind.HELLO, 0, greeting()))
        sock.sendall(pack(Kind.CALL, 1, {"method": "agent.event", "params": params}))
        reader = FrameReader()
        while data := sock.recv(1 << 16):
            if any(frame.kind in {Kind.RESULT, Kind.FAILURE} for frame in reader.feed(data)):
                return


if __name__ == "__main__":
    sys.exit(main())
