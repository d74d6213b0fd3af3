"""A debugger as editors use it stops in a plugin, over a connection that the plugin was granted.

Needs the package index, for debugpy. The plugin connects to the editor, since it may not listen.
"""

from __future__ import annotations

import json
import re
import socket

import pytest
from hosted.index import through_index

DEBUGGED = """
import debugpy
debugpy.connect(("127.0.0.1", int(arg)))
debugpy.wait_for_client()
answer = 41
debugpy.breakpoint()
return answer
"""
STEPS = {
    "response initialize": ("attach", {}),
    "event initialized": ("configurationDone", {}),
    "event stopped": ("stackTrace", {"threadId": 1}),
}


class Editor:
    """The editor's side of the Debug Adapter Protocol, as far as one breakpoint needs it."""

    def __init__(self, listening: socket.socket) -> None:
        self._connection, _ = listening.accept()
        self._connection.settimeout(60)
        self._file = self._connection.makefile("rwb")
        self._sent = 0

    def send(self, command: str, arguments: dict[str, object]) -> None:
        self._sent += 1
        message = {"seq": self._sent, "type": "request", "command": command, "arguments": arguments}
        data = json.dumps(message).encode()
        self._file.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._file.flush()

    def receive(self) -> dict[str, object]:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._file.readline()
        (length,) = re.findall(rb"Content-Length: (\d+)", head)
        return json.loads(self._file.read(int(length)))

    def stop_once(self) -> list[str]:
        """Attach, wait until it stops, let it go on, and return the functions on the stack."""
        self.send("initialize", {"adapterID": "test", "pathFormat": "path"})
        while True:
            message = self.receive()
            what = f"{message['type']} {message.get('command') or message.get('event')}"
            if what in STEPS:
                self.send(*STEPS[what])
            if what == "response stackTrace":
                self.send("continue", {"threadId": 1})
                return [frame["name"] for frame in message["body"]["stackFrames"]]

    def close(self) -> None:
        self._file.close()
        self._connection.close()


@pytest.fixture
def environ(environ):
    return through_index(environ)


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as found:
        found.settimeout(60)
        yield found


def test_an_editor_stops_in_a_plugin(server, plugins, listening):
    port = listening.getsockname()[1]
    folder = plugins.make(commands={"debugged": DEBUGGED}, permissions=[f"network.internal:127.0.0.1:{port}"])
    (folder / "requirements.txt").write_text("debugpy\n")
    server.install(folder, link=True)
    running = server.begin("demo", "debugged", str(port))
    editor = Editor(listening)
    assert editor.stop_once()[0] == "c0"
    assert running.value() == 41
    editor.close()
