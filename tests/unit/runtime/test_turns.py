"""Who sends too much is heard later: everything arrives, in order, and others are heard meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket

import pytest

from yesman.runtime.diagnostics import read_lines
from yesman.runtime.framing import FrameConnection
from yesman.runtime.pacing import TURN_SECONDS, Share
from yesman.wire.frames import Kind, ProtocolError, pack

FRAMES = 300


class Line:
    """A connection whose every frame costs as much as a whole turn."""

    def __init__(self, rate: float = 1e6) -> None:
        self.worked = 0.0
        self.share = Share(rate, TURN_SECONDS, spent=lambda: self.worked)
        self.heard: list[int] = []
        self.ended: asyncio.Future[ProtocolError | None] = asyncio.get_running_loop().create_future()
        self.connection = FrameConnection(self._on_frame, self.ended.set_result, self.share)
        ours, self.theirs = socket.socketpair()
        self._ours = ours

    async def open(self) -> Line:
        await asyncio.get_running_loop().create_connection(lambda: self.connection, sock=self._ours)
        return self

    def _on_frame(self, frame) -> None:
        self.worked += 1.1 * TURN_SECONDS
        self.heard.append(frame.id)
        if frame.kind is Kind.CANCEL:
            raise ProtocolError("not that")

    def say(self, first: int, count: int, kind: Kind = Kind.LOG) -> None:
        self.theirs.sendall(b"".join(pack(kind, number, {}) for number in range(first, first + count)))

    def close(self) -> None:
        self.connection.abort()
        self.theirs.close()


@pytest.fixture
async def line():
    made = await Line().open()
    yield made
    made.close()


async def until(met):
    async with asyncio.timeout(20):
        while not met():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0)


async def test_every_frame_is_heard_in_order_one_turn_at_a_time(line):
    line.say(0, FRAMES)
    most, before = 0, 0
    while len(line.heard) < FRAMES:
        await asyncio.sleep(0)
        most, before = max(most, len(line.heard) - before), len(line.heard)
    assert line.heard == list(range(FRAMES))
    assert most == 1, "others had their turn after each"


async def test_whoever_has_spent_its_share_is_not_read():
    line = await Line(rate=1e-6).open()
    line.say(0, FRAMES)
    await until(lambda: line.heard)
    line.theirs.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(10_000):
            line.theirs.send(bytes(65536))
            await asyncio.sleep(0)
    poll = select.poll()
    poll.register(line.theirs, select.POLLOUT)
    assert poll.poll(0) == [], "it would have to wait"
    assert len(line.heard) == 1
    line.close()


async def test_a_pause_of_the_owners_holds_what_has_arrived_too(line):
    line.say(0, 1)
    await until(lambda: line.heard)
    line.connection.pause_reading()
    line.say(1, 20)
    for _ in range(100):
        await asyncio.sleep(0)
    assert line.heard == [0]
    line.connection.resume_reading()
    await until(lambda: len(line.heard) == 21)
    assert line.heard == list(range(21))


async def test_nothing_is_heard_after_a_broken_rule(line):
    line.say(0, 10)
    line.say(10, 1, Kind.CANCEL)
    line.say(11, 100)
    assert str(await line.ended) == "not that"
    for _ in range(10):
        await asyncio.sleep(0)
    assert line.heard == list(range(11))


async def test_printed_lines_all_arrive_though_their_share_is_small():
    reading, writing = os.pipe()
    taken: list[str] = []
    wrote = "".join(f"{number}\n" for number in range(5_000)) + "end"
    worked = iter(range(1_000_000))
    share = Share(1e4, 0.5, spent=lambda: next(worked))
    read_lines(reading, taken.append, share)
    os.write(writing, wrote.encode())
    os.close(writing)
    await until(lambda: taken and taken[-1] == "end")
    assert "\n".join(taken) == wrote


async def test_a_line_without_end_is_cut_and_loses_nothing():
    reading, writing = os.pipe()
    taken: list[str] = []
    read_lines(reading, taken.append, Share(1, 1))
    os.write(writing, b"x" * 40_000)
    os.write(writing, b"\n\ny\n")
    os.close(writing)
    await until(lambda: taken and taken[-1].endswith("y"))
    assert "".join(taken).replace("\n", "") == "x" * 40_000 + "y"
