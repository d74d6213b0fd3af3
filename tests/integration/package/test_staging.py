"""Killed at any moment: whole or nothing; and a sweep never takes what is still in work."""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from yesman.package import digest_folder
from yesman.package.staging import discard, publish, staging, sweep

HOLD = """
import sys
from pathlib import Path
from yesman.package.staging import staging
with staging(Path(sys.argv[1])) as folder:
    print(folder.name, flush=True)
    sys.stdin.read()
"""

WORK = """
import asyncio, json, sys
from pathlib import Path
from yesman.package import Environments
root, python, environ = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
environments = Environments(root, root.parent / "cache", python, environ=environ)
async def work():
    while True:
        await environments.ensure(("alpha",), report=lambda line: None)
        print("made", flush=True)
        environments.collect(())
asyncio.run(work())
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "store"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process, tmp_path / "store" / process.stdout.readline().strip()
    process.kill()
    process.communicate()


def test_a_sweep_spares_the_living_and_takes_the_dead(holder):
    process, folder = holder
    sweep(folder.parent)
    assert folder.is_dir()
    process.send_signal(signal.SIGKILL)
    process.wait()
    sweep(folder.parent)
    assert not folder.exists()


def test_what_is_being_removed_is_taken_by_the_next_sweep(tmp_path):
    (tmp_path / ".trash-1" / "half").mkdir(parents=True)
    (tmp_path / ".trash-1").chmod(0o555)
    (tmp_path / "whole").mkdir()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def test_what_fails_before_it_is_published_leaves_nothing(tmp_path):
    def fail():
        with staging(tmp_path) as folder:
            (folder / "file").touch()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not list(tmp_path.iterdir())


def test_of_two_that_publish_the_same_name_the_first_is_kept(tmp_path):
    with staging(tmp_path) as first, staging(tmp_path) as second:
        (first / "first").touch()
        (second / "second").touch()
        assert publish(first, tmp_path / "name")
        assert not publish(second, tmp_path / "name")
    assert [path.name for path in (tmp_path / "name").iterdir()] == ["first"]
    discard(tmp_path / "name")
    discard(tmp_path / "name")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def worker(root, python, environ):
    """Start a process that makes and removes an environment for ever."""
    started = []

    def start():
        argv = [sys.executable, "-c", WORK, root, python, json.dumps(environ)]
        started.append(subprocess.Popen(argv, stdout=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


async def until_swept(environments, root):
    """Collect until nothing is left; a uv that outlived its parent may still be writing for a moment."""
    deadline = time.monotonic() + 20
    while environments.collect(()) or any(root.iterdir()):
        assert time.monotonic() < deadline, list(root.iterdir())
        await asyncio.sleep(0.01)


async def test_killed_at_any_moment_an_environment_is_whole_or_absent(house, environments, root, worker):
    house.add("alpha", files={f"alpha/m{number}.py": "x = 1\n" * number for number in range(40)})
    whole = await environments.ensure(("alpha",), report=lambda _line: None)
    expected = digest_folder(whole.path.parent)
    chance = random.Random(7)  # noqa: S311 - moments, no secrets
    seen, halves, kills = set(), 0, 0
    while kills < 20 or not (seen and halves):  # both moments must have been met, whatever chance says
        kills += 1
        process = worker()
        process.stdout.readline()
        await asyncio.sleep(chance.random() / 10)
        process.kill()
        process.wait()
        found = [path for path in root.iterdir() if re.fullmatch("[0-9a-f]{64}", path.name)]
        seen |= {digest_folder(path) for path in found}
        halves += len(list(root.iterdir())) - len(found)
    assert seen <= {expected}
    await until_swept(environments, root)
