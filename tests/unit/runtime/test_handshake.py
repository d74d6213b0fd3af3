"""The first word between host and worker: which protocol, whatever else is said beside it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from yesman.runtime.pacing import Share
from yesman.runtime.peer import Peer
from yesman.wire.frames import PROTOCOL_VERSION, Kind, ProtocolError, pack
from yesman.wire.handshake import SPOKEN, IncompatibleError, Spoken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

HELLO = {"protocol": PROTOCOL_VERSION, "version": "0.11.0", "pid": 1}


class Nobody:
    """Services that nobody asks for anything."""

    async def serve(self, method: str, _params: dict[str, Any], _cause: Any) -> tuple[Any, bytes]:
        raise AssertionError(method)


@pytest.fixture
async def say() -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Say a HELLO to a host that speaks so much; what came of it: the protocol chosen, or the strike."""
    pairs: list[tuple[socket.socket, socket.socket]] = []
    peers: list[Peer] = []

    async def hear(hello: Any, speaks: Spoken = SPOKEN) -> Any:
        ended: asyncio.Future[ProtocolError | None] = asyncio.get_running_loop().create_future()
        peer = Peer("demo", Nobody(), lambda *_: None, ended.set_result, share=Share(1, 1), speaks=speaks)
        peers.append(peer)
        down, up = socket.socketpair(), socket.socketpair()
        pairs.extend((down, up))
        await peer.connect(down[0], up[0])
        up[1].sendall(pack(Kind.HELLO, 0, hello))
        taken = asyncio.ensure_future(peer.greeted())
        await asyncio.wait({taken, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            await asyncio.wait({taken})
            assert isinstance(taken.exception(), ConnectionError)
            return ended.result()
        return taken.result()

    yield hear
    for peer in peers:
        peer.close()
    for _, theirs in pairs:
        theirs.close()


@pytest.mark.parametrize("version", ["0.11.0", "0.12.3", "9.0"])
async def test_a_worker_of_another_version_that_speaks_the_same_protocol_is_welcome(say, version):
    assert await say(HELLO | {"version": version}) == PROTOCOL_VERSION


async def test_a_worker_that_says_more_than_we_know_is_welcome(say):
    assert await say(HELLO | {"features": ["later"], "motto": {"a": [1]}}) == PROTOCOL_VERSION


@pytest.mark.parametrize(
    ("newest", "oldest", "chosen"), [(9, 1, 4), (4, 4, 4), (3, 3, 3), (3, 1, 3), (2, 1, 2), (2, None, 2)]
)
async def test_an_older_and_a_newer_worker_are_spoken_to_in_what_both_know(say, newest, oldest, chosen):
    hello = HELLO | {"protocol": newest} | ({"oldest": oldest} if oldest else {})
    assert await say(hello, Spoken(4, 2)) == chosen


@pytest.mark.parametrize(("newest", "oldest"), [(1, None), (1, 1), (9, 5), (9, None)])
async def test_a_worker_that_speaks_nothing_in_common_is_told_from_one_that_lies(say, newest, oldest):
    end = await say(HELLO | {"protocol": newest, "oldest": oldest}, Spoken(4, 2))
    assert isinstance(end, IncompatibleError)
    assert "'0.11.0'" in str(end)


NONSENSE = [
    *({"protocol": value} for value in (0, -1, 2**40, "1", None, True, [1])),
    *({"oldest": value} for value in (0, -1, PROTOCOL_VERSION + 1, "1", 2**70)),
    {"version": 1},
    {"pid": "x"},
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=str)
async def test_nonsense_is_a_strike(say, wrong):
    end = await say(HELLO | wrong)
    assert isinstance(end, ProtocolError)
    assert not isinstance(end, IncompatibleError)


@pytest.mark.parametrize("body", [[], {}, None, "1", {"protocol": 1}])
async def test_a_hello_of_another_shape_is_a_strike(say, body):
    assert isinstance(await say(body), ProtocolError)
