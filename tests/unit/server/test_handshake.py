"""A command line and a server, older or newer than each other, over a real socket."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest

from yesman import __version__
from yesman.cli import client
from yesman.cli.failures import OtherVersionError
from yesman.model.home import Home
from yesman.server.connection import Connection
from yesman.wire.frames import PROTOCOL_VERSION, Kind, pack
from yesman.wire.handshake import SPOKEN, Spoken, greeting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


async def say_yes(request: Any) -> tuple[Any, bytes]:
    return f"{request.method}: yes", b""


@pytest.fixture
async def dialled() -> AsyncIterator[Callable[..., Any]]:
    """Connect to a server that speaks so much; what comes back is our end."""
    ends = []

    async def dial(speaks: Spoken = SPOKEN, **options: Any) -> socket.socket:
        ours, theirs = socket.socketpair()
        connection = Connection(say_yes, lambda _: None, speaks=speaks, **options)
        await asyncio.get_running_loop().create_connection(lambda: connection.protocol, sock=theirs)
        connection.greet()
        ends.append((ours, connection))
        return ours

    yield dial
    for ours, connection in ends:
        ours.close()
        connection.close()


def talk(sock: socket.socket, speaks: Spoken) -> Any:
    """Greet and call as the command line does; return the answer."""
    connection = client.Connection(sock, Home.of({"HOME": "/"}).logs / "server.log", speaks)
    connection.greet()
    connection.call("x", {}, "asking")
    return connection.next_frame().body


@pytest.mark.parametrize("ours", [Spoken(4, 2), Spoken(9, 4), Spoken(2, 1), Spoken(2, 2)])
async def test_a_command_line_and_a_server_that_both_speak_something_understand_each_other(dialled, ours):
    sock = await dialled(Spoken(4, 2))
    assert await asyncio.to_thread(talk, sock, ours) == b'"x: yes"'


@pytest.mark.parametrize("ours", [Spoken(1, 1), Spoken(9, 5)])
async def test_without_a_common_protocol_the_command_line_names_both_and_what_to_do(dialled, ours):
    sock = await dialled(Spoken(4, 2))
    with pytest.raises(OtherVersionError) as caught:
        await asyncio.to_thread(talk, sock, ours)
    assert f"yesman {__version__} (protocols 2 to 4), this command is" in caught.value.message
    assert f"{__version__} ({ours})" in caught.value.message
    assert "yesman server stop" in caught.value.next_step


async def first_answers(sock: socket.socket, hello: Any) -> bytes:
    """Return what a server sends after its HELLO to one who greets so and then calls."""
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, pack(Kind.HELLO, 0, hello) + pack(Kind.CALL, 1, {"method": "x"}))
    said = b""
    while b"yes" not in said:
        try:
            data = await loop.sock_recv(sock, 65_536)
        except ConnectionResetError:  # it hung up before it had read all
            break
        if not data:
            break
        said += data
    return said[len(pack(Kind.HELLO, 0, greeting())) :]


async def test_one_of_before_there_was_an_oldest_and_one_that_says_more_are_answered(dialled):
    plain = {"protocol": PROTOCOL_VERSION, "version": "0.1", "pid": 1}
    assert b"x: yes" in await first_answers(await dialled(), plain)
    assert b"x: yes" in await first_answers(await dialled(), plain | {"motto": ["later"], "oldest": 1})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"protocol": PROTOCOL_VERSION + 1}, f"update this yesman ({__version__})"),
        ({"protocol": 0}, "names no protocols"),
        ({"oldest": PROTOCOL_VERSION + 1}, "names no protocols"),
        ({"protocol": "1"}, "malformed"),
    ],
)
async def test_any_other_is_hung_up_on_and_the_log_says_why(dialled, caplog, wrong, said):
    hello = {"protocol": PROTOCOL_VERSION, "version": "0.99", "pid": 1} | wrong
    with caplog.at_level(logging.WARNING, "yesman.server"):
        assert await first_answers(await dialled(), hello) == b""
    assert said in caplog.text


async def test_a_servers_hello_says_what_it_speaks(dialled):
    sock = await dialled(Spoken(4, 2), safe_mode=True)
    frame = await asyncio.to_thread(sock.recv, 65_536)
    assert b'"protocol":4' in frame
    assert b'"oldest":2' in frame
    assert b'"safe_mode":true' in frame
