"""What a plugin keeps on the disk counts, in whatever form, and too much ends it."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from yesman.host.quota import Quota
from yesman.model.errors import PluginFailedError
from yesman.model.limits import MIB
from yesman.runtime.aside import NAME
from yesman.runtime.disk import DiskWatch, measure
from yesman.runtime.exceeded import too_much_disk

ALLOWED = 8 * MIB
START = "import os, time; os.chdir(self.context.data_dir)\n"
WAIT = "\ntime.sleep(60)"
WAYS = {
    "one file": "open('big', 'wb').write(bytes(16 << 20))",
    "temporary": "import tempfile\nopen(tempfile.mktemp(), 'wb').write(bytes(16 << 20))",
    "many empty files": "for n in range(4000): open(f'f{n}', 'w').close()",
    "many folders": "for n in range(4000): os.mkdir(f'd{n}')",
    "names of one file": "open('a', 'w').close()\nfor n in range(4000): os.link('a', f'a{n}')",
    "symbolic links": "for n in range(4000): os.symlink('x', f'l{n}')",
    "unlinked": "f = open('big', 'wb'); os.unlink('big'); f.write(bytes(16 << 20)); f.flush()",
    "unlinked and mapped": """
import mmap
with open('big', 'wb+') as f:
    f.write(bytes(16 << 20))
    m = mmap.mmap(f.fileno(), 4096)
os.unlink('big')
""",
    "mapped in C": """
import ctypes
f = os.open('big', os.O_RDWR | os.O_CREAT)
os.write(f, bytes(16 << 20))
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
assert libc.mmap(None, 4096, 3, 1, f, ctypes.c_long(0)) != ctypes.c_void_p(-1).value
os.close(f)
os.unlink('big')
""",
    "reserved": "os.posix_fallocate(os.open('big', os.O_RDWR | os.O_CREAT), 0, 16 << 20)",
    "a folder nobody may read": "os.mkdir('x', 0o300); open('x/big', 'wb').write(bytes(16 << 20))",
    "a folder nobody may search": """
os.mkdir('x')
f = open('x/big', 'wb')
os.chmod('x', 0o600)
f.write(bytes(16 << 20)); f.flush()
""",
    "deep down": """
import ctypes
for _ in range(100):
    os.mkdir('d' * 200); os.chdir('d' * 200)
os.write(ctypes.CDLL(None).creat(b'big', 0o600), bytes(16 << 20))
""",
}
PASS = {
    "little": "open('small', 'wb').write(bytes(1 << 20))",
    "sparse": "os.truncate(os.open('sparse', os.O_RDWR | os.O_CREAT), 200 << 20)",
    "one file by many names": """
open('a', 'wb').write(bytes(4 << 20))
for n in range(100): os.link('a', f'a{n}')
""",
    "written and removed": """
for n in range(4):
    open('a', 'wb').write(bytes(3 << 20)); os.unlink('a')
""",
}


@pytest.fixture
def small(limits):
    return limits(disk_bytes=ALLOWED)


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_keeps_too_much_is_ended(rig, small, way):
    plugin = await rig.start(rig.command(START + WAYS[way] + WAIT), limits=small)
    with pytest.raises(
        PluginFailedError, match="own folders hold more than the 8 MiB that they may"
    ) as caught:
        await rig.go(plugin)
    assert caught.value.failure == "disk"
    assert "yesman plugin limits demo disk=16MiB" in caught.value.next_step
    assert plugin.policy.data in caught.value.next_step
    assert "--purge" in caught.value.next_step


@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"deep down"}))
async def test_the_same_passes_when_the_user_allows_it(rig, limits, way):
    body = START + WAYS[way] + "\ntime.sleep(1.5)\nreturn 'done'"
    assert await rig.run(body, limits=limits(disk_bytes=512 * MIB)) == "done"


@pytest.mark.parametrize("way", PASS)
async def test_what_takes_no_room_does_not_count(rig, small, way):
    assert await rig.run(START + PASS[way] + "\ntime.sleep(1.5)\nreturn 'done'", limits=small) == "done"


MAPPINGS = """
import ctypes
for _ in range(12):
    os.mkdir('\\n' * 200); os.chdir('\\n' * 200)
f = os.open('f', os.O_RDWR | os.O_CREAT); os.write(f, bytes(8192))
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
for _ in range({}): assert libc.mmap(None, 4096, 1, 1, f, ctypes.c_long(0)) != ctypes.c_void_p(-1).value
"""


async def test_whoever_has_more_mappings_than_can_be_looked_through_is_ended(rig, small):
    with pytest.raises(PluginFailedError, match="cannot be told: it has more mappings than") as caught:
        await rig.run(START + MAPPINGS.format(30_000) + WAIT, limits=small)
    assert caught.value.failure == "disk"
    assert "yesman plugin limits demo disk=none" in caught.value.next_step


async def test_whoever_has_fewer_is_not(rig, small):
    body = START + MAPPINGS.format(500) + "\ntime.sleep(1.5)\nreturn 'done'"
    assert await rig.run(body, limits=small) == "done"


@pytest.fixture
def slow(tmp_path, limits):
    """A policy whose folder takes about a second to measure."""
    for number in range(40_000):
        (tmp_path / str(number)).touch()
    return SimpleNamespace(data=str(tmp_path), tmp=str(tmp_path), limits=limits(disk_bytes=1024 * MIB))


@pytest.fixture
def account():
    return SimpleNamespace(pid=os.getpid(), others=())


def at_work():
    return any(thread.name == NAME for thread in threading.enumerate())


async def test_nobody_waits_longer_than_a_turn_for_another(slow, account, eventually, monkeypatch):
    monkeypatch.setattr("yesman.runtime.disk.TURN_SECONDS", 0.05)
    turn = asyncio.Lock()
    measuring = asyncio.ensure_future(DiskWatch(slow, account, turn).exceeded())
    await eventually(lambda: turn.locked() or at_work())
    await eventually(lambda: not turn.locked())
    assert at_work()
    measuring.cancel()
    await eventually(lambda: not at_work())


async def test_the_end_of_a_plugin_ends_measuring_it(slow, account, eventually):
    turn = asyncio.Lock()
    measuring = asyncio.ensure_future(DiskWatch(slow, account, turn).exceeded())
    await eventually(at_work)
    measuring.cancel()
    await asyncio.wait({measuring})
    assert not turn.locked()
    await eventually(lambda: not at_work())


async def test_what_cannot_be_measured_before_a_start_keeps_from_starting(slow, monkeypatch):
    quota = Quota()
    quota.note("demo", SimpleNamespace(exceeded=too_much_disk(1, slow.limits, (slow.data,))))
    monkeypatch.setattr("yesman.host.quota.TURN_SECONDS", 0.0001)
    with pytest.raises(PluginFailedError, match=r"is not started: .* takes longer than"):
        await quota.check("demo", slow)
    monkeypatch.undo()
    quota.note("demo", SimpleNamespace(exceeded=too_much_disk(1, slow.limits, (slow.data,))))
    await quota.check("demo", slow)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, small):
    (tmp_path / "own").mkdir()
    (tmp_path / "big").write_bytes(bytes(16 * MIB))
    (tmp_path / "own/link").symlink_to(tmp_path / "big")
    (tmp_path / "own/folder").symlink_to(tmp_path)
    assert not measure([str(tmp_path / "own")], small).full
    assert measure([str(tmp_path)], small).full


def test_measuring_ends_when_it_is_too_much_already(tmp_path, small):
    for number in range(5000):
        (tmp_path / str(number)).touch()
    assert measure([str(tmp_path)], small).entries < 5000


def test_measuring_leaves_no_descriptor_open(tmp_path, small):
    for number in range(5000):
        (tmp_path / f"d/{number}").mkdir(parents=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert measure([str(tmp_path)], small).full
    assert len(list(Path("/proc/self/fd").iterdir())) == before
