"""A download over TLS ends with the grant, in the middle and wherever the socket was hidden.

The real server and the real command line; only the addresses lead to a server on loopback, which
sees when the last descriptor of a connection is gone: what is sent then is refused.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

WITHIN_SECONDS = 0.25
HOST, OTHER = "api.example.test", "other.example.test"
GRANT = f"network.external:{HOST}:443"
TOP = """
import array, socket, ssl, threading
context = ssl.create_default_context(cadata={authority!r})

def download():
    connection = context.wrap_socket(socket.create_connection(({host!r}, 443)), server_hostname={host!r})
    connection.sendall(b"GET")
    return connection

def attempt(host, port):
    try:
        socket.create_connection((host, port), 10).close()
        return "connected"
    except PermissionError:
        return "refused"
"""
HIDDEN = {
    "plainly": """
connection = download()
while True:
    connection.recv(65536)
""",
    "in duplicates": """
connection = download()
copies = [os.dup(connection.fileno()) for _ in range(20)]
connection.detach()
while True:
    os.read(copies[-1], 65536)
""",
    "in threads that stop for nothing": """
number = download().detach()
def read():
    while True:
        try:
            os.read(number, 65536)
        except BaseException:
            pass
for _ in range(4):
    threading.Thread(target=read, daemon=True).start()
while True:
    try:
        time.sleep(3600)
    except BaseException:
        pass
""",
    "in flight between two sockets": """
connection = download()
number = connection.detach()
ours, theirs = socket.socketpair()
while True:
    os.read(number, 65536)
    ours.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]))])
    os.close(number)  # from here on it is in flight and nowhere else
    time.sleep(0.02)
    _, extra, _, _ = theirs.recvmsg(1, socket.CMSG_SPACE(4))
    number = array.array("i", extra[0][2])[0]
""",
    "in flight inside what is in flight": """
connection = download()
number = connection.detach()
def hide(number):
    ours, theirs = socket.socketpair()
    ours.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]))])
    os.close(number)
    ours.close()
    return theirs.detach()
outer = hide(hide(hide(number)))
self.note("hidden")
time.sleep(3600)
""",
}


class Stream:
    """A TLS server that sends without end, and knows how many of its connections live."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.sent = 0
        self.alive = 0
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,)).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), self._context.wrap_socket(client, server_side=True) as connection:
            connection.recv(3)
            self.alive += 1
            try:
                while True:
                    self.sent += connection.send(bytes(16_384))
            finally:
                self.alive -= 1

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def stream(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST, OTHER).configure_cert(context)
    made = Stream(context)
    yield made
    made.close()


@pytest.fixture
def server(cold, stream):
    """The server whose public addresses lead to ``stream``, both names and any port alike."""
    rows = [
        f"{HOST}=93.184.216.34:443={stream.port}",
        f"{HOST}=93.184.216.34:80={stream.port}",
        f"{OTHER}=93.184.216.35:443={stream.port}",
    ]
    cold.program = (str(Path(__file__).with_name("leading_server.py")), *rows)
    assert cold.start() is None
    return cold


@pytest.fixture
def install(server, plugins, authority):
    def install(body, *permissions):
        top = TOP.format(authority=authority.cert_pem.bytes().decode(), host=HOST)
        server.install(plugins.make(top=top, commands={"go": body}, permissions=list(permissions)))

    return install


def test_only_what_was_granted_is_reached(server, install):
    targets = [(HOST, 443), (HOST, 80), (OTHER, 443), ("93.184.216.35", 443), ("127.0.0.1", 443)]
    install(f"return [attempt(*target) for target in {targets}]", GRANT)
    assert server.value("demo", "go") == ["connected", *["refused"] * 4]


def test_the_same_plugin_with_more_grants_reaches_more(server, install):
    """The control: what was refused above was there to be reached."""
    install(f"return [attempt({HOST!r}, 80), attempt({OTHER!r}, 443)]", "network.external")
    assert server.value("demo", "go") == ["connected", "connected"]


@pytest.mark.parametrize("how", HIDDEN)
def test_a_download_ends_with_the_grant(server, install, stream, until, how):
    install(HIDDEN[how], GRANT)
    running = server.begin("demo", "go")
    notes = server.data("demo") / "notes"
    until(lambda: stream.alive == 1 and (notes.exists() if "inside" in how else stream.sent > 10_000_000))
    pid = server.plugin_pid()
    assert server.yesman("plugin", "revoke", "demo", GRANT).returncode == 0
    until(lambda: not Path(f"/proc/{pid}").exists() and stream.alive == 0, WITHIN_SECONDS)
    failure = running.failure()
    assert (failure["kind"], failure["exit_code"]) == ("permission", 3)
    assert f"its permission '{GRANT}' was revoked" in failure["message"]
    again = server.explained(server.run("demo", "go"))
    assert again["next_step"] == f"To allow it: yesman plugin grant demo {GRANT}"


def test_a_download_goes_on_when_another_grant_is_revoked(server, install, stream, until):
    """The control: a connection does not end by itself; what ends it is that its own grant is taken."""
    install(HIDDEN["plainly"], GRANT, "session.read")
    running = server.begin("demo", "go")
    until(lambda: stream.sent > 10_000_000)
    assert server.yesman("plugin", "revoke", "demo", "session.read").returncode == 0
    seen = stream.sent
    until(lambda: stream.sent > seen + 10_000_000)
    assert stream.alive == 1
    server.call("plugin.revoke", name="demo", permissions=None)
    assert running.failure()["kind"] == "permission"
