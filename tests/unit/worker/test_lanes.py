"""An interrupt at whatever moment of a call to the host: the next call gets its answer."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections import deque
from contextlib import contextmanager, suppress

import pytest

from yesman.wire.frames import FrameReader, Kind, pack
from yesman.worker import lanes
from yesman.worker.lanes import UpLane
from yesman.worker.shield import Shield

WATCHED = {lanes.__file__, threading.__file__}


def answer(host: socket.socket) -> None:
    """Answer every call with its number, as the host does, until the plugin's end is closed."""
    reader = FrameReader()
    with suppress(OSError):
        while data := host.recv(65536):
            for frame in reader.feed(data):
                if frame.kind is Kind.CALL:
                    host.sendall(pack(Kind.RESULT, frame.id, json.loads(frame.body)["params"]["n"]))


@contextmanager
def interrupted(shield: Shield, moment: int, reached: list[int]):
    """Interrupt the block at the ``moment``-th event of the code that is watched."""
    reached[:] = [0]

    def trace(frame, _event, _argument):
        if frame.f_code.co_filename not in WATCHED:
            return None
        reached[0] += 1
        if reached[0] == moment:
            shield.interrupt()
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(None)


@pytest.fixture
def shield():
    return Shield()


@pytest.fixture
def up(shield):
    plugin, host = socket.socketpair()
    lane = UpLane(plugin.detach(), shield, deque())
    answering = threading.Thread(target=answer, args=(host,))
    answering.start()
    yield lane
    lane._socket.close()
    answering.join()
    host.close()


def called(up: UpLane, n: int, seconds: float = 5.0) -> object:
    """Return the answer to a call from another thread, or None when there is none in time."""
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(up.call("echo", n=n)), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


def test_a_call_interrupted_at_any_moment_leaves_the_lane_whole(up, shield):
    moment, reached, interrupts = 0, [0], 0
    while reached[0] >= moment:
        moment += 1
        try:
            with interrupted(shield, moment, reached):
                up.call("echo", n=-1)
        except KeyboardInterrupt:
            interrupts += 1
        shield.forget()
        assert called(up, moment) == moment, f"nobody was answered after an interrupt at moment {moment}"
        assert up.call("echo", n=moment) == moment
    assert interrupts == moment - 1 > 30
