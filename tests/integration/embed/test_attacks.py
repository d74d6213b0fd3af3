"""What a hostile function tries: nothing of the embedder's is within its reach."""

from __future__ import annotations

import asyncio
import builtins
import ctypes
import os
import socket
import tempfile
from pathlib import Path

import pytest

from yesman.embed.crossing import target
from yesman.embed.outcomes import as_builtin
from yesman.embed.policy import limits_of
from yesman.embed.runner import Runner
from yesman.model.errors import PermissionDeniedError, PluginFailedError

SECRET = "hunter2-of-the-embedder"  # noqa: S105 - no password of anybody's


def source_of(module):
    return Path(module.__file__)


async def test_the_embedders_environment_is_unreachable(sandbox, work, monkeypatch):
    monkeypatch.setenv("SECRET", SECRET)
    assert work.environment()["SECRET"] == SECRET  # the control: in the embedder it is there
    assert SECRET not in str(await sandbox.execute(work.environment))


async def test_the_embedders_open_files_are_unreachable(sandbox, work):
    with tempfile.TemporaryFile() as file:
        file.write(SECRET.encode())
        file.flush()
        os.set_inheritable(file.fileno(), True)
        assert SECRET in work.descriptors().values()  # the control
        found = await sandbox.execute(work.descriptors)
    assert SECRET not in str(found)
    assert set(map(int, found)) <= set(range(12))


async def test_the_embedders_memory_is_unreachable(sandbox, work):
    kept = ctypes.create_string_buffer(SECRET.encode())
    arguments = os.getpid(), ctypes.addressof(kept), len(SECRET)
    assert SECRET.encode().hex() in work.peek(*arguments)[-1]  # the control
    assert await sandbox.execute(work.peek, *arguments) == ["", "", "", ""]


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/hostname"])
async def test_files_are_unreachable_and_the_refusal_says_what_is_missing(sandbox, work, path):
    with pytest.raises(PermissionError) as refused:
        await sandbox.execute(work.read, path)
    assert refused.value.permission == f"filesystem.read:{path}"
    assert f"'filesystem.read:{path}'" in str(refused.value)


async def test_its_own_code_cannot_be_changed(sandbox, work):
    with pytest.raises(PermissionError):
        await sandbox.execute(work.write, work.__file__)
    assert source_of(work).read_text().startswith('"""Functions')


async def test_of_a_folder_without_a_package_only_the_one_file_is_open(sandbox, module, tmp_path):
    (tmp_path / "neighbour.py").write_text(f"KEY = {SECRET!r}\n")
    made = module("from pathlib import Path\ndef read(p):\n    return Path(p).read_text()\n")
    assert "def read" in await sandbox.execute(made.read, made.__file__)
    with pytest.raises(PermissionError):
        await sandbox.execute(made.read, str(tmp_path / "neighbour.py"))


async def test_the_network_is_closed(sandbox, work):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        work.connect(port)  # the control
        with pytest.raises(PermissionError, match=f"lacks permission 'network.internal:127.0.0.1:{port}'"):
            await sandbox.execute(work.connect, port)


@pytest.mark.parametrize("name", ["fork", "execute"])
async def test_no_process_can_be_made(sandbox, work, name):
    with pytest.raises(PermissionError, match=r"system\.execute"):
        await sandbox.execute(getattr(work, name))


async def test_a_modules_top_level_is_confined_as_well(sandbox, module):
    made = module(
        "import os\nif os.environ['HOME'].startswith('/tmp/yesman-function'):\n"
        "    open('/etc/passwd').read()\ndef work():\n    return 1\n"
    )
    with pytest.raises(PermissionError, match=r"filesystem\.read:/etc/passwd"):
        await sandbox.execute(made.work)


async def test_what_is_printed_without_end_delays_nobody(sandbox, work):
    flooding = asyncio.ensure_future(sandbox.execute(work.flood, timeout=1))
    while not flooding.done():
        assert await sandbox.execute(work.add, 1) == 2
    with pytest.raises(TimeoutError):
        await flooding


async def test_a_file_replaced_by_a_link_to_a_secret_opens_nothing(module, tmp_path):
    made = module("def work():\n    return 1\n")
    (tmp_path / "secret").write_text(f"{SECRET} is no Python\n")
    found = target(made.work)
    source_of(made).unlink()
    source_of(made).symlink_to(tmp_path / "secret")
    runner = Runner()
    try:
        with pytest.raises(PermissionDeniedError, match="symbolic link"):
            await runner.run(found, {"args": [], "kwargs": {}}, limits_of(100, 10, 50), 10)
    finally:
        runner.close()


async def test_a_file_that_lies_behind_a_link_opens_only_what_it_leads_to(
    sandbox, module, tmp_path, monkeypatch
):
    real = tmp_path / "real"
    real.mkdir()
    (real / "code.py").write_text("from pathlib import Path\ndef read(p):\n    return Path(p).read_text()\n")
    (real / "secret").write_text(SECRET)
    (tmp_path / "linked_by_a_test.py").symlink_to(real / "code.py")
    monkeypatch.syspath_prepend(tmp_path)
    linked = __import__("linked_by_a_test")
    assert "def read" in await sandbox.execute(linked.read, str(real / "code.py"))
    with pytest.raises(PermissionError):
        await sandbox.execute(linked.read, str(real / "secret"))


async def test_a_function_that_is_gone_from_its_file_is_not_replaced(sandbox, module):
    made = module("def work():\n    return 1\n")
    source_of(made).write_text("def other():\n    return 2\n")
    with pytest.raises(AttributeError, match="work"):
        await sandbox.execute(made.work)


@pytest.mark.parametrize(
    "name",
    ["SystemExit", "KeyboardInterrupt", "BaseException", "exit", "eval", "__import__", "No", "StopIteration"],
)
def test_only_ordinary_exceptions_are_made_of_what_a_process_says(name):
    made = as_builtin(PluginFailedError("said", raised=(name, "print('ran')")))
    assert type(made) is RuntimeError


def test_every_ordinary_exception_comes_back_as_itself_or_a_base_of_it():
    for name, kind in vars(builtins).items():
        if isinstance(kind, type) and issubclass(kind, Exception):
            made = as_builtin(PluginFailedError("said", raised=(name, "text")))
            assert issubclass(kind, type(made)) or type(made) is RuntimeError
