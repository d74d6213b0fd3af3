"""The program that the agent's hooks start: it delivers, or it is not noticed."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from yesman.agents.event import MAX_INPUT, SECONDS

PROGRAM = [sys.executable, "-I", "-m", "yesman.agents.event"]
STOP = json.dumps({"hook_event_name": "Stop"})


async def run(given, home):
    """Run it as an agent does; return exit code and everything it printed."""
    environment = {"PATH": os.environ["PATH"], "YESMAN_HOME": str(home)}
    ran = await asyncio.to_thread(
        subprocess.run,
        PROGRAM,
        input=given.encode(),
        env=environment,
        capture_output=True,
        timeout=30,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "given",
    ["", "{", "[]", "null", "1", '{"hook_event_name": 1}', "[" * 100_000, STOP + " " * (MAX_INPUT + 1)],
)
async def test_whatever_it_reads_it_ends_well_and_says_nothing(listening, given):
    assert await run(given, listening.folder) == (0, b"")


async def test_without_a_server_it_ends_well(tmp_path):
    assert await run(STOP, tmp_path) == (0, b"")
    assert await run(STOP, tmp_path / ("x" * 200)) == (0, b"")


async def test_what_the_server_gets_names_the_event_and_our_parents(listening):
    heard = []

    async def answer(request):
        heard.append(request.params)
        return None, b""

    listening.answer = answer
    assert await run(STOP, listening.folder) == (0, b"")
    (params,) = heard
    assert (params["event"], params["agent"]) == ("Stop", "claude")
    assert os.getpid() in params["ancestors"]


async def test_a_server_that_never_answers_is_left(scene):
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(silent, scene.folder / "server.sock")
    started = asyncio.get_running_loop().time()
    assert await run(STOP, scene.folder) == (0, b"")
    assert asyncio.get_running_loop().time() - started >= SECONDS - 0.5  # the control: it did wait
    server.close()


async def test_a_server_that_answers_rubbish_is_left(scene):
    async def rubbish(_reader, writer):
        writer.write(b"\xff" * 64)
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(rubbish, scene.folder / "server.sock")
    assert await run(STOP, scene.folder) == (0, b"")
    server.close()
