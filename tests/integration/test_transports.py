"""Sockets given to the loop that servers have: closed or cancelled at any moment, nothing else is hurt."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys

import pytest

from yesman.runtime.framing import FrameConnection
from yesman.transports import give

COMMON = """
import asyncio, os, socket, sys, uvloop
from yesman.runtime.framing import FrameConnection
from yesman.transports import give

async def naive(sock, protocol):
    sock.setblocking(False)
    await asyncio.get_running_loop().create_connection(lambda: protocol, sock=sock)

def opened():
    return sorted(os.listdir("/proc/self/fd"))

async def once(give, turns, spoil):
    ours, theirs = socket.socketpair()
    connection = FrameConnection(lambda frame: None, lambda strike: None)
    giving = asyncio.ensure_future(give(ours, connection))
    for _ in range(turns):
        await asyncio.sleep(0)
    spoil(giving, connection, ours)
    mine = [socket.socketpair() for _ in range(3)]  # whose numbers nobody else may close
    await asyncio.sleep(0.002)
    await asyncio.gather(giving, return_exceptions=True)
    connection.abort()
    await asyncio.sleep(0.002)
    for pair in mine:
        pair[0].send(b"x"), pair[1].recv(1), pair[0].close(), pair[1].close()
    ours.close(), theirs.close()

def closed(giving, connection, ours):
    connection.abort()
    ours.close()

def cancelled(giving, connection, ours):
    giving.cancel()
    closed(giving, connection, ours)

async def main(give):
    await once(give, 9, closed)
    before = opened()
    for spoil in (closed, cancelled):
        for turns in range(8):
            await once(give, turns, spoil)
    assert opened() == before, (before, opened())
    print("alive")
"""


def run(giving):
    program = [sys.executable, "-W", "error", "-c", f"{COMMON}\nuvloop.run(main({giving}))"]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)


def test_whoever_closes_or_cancels_meanwhile_hurts_nobody():
    done = run("give")
    assert (done.stdout, done.stderr, done.returncode) == ("alive\n", "", 0)


def test_control_without_it_the_process_ends_or_loses_somebody_elses_descriptor():
    done = run("naive")
    assert done.returncode in {-signal.SIGABRT, 1}, done


@pytest.mark.parametrize("moment", range(4))
async def test_a_connection_that_is_aborted_before_it_is_made_is_closed(moment):
    ours, theirs = socket.socketpair()
    gone = asyncio.Event()
    connection = FrameConnection(lambda _: None, lambda _: gone.set())
    giving = asyncio.ensure_future(give(ours, connection))
    for _ in range(moment):
        await asyncio.sleep(0)
    connection.abort()
    await giving
    await asyncio.wait_for(gone.wait(), 20)
    with theirs:
        assert theirs.recv(1) == b""
