"""Runs every attempt once inside the sandbox and once outside it; the tests then read the answers.

Each attempt gets a plugin process of its own, so that one which works, or dies, spoils no other.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yesman.model.errors import PluginFailedError
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.zygote import Zygote
from yesman.sandbox.interpreter import base_python
from yesman.sandbox.policy import Policy
from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HERE = Path(__file__).parent
PLUGIN = """
from yesman.plugins import CommandPlugin, PluginCommand
from src import prelude

class Escape(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("go", "tries", self.go)]
    def go(self, code, targets):
        prelude.T.update(targets)
        return prelude.answer(code)
"""
CONTROL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import prelude
request = json.load(sys.stdin)
prelude.T.update(request["targets"])
print(json.dumps({name: prelude.control(code) for name, code in request["codes"].items()}))
"""
TERMINAL = {"terminal": {}, "columns": 80, "lines": 24}


def load(name: str) -> ModuleType:
    """Import a file of this folder by its path (tests are no package)."""
    spec = importlib.util.spec_from_file_location(f"escape_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TABLE = load("attempts")
HERE_TOO = [a for rows in TABLE.ATTEMPTS.values() for a in rows if a.machine in {"", os.uname().machine}]


class Nothing:
    """No services, no terminal."""

    async def serve(self, _method: str, _params: dict[str, Any], _cause: Any) -> tuple[Any, bytes]:
        return None, b""

    def output(self, _stream: str, _text: bytes) -> bool:
        return True

    async def drained(self) -> None:
        pass


@contextmanager
def scene(root: Path) -> Iterator[dict[str, Any]]:
    """Make what the attempts aim at: files, a listening port, a process, a terminal."""
    for name in ("code/src", "data", "tmp", "outside/empty"):
        (root / name).mkdir(parents=True)
    for name in ("secret", "spare", "doomed", "moved", "swap"):
        (root / "outside" / name).write_text("secret")
    (root / "code/src/victim.py").write_text("")
    (root / "code/src/__init__.py").write_text("")
    (root / "code/src/main.py").write_text(PLUGIN)
    shutil.copy(HERE / "prelude.py", root / "code/src/prelude.py")
    with ExitStack() as held:
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        local = held.enter_context(socket.socket(socket.AF_UNIX))
        local.bind("")
        local.listen()
        main, side = pty.openpty()
        held.callback(os.close, main)
        held.callback(os.close, side)
        victim = held.enter_context(subprocess.Popen(["sleep", "600"]))
        held.callback(victim.kill)
        yield {
            "outside": str(root / "outside"), "data": str(root / "data"), "code": str(root / "code"),
            "host": os.getpid(), "victim": victim.pid, "port": listener.getsockname()[1],
            "abstract": local.getsockname()[1:].decode(), "terminal": os.ttyname(side),
            "numbers": this_machine().numbers, "library": socket.__file__,
            "loader": f"/lib64/ld-linux-{os.uname().machine.replace('_', '-')}.so.2",
        }  # fmt: skip


def in_the_sandbox(root: Path) -> dict[str, str]:
    async def all_of_them() -> dict[str, str]:
        zygote = Zygote()
        try:
            return {attempt.name: await one(zygote, policy, attempt.code, targets) for attempt in HERE_TOO}
        finally:
            zygote.close()

    with scene(root) as targets:
        # The terminal is granted on purpose: what may be done to it must be refused all the same.
        policy = Policy(
            plugin="escape", code=targets["code"], packages="", data=targets["data"], tmp=str(root / "tmp"),
            write=(targets["terminal"],),
        )  # fmt: skip
        return asyncio.run(all_of_them())


async def one(zygote: Zygote, policy: Policy, code: str, targets: dict[str, Any]) -> str:
    plugin = await LivePlugin.start(
        zygote,
        policy,
        config={},
        declared={},
        services=Nothing(),
        network=Networks().of("escape"),
        log=lambda *_: None,
    )
    try:
        text = await plugin.command("go", {"code": code, "targets": targets}, TERMINAL, Nothing())
    except PluginFailedError as error:
        return error.message.partition(" died of ")[2].partition(" ")[0] or error.message
    finally:
        await plugin.kill("it has answered")
    return str(json.loads(text))


def without_it(root: Path) -> dict[str, str]:
    with scene(root) as targets:
        request = {"targets": targets, "codes": {attempt.name: attempt.code for attempt in HERE_TOO}}
        ended = subprocess.run(
            [str(base_python()), "-I", "-B", "-c", CONTROL, f"{targets['code']}/src"],
            input=json.dumps(request), capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    answers: dict[str, str] = json.loads(ended.stdout)
    return answers


@pytest.fixture(scope="session")
def confined(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The answer each attempt got inside the sandbox."""
    return in_the_sandbox(tmp_path_factory.mktemp("confined").resolve())


@pytest.fixture(scope="session")
def unconfined(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The answer each attempt got without a sandbox."""
    return without_it(tmp_path_factory.mktemp("unconfined").resolve())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the rows of the table that it is about."""
    if "attempt" in metafunc.fixturenames:
        metafunc.parametrize("attempt", HERE_TOO, ids=lambda attempt: attempt.name)
    if "compared" in metafunc.fixturenames:
        kinds = {TABLE.WORKS, TABLE.DIFFERS} | ({TABLE.ROOT} if os.geteuid() == 0 else set())
        rows = [a for a in HERE_TOO if a.control in kinds and a.confined != "done"]
        metafunc.parametrize("compared", rows, ids=lambda attempt: attempt.name)
