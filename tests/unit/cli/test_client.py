"""The connection to the server, against a server that a thread plays."""

import os
import socket

import pytest

from yesman import __version__
from yesman.cli.client import LONGEST_SOCKET_PATH, dial
from yesman.cli.failures import OtherVersionError, ServerGoneError
from yesman.model.errors import PlatformError, UsageError
from yesman.model.home import Home
from yesman.wire.credentials import peer
from yesman.wire.frames import PROTOCOL_VERSION, Kind

GREETING = {"protocol": PROTOCOL_VERSION, "version": __version__, "pid": 1}


def nothing(server):
    """End at once."""


def greet_with(played, value, kind=Kind.HELLO):
    with played(lambda server: (server.send(kind, 0, value), server.next()), greeted=False) as connection:
        connection.greet()


def test_the_kernel_says_who_is_there():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer(ours) == (os.getpid(), os.getuid())


def test_a_server_of_this_version_is_accepted(played):
    greet_with(played, GREETING)


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [
        ({**GREETING, "version": "0.10.0"}, Kind.HELLO),
        ({**GREETING, "protocol": 99}, Kind.HELLO),
        ({}, Kind.HELLO),
        ([], Kind.HELLO),
        (GREETING, Kind.EVENT),
    ],
)
def test_any_other_is_said_to_be_of_another_version(played, greeting, kind):
    with pytest.raises(OtherVersionError) as caught:
        greet_with(played, greeting, kind)
    assert "yesman server stop" in caught.value.next_step


def test_the_end_of_the_server_names_what_was_going_on(played):
    with played(lambda server: server.next()) as connection:
        connection.call("x", {}, "it counted")
        with pytest.raises(ServerGoneError, match="The server ended while it counted"):
            connection.next_frame()


def test_a_dead_server_is_noticed_when_something_is_sent(played):
    with played(nothing) as connection, pytest.raises(ServerGoneError):  # noqa: PT012 - the pipe takes some
        for _ in range(100):
            connection.call("x", {"text": "x" * 100_000}, "it counted")


def test_what_is_no_frame_is_a_fault_of_the_server(played):
    def script(server):
        server.next()
        server.socket.sendall(b"HTTP/1.1 400 Bad Request")

    with played(script) as connection:
        connection.call("x", {}, "it counted")
        with pytest.raises(PlatformError, match="cannot be read"):
            connection.next_frame()


@pytest.mark.parametrize(("value", "message"), [("\udcff", "not valid UTF-8"), ("x" * 300_000, "too long")])
def test_what_cannot_be_sent_is_the_users_to_change(played, value, message):
    with played(nothing) as connection, pytest.raises(UsageError, match=message):
        connection.call("session.send", {"text": value}, "it typed")


def test_no_server_is_no_error(tmp_path):
    assert dial(Home(tmp_path)) is None
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(tmp_path / "server.sock"))
    sock.close()
    assert dial(Home(tmp_path)) is None


def test_a_long_path_is_explained(tmp_path):
    with pytest.raises(PlatformError, match=f"longer than the {LONGEST_SOCKET_PATH} bytes"):
        dial(Home(tmp_path / ("x" * LONGEST_SOCKET_PATH)))


def test_a_file_in_the_way_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PlatformError, match="cannot be used"):
        dial(Home(tmp_path / "file"))
