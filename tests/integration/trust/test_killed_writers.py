"""Two processes publish into one folder and are killed at any instant; a client reads all the while."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import registered
from registered.making import Operator, index

from yesman.trust.client import RegistryClient
from yesman.trust.storage import FolderStorage, fetch_from

PROGRAM = Path(__file__).with_name("writing.py")
ROUNDS = 4


@pytest.fixture
def place(tmp_path):
    operator = Operator(tmp_path, storage=FolderStorage(tmp_path / "files"))
    (tmp_path / "root.json").write_bytes(operator.root)
    return tmp_path, operator


def writer(folder, name):
    environment = os.environ | {"PYTHONPATH": str(Path(registered.__file__).parents[1])}
    command = [sys.executable, str(PROGRAM), str(folder), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def killed_after(writers, lines):
    """Let each writer say so many lines, kill it, and return all that was said."""
    said = []
    for process in writers:
        said += [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        said += process.stdout.read().split("\n")[:-1]
        process.stdout.close()
        process.wait()
    return said


def test_what_was_published_stays_and_what_was_not_is_not_seen(place):
    folder, operator = place
    client = RegistryClient(folder / "client", operator.root, fetch_from(operator.storage))
    published = []
    for number in range(ROUNDS):
        writers = [writer(folder, f"{name}-{number}") for name in ("one", "two")]
        said = [process.stdout.readline().strip() for process in writers]
        client.refresh()
        assert [client.index_of(name) for name in said] == list(map(index, said)), "read while both write"
        published += said + killed_after(writers, number + 1)
        client.refresh()
        assert all(client.index_of(name) == index(name) for name in published)
    operator.repository.publish(index("after"))
    client.refresh()
    assert client.index_of("after") == index("after")
    assert len(published) >= ROUNDS * (ROUNDS + 1)
    assert client.index_of("one-0-100000") is None
