"""Real plugins for tests: folders made on the fly, run in the real sandbox by a real zygote."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import uvloop

from yesman.host.recorder import Recorder
from yesman.host.services import PluginServices
from yesman.model.limits import Limits
from yesman.model.permissions import parse_permission
from yesman.runtime.grants_policy import Machine, Places, decide
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.template import Template
from yesman.runtime.witness import Witness
from yesman.runtime.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from yesman.runtime.dialling import Dialer
    from yesman.runtime.names import Resolver
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.peer import Services
    from yesman.runtime.plugin import Origin
    from yesman.sandbox.policy import Policy

DEADLINE_SECONDS = 20.0
TERMINAL = {"terminal": {"in": False, "out": False, "err": False}, "columns": 80, "lines": 24}
SHORT = Limits(load_seconds=1.5, cancel_seconds=0.3, hook_seconds=0.5)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run these tests on the loop that servers have."""
    return {"uvloop": _new_loop}


def _new_loop() -> asyncio.AbstractEventLoop:
    loop = uvloop.new_event_loop()
    loop.set_exception_handler(_cut_short)
    return loop


def _cut_short(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """End a test that has been going on for too long, which uvloop would only write down and go on."""
    overdue = context.get("exception")
    if not isinstance(overdue, pytest.fail.Exception):
        loop.default_exception_handler(context)
        return
    for task in asyncio.all_tasks(loop):
        task.cancel(str(overdue))


async def until(met: Callable[[], Any], what: str = "the condition") -> Any:
    """Wait until ``met()`` is true and return it; fail after the deadline."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not (value := met()):  # noqa: ASYNC110 - of other processes there is no event
                await asyncio.sleep(0.005)
    except TimeoutError:
        pytest.fail(f"{what} did not come about")
    return value


class Terminal:
    """Who waits for a command: keeps what is printed; ``full`` makes it a slow reader."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self.pieces = 0
        self.full = False
        self._room = asyncio.Event()

    def output(self, stream: str, text: bytes) -> bool:
        self.pieces += 1
        getattr(self, stream).extend(text)
        return not self.full

    async def drained(self) -> None:
        await self._room.wait()

    def drain(self) -> None:
        self.full = False
        self._room.set()


class EchoServices:
    """Answers every call with its own parameters, a little later, as real services do."""

    async def serve(self, method: str, params: dict[str, Any], _cause: Any) -> tuple[Any, bytes]:
        await asyncio.sleep(0.001)
        return {"method": method, "params": params}, b""


class Networked:
    """Any services, with the host's own answers about names and connections."""

    def __init__(self, services: Services, network: PluginNetwork) -> None:
        nothing: Any = None
        self._services = services
        self._host = PluginServices("demo", tuple, nothing, nothing, nothing, network, Recorder())

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
        answering = self._host if method.startswith("net.") else self._services
        return await answering.serve(method, params, cause)


class Rig:
    """A zygote, a folder to make plugins in, and everything they logged."""

    def __init__(self, folder: Path) -> None:
        self.zygote = Zygote()
        self.folder = folder.resolve()
        self.logged: list[tuple[int, str]] = []
        self.refused: list[tuple[str, int, str]] = []
        self.services: Services = EchoServices()
        self.resolver: Resolver | None = None
        self.dialer: Dialer | None = None
        self.networks: list[PluginNetwork] = []
        self.plugins: list[LivePlugin] = []
        self.packages = ""
        self._made = 0

    def write(self, source: str | None, **files: str) -> Path:
        """Make a plugin folder whose ``src/main.py`` is ``source``; returns its root."""
        self._made += 1
        root = self.folder / f"plugin{self._made}"
        for name in ("code/src", "data", "tmp"):
            (root / name).mkdir(parents=True)
        texts = {"__init__": "", **files} | ({} if source is None else {"main": source})
        for name, text in texts.items():
            (root / "code/src" / f"{name}.py").write_text(textwrap.dedent(text), "utf-8")
        return root

    def policy(self, root: Path, *grants: str, limits: Limits = SHORT) -> Policy:
        """Return the policy of the plugin in ``root`` with ``grants``."""
        places = Places(str(root / "code"), self.packages, str(root / "data"), str(root / "tmp"))
        machine = Machine(str(self.folder / "home"), str(self.folder / "state"), ("/usr/bin",))
        permissions = tuple(parse_permission(text) for text in grants)
        return decide("demo", places, permissions, (), machine, limits=limits)

    async def start(
        self, source: str | None, *grants: str, limits: Limits = SHORT, config: Any = None, **files: str
    ) -> LivePlugin:
        """Make and load a plugin."""
        policy = self.policy(self.write(source, **files), *grants, limits=limits)
        return await self.load(policy, config=config)

    async def load(
        self,
        policy: Policy,
        *,
        config: Any = None,
        declared: Any = None,
        origin: Origin | None = None,
        learn: bool = False,
    ) -> LivePlugin:
        """Load the plugin of ``policy``, from a template if one is given."""
        plugin = await LivePlugin.start(
            origin or self.zygote,
            policy,
            config=config or {},
            declared=declared or {},
            learn=learn,
            **self._around(policy),
        )
        self.plugins.append(plugin)
        return plugin

    async def template(self, policy: Policy, *modules: str) -> Template:
        """Start a template for ``policy`` with ``modules`` imported."""
        template = await Template.start(self.zygote, policy, modules, **self._around(policy))
        self.plugins.append(template.live)
        return template

    def _around(self, policy: Policy) -> dict[str, Any]:
        granted = tuple(parse_permission(text) for text in policy.declared)
        networks = Networks(resolver=self.resolver, dialer=self.dialer)
        network = networks.of(policy.plugin, granted, policy.limits)
        self.networks.append(network)
        witness = Witness(
            lambda level, text: self.logged.append((level, text)),
            refused=lambda what, count, seen: self.refused.append((what, count, seen)),
        )
        return {
            "services": Networked(self.services, network),
            "network": network,
            "witness": witness,
        }

    async def go(self, plugin: LivePlugin, terminal: Terminal | None = None, **options: Any) -> Any:
        """Run the command ``go`` and return what its handler returned."""
        text = await plugin.command("go", options, TERMINAL, terminal or Terminal())
        return msgspec.json.decode(text)

    async def run(self, body: str, *grants: str, top: str = "", **more: Any) -> Any:
        """Make a plugin whose command ``go`` has ``body``, run it, and return the result."""
        return await self.go(await self.start(self.command(body, top=top), *grants, **more))

    @staticmethod
    def command(body: str, *, top: str = "", kind: str = "def") -> str:
        """Return a ``main.py`` with one command ``go``; ``kind`` may be ``async def``."""
        handler = textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
        return (
            "from yesman.plugins import CommandPlugin, PluginCommand\n"
            f"{textwrap.dedent(top)}\n"
            "class Demo(CommandPlugin):\n"
            "    def get_commands(self):\n"
            "        return [PluginCommand('go', 'does it', self.go)]\n"
            f"    {kind} go(self, **options):\n{handler}\n"
        )

    def log_text(self) -> str:
        """Everything logged so far."""
        return "\n".join(text for _, text in self.logged)

    async def close(self) -> None:
        """End every process."""
        for plugin in self.plugins:
            with contextlib.suppress(TimeoutError):
                await plugin.kill("the test is over")
        self.zygote.close()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    await made.close()


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def eventually() -> Callable[..., Any]:
    return until


@pytest.fixture
def limits() -> Callable[..., Limits]:
    """Short limits with some replaced."""
    return lambda **changes: dataclasses.replace(SHORT, **changes)


@pytest.fixture
def yesman(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run the command line against a private home; everything it started is ended afterwards."""
    home = Path(tempfile.mkdtemp(prefix="ym", dir="/tmp"))
    environment = {**os.environ, "YESMAN_HOME": str(home), "HOME": str(tmp_path)}

    def run(*arguments: str) -> str:
        argv = [sys.executable, "-m", "yesman", *arguments]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        yield run
    finally:
        run("server", "stop")
        subprocess.run(
            ["tmux", "-S", str(home / "tmux.sock"), "kill-server"], check=False, capture_output=True
        )
        subprocess.run(["chmod", "-R", "u+w", str(home)], check=True)
        shutil.rmtree(home)
