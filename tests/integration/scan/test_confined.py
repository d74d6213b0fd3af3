"""The process that scans: what it may do, and what becomes of a scan when it does not do its work."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from scanned.making import write
from scanned.malicious import MALICIOUS

import yesman
from yesman import process
from yesman.model.errors import AuthorError
from yesman.package.folder import digest_folder
from yesman.sandbox.interpreter import base_python, interpreter_paths
from yesman.scan.confined import Known, Scans
from yesman.scan.model import Outcome, Verdict
from yesman.scan.rules_table import SCANNERS

SAID = "import sys, json; job = json.load(sys.stdin); say = lambda it: print(json.dumps(it)); "
DONE = [{"name": name, "state": "done"} for name in SCANNERS]


def standing_in(code: str, seconds: float = 60.0) -> Scans:
    """Scans by a program of the test's in place of ours."""
    return Scans(argv=(str(base_python()), "-I", "-S", "-c", SAID + code), seconds=seconds)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "plugin", {})


async def test_a_sound_plugin_passes_in_its_own_process(folder):
    scan = await Scans().scan(folder)
    assert (scan.verdict, scan.findings) == (Verdict.PASSED, ())
    assert scan.content == digest_folder(folder)


@pytest.mark.parametrize("name", ["reverse shell", "code in variation selectors", "a Linux program"])
async def test_a_malicious_one_is_refused(tmp_path, name):
    assert (await Scans().scan(write(tmp_path, MALICIOUS[name]))).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os; os.kill(os.getpid(), 9)", "it was killed"),
        ("import os; os.abort()", "it ended with -6"),
        ("sys.exit(3)", "it ended with 3"),
        ("x = bytearray(1 << 60)", "MemoryError"),
        ("pass", "it said what cannot be understood"),
        ("print('[' * 100000)", "it said what cannot be understood"),
        ("sys.stdout.buffer.write(b'\\xff' * 99)", "it said what cannot be understood"),
        ("say({'content': 'sha256:0', 'scanners': []})", "the content changed while it was scanned"),
    ],
)
async def test_whoever_ends_otherwise_is_not_believed(folder, code, why):
    scan = await standing_in(code).scan(folder)
    assert scan.verdict is Verdict.QUARANTINED
    assert {(each.outcome, each.why) for each in scan.scanners} == {(Outcome.FAILED, why)}


async def test_whoever_does_not_end_is_killed(folder):
    scan = await standing_in("import time; time.sleep(600)", seconds=1.0).scan(folder)
    assert scan.verdict is Verdict.QUARANTINED
    assert "did not finish" in scan.scanners[0].why


async def test_whoever_talks_without_end_is_killed(folder):
    scan = await standing_in("exec('while True: print(str(job) * 999)')").scan(folder)
    assert scan.verdict is Verdict.QUARANTINED
    assert "printed more than" in scan.scanners[0].why


async def test_a_report_that_leaves_something_out_is_no_pass(folder):
    content = digest_folder(folder)
    whole = await standing_in(f"say({ {'content': content, 'scanners': DONE} })").scan(folder)
    assert whole.verdict is Verdict.PASSED  # the control
    part = await standing_in(f"say({ {'content': content, 'scanners': DONE[1:]} })").scan(folder)
    assert (part.verdict, part.outcome("rules")) == (Verdict.QUARANTINED, Outcome.FAILED)


async def test_who_waits_may_be_cancelled(folder):
    task = asyncio.create_task(standing_in("import time; time.sleep(600)").scan(folder))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_same_content_is_not_scanned_twice(folder, tmp_path):
    first = await Scans(tmp_path / "kept").scan(folder)
    again = Scans(tmp_path / "kept", argv=("/bin/false",))
    assert await again.scan(folder) == first
    assert (
        await Scans(tmp_path / "kept", Known(plugins=("x",)), argv=("/bin/false",)).scan(folder)
    ).verdict is Verdict.QUARANTINED
    write(folder, "X = 1\n")
    assert (await again.scan(folder)).verdict is Verdict.QUARANTINED  # it was asked, and is no scanner


async def test_what_is_kept_is_believed_only_whole(folder, tmp_path):
    kept = tmp_path / "kept"
    await Scans(kept).scan(folder)
    for path in kept.iterdir():
        path.write_bytes(path.read_bytes()[:-9] + b"nonsense!")
    scan = await Scans(kept).scan(folder)
    assert scan.verdict is Verdict.PASSED


async def test_a_failure_is_not_kept(folder, tmp_path):
    await Scans(tmp_path / "kept", argv=("/bin/false",)).scan(folder)
    assert (await Scans(tmp_path / "kept").scan(folder)).verdict is Verdict.PASSED


async def test_what_is_no_plugin_is_said_to_be_none(tmp_path, folder):
    with pytest.raises(AuthorError):
        await Scans().scan(tmp_path)
    (folder / "src" / "link").symlink_to("/etc/passwd")
    with pytest.raises(AuthorError):
        await Scans().scan(folder)


ATTEMPTS = """
import importlib.util, json, os, socket, sys
package, folder, confined = sys.argv[1:4]
places = {"submodule_search_locations": [package]}
spec = importlib.util.spec_from_file_location("yesman", package + "/__init__.py", **places)
module = sys.modules["yesman"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from yesman.model.limits import Limits
from yesman.sandbox.reader import confine_reader
server = socket.create_server(("127.0.0.1", 0)); address = server.getsockname()
if confined == "yes":
    paths = json.loads(sys.argv[4])
    confine_reader([folder], parent=os.getppid(), interpreter=paths, limits=Limits(data_bytes=256 << 20))
def attempt(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
def fork():
    if os.fork() == 0: os._exit(0)
print(json.dumps({
    "reads the plugin": attempt(lambda: open(folder + "/plugin.yaml")),
    "reads elsewhere": attempt(lambda: open(package + "/__init__.py")),
    "lists the root": attempt(lambda: os.listdir("/")),
    "writes to the plugin": attempt(lambda: open(folder + "/src/x", "w")),
    "writes to tmp": attempt(lambda: os.close(os.open(folder + "/../x", os.O_CREAT | os.O_WRONLY))),
    "connects": attempt(lambda: socket.create_connection(address)),
    "sends a datagram": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "forks": attempt(fork),
    "runs a program": attempt(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "signals its parent": attempt(lambda: os.kill(os.getppid(), 0)),
    "takes 512 MiB": attempt(lambda: bytearray(512 << 20)),
    "keeps descriptors": attempt(lambda: os.fstat(server.fileno())),
}))
"""


async def attempted(folder: Path, confined: str) -> dict[str, str]:
    package, paths = str(Path(yesman.__file__).parent), json.dumps(interpreter_paths())
    argv = [str(base_python()), "-I", "-S", "-c", ATTEMPTS, package, str(folder), confined, paths]
    ended = await process.run(argv, cwd=Path("/"), env=dict(os.environ), timeout=60)
    assert ended.returncode == 0, ended.stderr.decode()
    return json.loads(ended.stdout)


async def test_the_process_reads_the_plugin_and_does_nothing_else(folder):
    free = await attempted(folder, "no")
    assert set(free.values()) == {"done"}
    shut = await attempted(folder, "yes")
    assert {name for name, said in shut.items() if said == "done"} == {"reads the plugin"}


def test_the_interpreter_is_that_of_plugins():
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in interpreter_paths()[0]
